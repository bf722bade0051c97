"""Merge a pair of records, or say that they are two; the intent is written before it is sent."""

from dataclasses import dataclass, replace

from connectors.sdk.faults import Ambiguous, Fault, Permanent
from connectors.sdk.records import CrmRecord
from daemon.db.duplicates import DuplicateRow
from daemon.db.moves import NO_LEASE, lease
from daemon.db.store import Transaction
from daemon.domain.duplicate_states import DuplicateEvent, DuplicateState
from daemon.domain.duplicates import MergeRule
from daemon.errors import ProspectdError, StaleTransition
from daemon.requests import audit_form
from daemon.services.context import ServiceContext
from daemon.services.guards import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The record that is left, and the one that went into it."""

    survivor_id: str
    lost_id: str


class MergeRecords:
    """Merges in one CRM."""

    def __init__(self, context: ServiceContext, target: Target) -> None:
        self._context = context
        self._target = target

    def merge(self, pair: DuplicateRow, *, actor: str | None = None) -> Merged:
        """Merge the one record into the other.

        Raises:
            Fault: the CRM did not do it, or we do not know; a later look finds out.
            StaleTransition: somebody else is at it.
        """
        begun = self._begin(pair, actor)
        with self._context.requests.collect() as requests:
            try:
                self._target.connector.merge(survivor_id=pair.survivor_id, lost_id=pair.lost_id)
            except Ambiguous:
                raise  # the row stays in MERGING: when its lease runs out, it is read back
            except Fault as fault:
                self._note_failure(begun, fault, audit_form(requests), actor)
                raise
        now = self._context.now()
        with self._context.store.transaction("duplicate.merged", now=now, actor=actor) as unit:
            note_merged(unit, begun, requests=audit_form(requests))
        return Merged(survivor_id=pair.survivor_id, lost_id=pair.lost_id)

    def read_back(self, pair: DuplicateRow) -> bool:
        """After a merge of unknown outcome: did it happen?

        Raises:
            Fault: the CRM does not answer.
        """
        found = self._target.connector.read([pair.survivor_id, pair.lost_id])
        merged = pair.survivor_id in found and not is_live(found.get(pair.lost_id), pair.lost_id)
        with self._context.store.transaction(
            "duplicate.read_back", now=self._context.now()
        ) as unit:
            if merged:
                note_merged(unit, pair, adopted=True)
            else:
                unit.duplicates.move(pair, DuplicateEvent.MERGE_FAILED, **NO_LEASE)
                unit.audit.write(
                    "duplicate.proved_unmerged",
                    subject=pair.domain,
                    duplicate=pair.id,
                    connector=pair.connector,
                )
        return merged

    def _begin(self, pair: DuplicateRow, actor: str | None) -> DuplicateRow:
        now = self._context.now()
        with self._context.store.transaction("duplicate.merging", now=now, actor=actor) as unit:
            held = lease(self._context.owner, self._context.lease_end())
            attempts = pair.attempts + 1
            state = unit.duplicates.move(
                pair, DuplicateEvent.MERGE_BEGUN, attempts=attempts, **held
            )
            unit.audit.write(
                "duplicate.merging",
                subject=pair.domain,
                duplicate=pair.id,
                connector=pair.connector,
                survivor=pair.survivor_id,
                lost=pair.lost_id,
                rule=pair.rule,
            )
        return replace(pair, state=state, attempts=attempts, lease_owner=self._context.owner)

    def _note_failure(
        self,
        pair: DuplicateRow,
        fault: Fault,
        requests: list[dict[str, object]],
        actor: str | None,
    ) -> None:
        now = self._context.now()
        with self._context.store.transaction("duplicate.failed", now=now, actor=actor) as unit:
            for_good = isinstance(fault, Permanent)
            unit.duplicates.move(
                pair,
                DuplicateEvent.MERGE_FAILED,
                reason=fault.message,
                rule=MergeRule.MERGE_FAILED.value if for_good else pair.rule,
                **NO_LEASE,
            )
            unit.audit.write(
                "duplicate.merge_failed",
                subject=pair.domain,
                duplicate=pair.id,
                connector=pair.connector,
                reason=fault.message,
                requests=requests,
            )


def is_live(record: CrmRecord | None, record_id: str) -> bool:
    """Whether a read of this id gave this record, and not the one that it went into."""
    return record is not None and record.record_id == record_id


def note_merged(
    unit: Transaction,
    pair: DuplicateRow,
    *,
    adopted: bool = False,
    requests: list[dict[str, object]] | None = None,
) -> None:
    """The CRM holds one record for the pair."""
    unit.duplicates.move(pair, DuplicateEvent.MERGED, ended_at=unit.now, reason="", **NO_LEASE)
    unit.mirror.tombstone(pair.connector, [pair.lost_id], now=unit.now, into=pair.survivor_id)
    unit.pushes.set(pair.push_id, record_id=pair.survivor_id)
    unit.audit.write(
        "duplicate.merged",
        subject=pair.domain,
        duplicate=pair.id,
        connector=pair.connector,
        survivor=pair.survivor_id,
        lost=pair.lost_id,
        rule=pair.rule,
        adopted=adopted or None,
        requests=requests,
    )


def find_pair(context: ServiceContext, duplicate_id: int) -> DuplicateRow:
    """The open pair with this number.

    Raises:
        ProspectdError: there is none, or it waits no longer.
    """
    with context.store.reading(now=context.now()) as unit:
        pair = unit.duplicates.get(duplicate_id)
    if pair is None:
        raise ProspectdError(f"There is no pair {duplicate_id}. Nothing was changed.")
    if pair.state is not DuplicateState.OPEN:
        raise ProspectdError(f"Pair {duplicate_id} is {pair.state.value}. Nothing was changed.")
    return pair


def choose_survivor(
    context: ServiceContext, pair: DuplicateRow, survivor_id: str, *, actor: str
) -> DuplicateRow:
    """The pair with the survivor that a person wants.

    Raises:
        ProspectdError: it is none of the two.
    """
    if survivor_id not in {pair.record_id, pair.other_id}:
        raise ProspectdError(
            f"Pair {pair.id} is of the records {pair.record_id} and {pair.other_id}; "
            f"{survivor_id} is none of them. Nothing was changed."
        )
    with context.store.transaction("duplicate.chosen", now=context.now(), actor=actor) as unit:
        unit.duplicates.set_rule([pair.id], MergeRule(pair.rule), survivor_id=survivor_id)
    return replace(pair, survivor_id=survivor_id)


def dismiss_pair(context: ServiceContext, duplicate_id: int, *, actor: str) -> DuplicateRow:
    """Two companies after all: nobody merges this pair, and it is not brought up again.

    Raises:
        ProspectdError: there is no such pair, or it waits no longer.
    """
    pair = find_pair(context, duplicate_id)
    try:
        with context.store.transaction(
            "duplicate.dismissed", now=context.now(), actor=actor
        ) as unit:
            unit.duplicates.move(pair, DuplicateEvent.DISMISSED, ended_at=unit.now)
            unit.audit.write(
                "duplicate.dismissed",
                subject=pair.domain,
                duplicate=pair.id,
                connector=pair.connector,
                records=[pair.record_id, pair.other_id],
            )
    except StaleTransition as error:
        raise ProspectdError(f"Pair {duplicate_id} was just moved on by somebody else.") from error
    return pair
