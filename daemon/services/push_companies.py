"""Push companies to one CRM: claim, look again, send, note each outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, Permanent
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from daemon.db.moves import lease
from daemon.db.rows import PushRow
from daemon.db.store import Transaction
from daemon.domain.guards import Blocked
from daemon.domain.limits import CreationLimit, check_creation_limits
from daemon.domain.push_states import PushEvent, PushState
from daemon.requests import audit_form
from daemon.services.context import ServiceContext
from daemon.services.guards import Target, check_mirrors
from daemon.services.pauses import is_paused
from daemon.services.prepare_crm import PrepareCrm
from daemon.services.push_outcomes import PushOutcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPolicy:
    """How many companies may be created without a person; None: any number."""

    max_new_per_run: int | None = None
    max_new_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """How many pushes came to each end in one run, and what blocked it."""

    created: int = 0
    existed: int = 0
    rejected: int = 0
    unknown: int = 0
    postponed: int = 0
    held: int = 0
    blocked: Blocked | None = None
    fault: Fault | None = None

    def plus(self, **counts: int) -> "PushResult":
        """This result with so many more of each."""
        return replace(self, **{name: getattr(self, name) + n for name, n in counts.items()})


class PushCompanies:
    """The outbox of one connector."""

    def __init__(
        self,
        context: ServiceContext,
        target: Target,
        policy: Callable[[], PushPolicy],
        *,
        search_limits: Callable[[int], tuple[int | None, int | None]] = lambda _: (None, None),
    ) -> None:
        self._context = context
        self._target = target
        self._policy = policy
        self._search_limits = search_limits
        self._outcomes = PushOutcomes(context, target)
        self._prepare = PrepareCrm(context, target)
        self._result = PushResult()
        self._created_by_search: dict[int, int] = {}

    def run_once(self) -> PushResult:
        """Push until nothing is ready, or the CRM or a guard says stop."""
        self._result = PushResult()
        self._created_by_search = {}
        if not self._target.connector.capabilities.pushes:
            return self._result
        fault = self._prepare.run_once()
        if not self._prepare.is_done:
            return replace(self._result, fault=fault)
        while not self._context.stopping():
            claimed = self._claim()
            if not claimed:
                break
            fault = self._push(claimed)
            if fault is not None:
                if isinstance(fault, NeedsPerson):
                    self._prepare.forget()
                self._result = replace(self._result, fault=fault)
                break
        return self._result

    def _claim(self) -> list[PushRow]:
        """Commit that some companies are about to be sent; none while a guard says no."""
        now = self._context.now()
        name = self._target.name
        with self._context.store.transaction("push.claimed", now=now) as unit:
            if is_paused(unit, name, now=now):
                return []
            blocked = check_mirrors(unit, {name: self._target}, [name], now=now)
            if blocked is not None:
                self._result = replace(self._result, blocked=blocked)
                return []
            limit = max(1, self._target.connector.capabilities.batch_size)
            ready = unit.pushes.ready(name, PushState.PENDING, now=now, limit=limit)
            return [row for push in ready if (row := self._claim_one(unit, push)) is not None]

    def _claim_one(self, unit: Transaction, push: PushRow) -> PushRow | None:
        if self._held_already(unit, push):
            return None
        over = "" if push.approved_by else self._over_limit(unit, push)
        if over:
            unit.pushes.move(push, PushEvent.HELD, hold_reason=over)
            unit.audit.write("push.held", subject=push.company_key, push=push.id, reason=over)
            self._result = self._result.plus(held=1)
            return None
        held = lease(self._context.owner, self._context.lease_end())
        attempts = push.attempts + 1
        sent_at = unit.now
        state = unit.pushes.move(
            push, PushEvent.CLAIMED, attempts=attempts, sent_at=sent_at, **held
        )
        unit.audit.write(
            "push.claimed",
            subject=push.company_key,
            push=push.id,
            connector=push.connector,
            attempt=attempts,
        )
        return replace(
            push,
            state=state,
            attempts=attempts,
            sent_at=sent_at,
            lease_owner=self._context.owner,
        )

    def _held_already(self, unit: Transaction, push: PushRow) -> bool:
        """The mirror may have learned of the company since the decision."""
        record = self._outcomes.holder_in_mirror(unit, push)
        if record is None:
            return False
        rule = "deleted_by_person" if record.deleted_at else "in_mirror"
        unit.pushes.move(
            push,
            PushEvent.EXISTED,
            record_id=record.record_id,
            reason=rule,
            ended_at=unit.now,
        )
        unit.audit.write(
            "push.existed",
            subject=push.company_key,
            push=push.id,
            connector=push.connector,
            record=record.record_id,
            reason=rule,
        )
        self._result = self._result.plus(existed=1)
        return True

    def _over_limit(self, unit: Transaction, push: PushRow) -> str:
        """The name of the limit that this creation would break, or nothing."""
        policy = self._policy()
        day = unit.now - timedelta(days=1)
        per_run, per_day = self._search_limits(push.search_id)
        of_search = self._created_by_search.get(push.search_id, 0)
        created = self._result.created + self._result.unknown
        limits = (
            CreationLimit(code="max_new_per_run", limit=policy.max_new_per_run, used=created),
            CreationLimit(code="search_max_new_per_run", limit=per_run, used=of_search),
            _daily(unit, "max_new_per_day", policy.max_new_per_day, day, self._target.name, None),
            _daily(unit, "search_max_new_per_day", per_day, day, self._target.name, push.search_id),
        )
        over = check_creation_limits(limits, wanted=1)
        if not over:
            self._created_by_search[push.search_id] = of_search + 1
        return over

    def _push(self, claimed: Sequence[PushRow]) -> Fault | None:
        """Look each company up, send those that are nowhere, note what became of each."""
        with self._context.requests.collect() as requests:
            try:
                found = self._target.connector.lookup([_company(push) for push in claimed])
            except Fault as fault:
                # Nothing was sent yet: whatever went wrong, these may go out again later.
                return self._note_all(claimed, fault, audit_form(requests), sent=False)
        self._note_found(claimed, found, audit_form(requests))
        absent = [push for push, records in zip(claimed, found, strict=True) if not records]
        return self._send(absent) if absent else None

    def _send(self, pushes: Sequence[PushRow]) -> Fault | None:
        items = [item_of(push) for push in pushes]
        with self._context.requests.collect() as requests:
            try:
                outcomes = self._target.connector.push(items)
            except Fault as fault:
                return self._send_failed(pushes, fault, audit_form(requests))
        self._note_outcomes(pushes, outcomes, audit_form(requests))
        return None

    def _send_failed(
        self, pushes: Sequence[PushRow], fault: Fault, requests: list[dict[str, object]]
    ) -> Fault | None:
        if isinstance(fault, Permanent) and len(pushes) > 1:
            # The batch as a whole is refused: one by one, only the culprit is rejected.
            for push in pushes:
                broken = self._send([push])
                if broken is not None:
                    rest = pushes[pushes.index(push) + 1 :]
                    return self._note_all(rest, broken, [], sent=False) if rest else broken
            return None
        return self._note_all(pushes, fault, requests, sent=True)

    def _note_found(
        self,
        claimed: Sequence[PushRow],
        found: Sequence[Sequence[CrmRecord]],
        requests: list[dict[str, object]],
    ) -> None:
        hits = [(push, list(records)) for push, records in zip(claimed, found, strict=True)]
        hits = [(push, records) for push, records in hits if records]
        if hits:
            self._outcomes.note_found(hits, requests)
            self._result = self._result.plus(existed=len(hits))

    def _note_outcomes(
        self,
        pushes: Sequence[PushRow],
        outcomes: Sequence[Outcome],
        requests: list[dict[str, object]],
    ) -> None:
        self._outcomes.note(list(zip(pushes, outcomes, strict=True)), requests)
        for outcome in outcomes:
            self._result = self._result.plus(**{_COUNTED[outcome.kind]: 1})

    def _note_all(
        self,
        pushes: Sequence[PushRow],
        fault: Fault,
        requests: list[dict[str, object]],
        *,
        sent: bool,
    ) -> Fault | None:
        """One fault for all of them; gives it back when this CRM had better be left alone."""
        if sent and isinstance(fault, Ambiguous):
            outcome = Outcome.unknown(fault.message)
        elif sent and isinstance(fault, Permanent):
            outcome = Outcome.rejected(fault.message)
        else:
            outcome = Outcome.not_sent(fault.message)
        self._outcomes.note([(push, outcome) for push in pushes], requests, fault=fault)
        self._result = self._result.plus(**{_COUNTED[outcome.kind]: len(pushes)})
        return None if outcome.kind is OutcomeKind.REJECTED else fault


_COUNTED = {
    OutcomeKind.CREATED: "created",
    OutcomeKind.EXISTED: "existed",
    OutcomeKind.REJECTED: "rejected",
    OutcomeKind.UNKNOWN: "unknown",
    OutcomeKind.NOT_SENT: "postponed",
}


def _company(push: PushRow) -> CompanyRef:
    return CompanyRef(key=push.company_key, domain=push.domain, name=push.company_name)


def item_of(push: PushRow) -> PushItem:
    """The push as a connector gets it."""
    return PushItem(
        trace_id=push.trace_id,
        company=_company(push),
        fields=push.fields,
        properties=push.properties,
        sent_at=push.sent_at,
    )


def _daily(
    unit: Transaction,
    code: str,
    limit: int | None,
    since: datetime,
    connector: str,
    search_id: int | None,
) -> CreationLimit:
    if limit is None:
        return CreationLimit(code=code, limit=None, used=0)
    used = unit.pushes.created_since(since, connector=connector, search_id=search_id)
    return CreationLimit(code=code, limit=limit, used=used)
