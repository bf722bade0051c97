"""After the settling time, look each creation up again: has a second record appeared?"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.sdk.faults import Ambiguous, Fault, Permanent
from connectors.sdk.records import CompanyRef, CrmRecord
from daemon.db.duplicates import DuplicateRow
from daemon.db.rows import PushRow
from daemon.db.store import Transaction
from daemon.domain.duplicate_states import DuplicateEvent, DuplicateState
from daemon.domain.duplicates import (
    MergePolicy,
    MergeRule,
    RecordFacts,
    SentFacts,
    propose_merge,
)
from daemon.domain.hostnames import domain_keys
from daemon.errors import StaleTransition
from daemon.requests import audit_form
from daemon.services.context import ServiceContext
from daemon.services.guards import Target
from daemon.services.merge_records import MergeRecords, is_live
from daemon.services.mirror_crm import mirrored
from daemon.services.pauses import is_paused, pause_vendor

RACE = timedelta(minutes=1)
"""Who added the same company so soon after us is seen, too, once his record has settled."""
TEXTS = ("country", "city", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileResult:
    """How many creations were looked at, and what was found."""

    checked: int = 0
    found: int = 0
    missing: int = 0
    merged: int = 0
    gone: int = 0
    fault: Fault | None = None


class Reconcile:
    """The second look at what was created in one CRM."""

    def __init__(self, context: ServiceContext, target: Target) -> None:
        self._context = context
        self._target = target
        self._merges = MergeRecords(context, target)
        self._result = ReconcileResult()

    def run_once(self) -> ReconcileResult:
        """Look at every creation that has settled, and go on with pairs that wait."""
        self._result = ReconcileResult()
        if not self._target.connector.capabilities.mirrors:
            return self._result  # what cannot be read cannot be looked at again
        try:
            self._go_on()
        except Fault as fault:
            now = self._context.now()
            with self._context.store.transaction("reconcile.fault", now=now) as unit:
                pause_vendor(unit, self._context, self._target.name, fault)
            self._result = replace(self._result, fault=fault)
        return self._result

    def _go_on(self) -> None:
        self._close_vanished()
        seen: set[int] = set()
        while not self._context.stopping():
            pushes = [push for push in self._due() if push.id not in seen]
            if not pushes:
                break
            seen |= {push.id for push in pushes}
            self._check(pushes)
        for pair in self._expired():
            with suppress(StaleTransition):  # another replica was faster
                self._merges.read_back(pair)
        for pair in self._automatic():
            if self._context.stopping():
                break
            self._merge_own(pair)

    def _due(self) -> list[PushRow]:
        """Creations that have settled, then those that the mirror shows a second record for."""
        now = self._context.now()
        name = self._target.name
        capabilities = self._target.connector.capabilities
        size = max(1, capabilities.batch_size)
        with self._context.store.reading(now=now) as unit:
            if is_paused(unit, name, now=now):
                return []
            before = now - capabilities.settling - RACE
            due = unit.pushes.to_reconcile(name, before=before, limit=size)
            if due:
                return due
            suspects = unit.duplicates.suspects(name, limit=size)
            found = [unit.pushes.get(push_id) for push_id in suspects]
            return [push for push in found if push is not None]

    def _check(self, pushes: Sequence[PushRow]) -> None:
        with self._context.requests.collect() as requests:
            holders = self._look_up(pushes)
        sent = audit_form(requests)
        with self._context.store.transaction("push.reconciled", now=self._context.now()) as unit:
            for push in pushes:
                self._note(unit, push, holders[push.id], sent)
                unit.pushes.set(push.id, reconciled_at=unit.now)
        self._result = replace(self._result, checked=self._result.checked + len(pushes))

    def _look_up(self, pushes: Sequence[PushRow]) -> dict[int, dict[str, CrmRecord]]:
        """The live records of each company, by id: by key and domain, and what the mirror knows."""
        connector = self._target.connector
        looked = connector.lookup([_ref(push) for push in pushes])
        found = {
            push.id: {record.record_id: record for record in records if _is_of(record, push)}
            for push, records in zip(pushes, looked, strict=True)
        }
        more = self._more_ids(pushes, found)
        read = connector.read(sorted(set().union(*more.values()))) if any(more.values()) else {}
        for push in pushes:
            for record_id in more[push.id]:
                record = read.get(record_id)
                if record is not None and is_live(record, record_id) and _is_of(record, push):
                    found[push.id][record_id] = record
        return found

    def _more_ids(
        self, pushes: Sequence[PushRow], found: Mapping[int, Mapping[str, CrmRecord]]
    ) -> dict[int, set[str]]:
        """Records that the look-up did not show: our own, and those that the mirror knows."""
        name = self._target.name
        keys = [push.company_key for push in pushes]
        with self._context.store.reading(now=self._context.now()) as unit:
            held = unit.mirror.holders([name], keys)
        ids: dict[int, set[str]] = {}
        for push in pushes:
            live = {
                record.record_id
                for record in held.get(push.company_key, ())
                if record.deleted_at is None
            }
            own = {push.record_id} if push.record_id else set()
            ids[push.id] = (live | own) - found[push.id].keys()
        return ids

    def _note(
        self,
        unit: Transaction,
        push: PushRow,
        records: Mapping[str, CrmRecord],
        requests: list[dict[str, object]],
    ) -> None:
        ours = records.get(push.record_id or "")
        others = [record for record in records.values() if record is not ours]
        if ours is None:
            unit.audit.write(
                "push.record_gone",
                subject=push.company_key,
                push=push.id,
                connector=push.connector,
                record=push.record_id,
                others=[record.record_id for record in others] or None,
                requests=requests,
            )
            self._result = replace(self._result, missing=self._result.missing + 1)
            return
        for other in others:
            self._report(unit, push, ours, other, requests)

    def _report(
        self,
        unit: Transaction,
        push: PushRow,
        ours: CrmRecord,
        other: CrmRecord,
        requests: list[dict[str, object]],
    ) -> None:
        proposal = propose_merge(_facts(ours), _facts(other), _sent(push), self._policy())
        unit.mirror.save_page(push.connector, mirrored([other]), now=unit.now)
        pair_id = unit.duplicates.add(
            connector=push.connector,
            domain=push.company_key,
            push_id=push.id,
            record_id=ours.record_id,
            other_id=other.record_id,
            survivor_id=proposal.survivor_id,
            state=DuplicateState.OPEN,
            rule=proposal.rule.value,
            found_at=unit.now,
        )
        if pair_id is None:
            return
        unit.audit.write(
            "duplicate.found",
            subject=push.company_key,
            duplicate=pair_id,
            push=push.id,
            connector=push.connector,
            record=ours.record_id,
            other=other.record_id,
            survivor=proposal.survivor_id,
            rule=proposal.rule.value,
            requests=requests,
        )
        self._result = replace(self._result, found=self._result.found + 1)

    def _close_vanished(self) -> None:
        """One of the two is gone by somebody else's hand: nothing is left to decide."""
        with self._context.store.transaction("duplicate.gone", now=self._context.now()) as unit:
            for pair in unit.duplicates.vanished(self._target.name):
                unit.duplicates.move(pair, DuplicateEvent.VANISHED, ended_at=unit.now)
                unit.audit.write(
                    "duplicate.vanished",
                    subject=pair.domain,
                    duplicate=pair.id,
                    connector=pair.connector,
                )
                self._result = replace(self._result, gone=self._result.gone + 1)

    def _expired(self) -> list[DuplicateRow]:
        now = self._context.now()
        with self._context.store.reading(now=now) as unit:
            if is_paused(unit, self._target.name, now=now):
                return []
            return unit.duplicates.expired(self._target.name, now=now)

    def _automatic(self) -> list[DuplicateRow]:
        now = self._context.now()
        with self._context.store.reading(now=now) as unit:
            if is_paused(unit, self._target.name, now=now):
                return []
            return unit.duplicates.open_pairs(self._target.name, rule=MergeRule.OWN_UNTOUCHED)

    def _merge_own(self, pair: DuplicateRow) -> None:
        """Look once more, and merge only if our record is still as we sent it."""
        found = self._target.connector.read([pair.record_id, pair.other_id])
        ours, other = found.get(pair.record_id), found.get(pair.other_id)
        now = self._context.now()
        with self._context.store.reading(now=now) as unit:
            push = unit.pushes.get(pair.push_id)
        if push is None or ours is None or other is None:
            return  # one is gone: the mirror will tell
        proposal = propose_merge(_facts(ours), _facts(other), _sent(push), self._policy())
        if not proposal.is_automatic or proposal.survivor_id != pair.survivor_id:
            with self._context.store.transaction("duplicate.reviewed", now=now) as unit:
                unit.duplicates.set_rule([pair.id], proposal.rule, survivor_id=proposal.survivor_id)
            return
        try:
            self._merges.merge(pair)
        except (StaleTransition, Ambiguous, Permanent):
            return  # another replica has it, or it is read back later, or a person must look
        self._result = replace(self._result, merged=self._result.merged + 1)

    def _policy(self) -> MergePolicy:
        return MergePolicy(can_merge=self._target.connector.capabilities.can_merge)


def _ref(push: PushRow) -> CompanyRef:
    return CompanyRef(key=push.company_key, domain=push.domain, name=push.company_name)


def _is_of(record: CrmRecord, push: PushRow) -> bool:
    """Our own record is ours whatever a person made of it; others must have the key or domain."""
    return (
        record.record_id == push.record_id
        or record.key == push.company_key
        or push.company_key in domain_keys(record.websites)
    )


def _facts(record: CrmRecord) -> RecordFacts:
    return RecordFacts(
        record_id=record.record_id,
        name=record.name,
        domains=domain_keys(record.websites),
        key=record.key,
        created_at=record.created_at,
        modified_at=record.modified_at,
        texts={name: getattr(record, name) for name in TEXTS},
    )


def _sent(push: PushRow) -> SentFacts:
    fields = push.fields
    return SentFacts(
        key=push.company_key,
        name=str(fields.get("name") or push.company_name),
        domain=push.domain,
        sent_at=push.sent_at or push.created_at,
        texts={name: fields.get(name) for name in TEXTS},
    )
