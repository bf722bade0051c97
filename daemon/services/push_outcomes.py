"""What became of pushes: the state, the mirror, the audit row and the vendor's pause, together."""

from collections.abc import Sequence

from connectors.sdk.faults import Ambiguous, Fault, Permanent
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CrmRecord
from daemon.db.moves import NO_LEASE
from daemon.db.rows import HeldRecord, PushRow
from daemon.db.store import Transaction
from daemon.domain.pauses import Remedy
from daemon.domain.push_states import PushEvent
from daemon.domain.retries import decide_retry
from daemon.errors import StaleTransition
from daemon.services.context import ServiceContext
from daemon.services.guards import Target
from daemon.services.mirror_crm import mirrored
from daemon.services.pauses import pause_vendor, release_vendor, remedy_of

_EVENTS = {
    OutcomeKind.CREATED: (PushEvent.CREATED, "push.created"),
    OutcomeKind.EXISTED: (PushEvent.EXISTED, "push.existed"),
    OutcomeKind.REJECTED: (PushEvent.REJECTED, "push.rejected"),
    OutcomeKind.UNKNOWN: (PushEvent.REPLY_LOST, "push.doubted"),
    OutcomeKind.NOT_SENT: (PushEvent.NOT_SENT, "push.postponed"),
}


class PushOutcomes:
    """Notes outcomes for one connector."""

    def __init__(self, context: ServiceContext, target: Target) -> None:
        self._context = context
        self._target = target

    def holder_in_mirror(self, unit: Transaction, push: PushRow) -> HeldRecord | None:
        """The record of this CRM that has the company's key, or had it until a person acted.

        A merged record's company lives on in another; a deleted one counts unless the options say
        that it is to be made again.
        """
        held = unit.mirror.holders([self._target.name], [push.company_key])
        records = held.get(push.company_key, [])
        live = [record for record in records if record.deleted_at is None]
        if live:
            return live[0]
        forgets = self._target.options.recreate_deleted
        return next((one for one in records if one.merged_into or not forgets), None)

    def note_found(
        self,
        hits: Sequence[tuple[PushRow, Sequence[CrmRecord]]],
        requests: list[dict[str, object]],
    ) -> None:
        """The look-up just before sending found these companies in the CRM."""
        now = self._context.now()
        with self._context.store.transaction("push.found", now=now) as unit:
            for push, records in hits:
                unit.mirror.save_page(self._target.name, mirrored(records), now=now)
                outcome = Outcome.existed(records[0].record_id, reason="lookup")
                self._note_one(unit, push, outcome, requests)

    def note(
        self,
        outcomes: Sequence[tuple[PushRow, Outcome]],
        requests: list[dict[str, object]],
        *,
        fault: Fault | None = None,
    ) -> None:
        """Note one outcome for each; ``fault`` is what the whole request failed with."""
        with self._context.store.transaction("push.outcomes", now=self._context.now()) as unit:
            if fault is None:
                release_vendor(unit, self._target.name)
            elif not isinstance(fault, Permanent | Ambiguous):
                pause_vendor(unit, self._context, self._target.name, fault)
            burnt = fault is None or remedy_of(fault) is Remedy.REPEAT
            for push, outcome in outcomes:
                self._note_one(unit, push, outcome, requests, burnt=burnt)

    def adopt(
        self, unit: Transaction, push: PushRow, record_id: str, requests: list[dict[str, object]]
    ) -> None:
        """A push of unknown outcome turned out to have arrived."""
        unit.pushes.move(
            push, PushEvent.ADOPTED, record_id=record_id, ended_at=unit.now, reason="adopted"
        )
        self._remember(unit, push, record_id)
        unit.audit.write(
            "push.adopted",
            subject=push.company_key,
            push=push.id,
            connector=push.connector,
            record=record_id,
            requests=requests,
        )

    def _note_one(
        self,
        unit: Transaction,
        push: PushRow,
        outcome: Outcome,
        requests: list[dict[str, object]],
        *,
        burnt: bool = True,
    ) -> None:
        event, said = _EVENTS[outcome.kind]
        try:
            if outcome.kind is OutcomeKind.NOT_SENT:
                said = self._postpone(unit, push, outcome, burnt=burnt)
            else:
                unit.pushes.move(push, event, **self._values(unit, push, outcome))
        except StaleTransition:
            # Our lease ran out meanwhile: the resolver tells what became of it.
            said = "push.answered_late"
        if said == "push.created":
            self._remember(unit, push, outcome.record_id or "")
        unit.audit.write(
            said,
            subject=push.company_key,
            push=push.id,
            connector=push.connector,
            record=outcome.record_id,
            outcome=outcome.kind.value if said == "push.answered_late" else None,
            reason=outcome.reason or None,
            warnings=list(outcome.warnings) or None,
            requests=requests,
        )

    def _values(self, unit: Transaction, push: PushRow, outcome: Outcome) -> dict[str, object]:
        values: dict[str, object] = {**NO_LEASE, "reason": outcome.reason}
        if outcome.kind is OutcomeKind.UNKNOWN:
            settling = self._target.connector.capabilities.settling
            values["next_attempt_at"] = (push.sent_at or unit.now) + settling
        else:
            values |= {"ended_at": unit.now, "record_id": outcome.record_id}
        return values

    def _postpone(self, unit: Transaction, push: PushRow, outcome: Outcome, *, burnt: bool) -> str:
        """Certainly not sent: later again, or to a person after too many attempts."""
        retry = decide_retry(
            self._context.retries,
            attempt=push.attempts if burnt else 1,
            now=unit.now,
            spread=self._context.random.random(),
        )
        if retry.at is None:
            unit.pushes.move(
                push,
                PushEvent.GAVE_UP,
                hold_reason="gave_up",
                reason=outcome.reason,
                **NO_LEASE,
            )
            return "push.gave_up"
        unit.pushes.move(
            push,
            PushEvent.NOT_SENT,
            reason=outcome.reason,
            next_attempt_at=outcome.retry_at or retry.at,
            attempts=push.attempts - (0 if burnt else 1),
            **NO_LEASE,
        )
        return "push.postponed"

    def _remember(self, unit: Transaction, push: PushRow, record_id: str) -> None:
        """What we have just created counts as held from this moment on."""
        fields = push.fields
        record = CrmRecord(
            record_id=record_id,
            name=push.company_name,
            websites=(push.domain or str(fields.get("website") or ""),),
            key=push.company_key,
            country=_text(fields.get("country")),
            city=_text(fields.get("city")),
            description=_text(fields.get("description")),
            created_at=unit.now,
            modified_at=unit.now,
        )
        unit.mirror.save_created(
            self._target.name, mirrored([record])[0], push_id=push.id, now=unit.now
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
