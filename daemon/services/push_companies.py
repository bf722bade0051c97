"""Push companies to one CRM: claim, look again, send, note each outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, Permanent
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from daemon.db.rows import PushRow
from daemon.domain.guards import Blocked
from daemon.requests import audit_form
from daemon.services.claim_pushes import ClaimPushes
from daemon.services.context import ServiceContext
from daemon.services.creation_limits import PushPolicy
from daemon.services.guards import Target
from daemon.services.prepare_crm import PrepareCrm
from daemon.services.push_outcomes import PushOutcomes


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
    ) -> None:
        self._context = context
        self._target = target
        self._outcomes = PushOutcomes(context, target)
        self._claims = ClaimPushes(context, target, policy, self._outcomes)
        self._prepare = PrepareCrm(context, target)
        self._result = PushResult()

    def run_once(self) -> PushResult:
        """Push until nothing is ready, or the CRM or a guard says stop."""
        self._result = PushResult()
        if not self._target.connector.capabilities.pushes:
            return self._result
        fault = self._prepare.run_once()
        if not self._prepare.is_done:
            return replace(self._result, fault=fault)
        while not self._context.stopping():
            claim = self._claims.claim()
            self._result = self._result.plus(existed=claim.existed, held=claim.held)
            if claim.is_empty:
                return replace(self._result, blocked=claim.blocked)
            fault = self._push(claim.pushes) if claim.pushes else None
            if fault is not None:
                if isinstance(fault, NeedsPerson):
                    self._prepare.forget()
                return replace(self._result, fault=fault)
        return self._result

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
        pushes = self._claims.renew(pushes)
        if not pushes:
            return None
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
