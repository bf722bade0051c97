"""Claim what is to be pushed: the guards, the limits, and the lease, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from daemon.db.moves import lease
from daemon.db.rows import PushRow
from daemon.db.store import Transaction
from daemon.domain.guards import Blocked
from daemon.domain.push_states import PushEvent, PushState
from daemon.services.context import ServiceContext
from daemon.services.creation_limits import CreationLimits, PushPolicy
from daemon.services.guards import Target, check_mirrors
from daemon.services.pauses import is_paused
from daemon.services.push_outcomes import PushOutcomes


@dataclass(slots=True, kw_only=True)
class Claim:
    """What may be sent now; how many were settled without sending; what blocks the rest."""

    pushes: list[PushRow] = field(default_factory=list)
    existed: int = 0
    held: int = 0
    blocked: Blocked | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ready."""
        return not (self.pushes or self.existed or self.held)


class ClaimPushes:
    """The claims on one connector's outbox."""

    def __init__(
        self,
        context: ServiceContext,
        target: Target,
        policy: Callable[[], PushPolicy],
        outcomes: PushOutcomes,
    ) -> None:
        self._context = context
        self._target = target
        self._policy = policy
        self._outcomes = outcomes

    def claim(self) -> Claim:
        """Commit that some companies are about to be sent; none while a guard says no."""
        now = self._context.now()
        name = self._target.name
        with self._context.store.transaction("push.claimed", now=now) as unit:
            if is_paused(unit, name, now=now):
                return Claim()
            blocked = self._check(unit)
            if blocked is not None:
                return Claim(blocked=blocked)
            unit.vendors.lock(name)
            size = max(1, self._target.connector.capabilities.batch_size)
            claim = Claim()
            limits = CreationLimits(unit, name, self._policy())
            for push in unit.pushes.ready(name, PushState.PENDING, now=now, limit=size):
                self._claim_one(unit, push, limits, claim)
            return claim

    def renew(self, pushes: Sequence[PushRow]) -> list[PushRow]:
        """Those that are still ours, just before they are sent, with a lease as if new.

        What took longer than the lease is the resolver's by now; sending it would be blind.
        """
        now = self._context.now()
        until = self._context.lease_end()
        with self._context.store.transaction("push.sending", now=now) as unit:
            return [
                replace(push, sent_at=now)
                for push in pushes
                if unit.pushes.renew(push, sent_at=now, until=until)
            ]

    def _check(self, unit: Transaction) -> Blocked | None:
        """What the mirror says; a block, and its end, is said once."""
        name = self._target.name
        blocked = check_mirrors(unit, {name: self._target}, [name], now=unit.now)
        before = unit.mirror.get(name).blocked_code
        if blocked is None:
            if before:
                unit.mirror.set(name, blocked_code="", blocked_text="")
                unit.audit.write("push.released", subject=name, was_blocked_for=before)
        elif blocked.code != before and (waiting := unit.pushes.pending(name)):
            unit.mirror.ensure(name)
            unit.mirror.set(name, blocked_code=blocked.code, blocked_text=blocked.text)
            unit.audit.write(
                "push.blocked",
                subject=name,
                code=blocked.code,
                reason=blocked.text,
                waiting=waiting,
            )
        return blocked

    def _claim_one(
        self, unit: Transaction, push: PushRow, limits: CreationLimits, claim: Claim
    ) -> None:
        if self._held_already(unit, push):
            claim.existed += 1
            return
        over = limits.check(push)
        if over:
            unit.pushes.move(push, PushEvent.HELD, hold_reason=over)
            unit.audit.write(
                "push.held",
                subject=push.company_key,
                push=push.id,
                connector=push.connector,
                reason=over,
            )
            claim.held += 1
            return
        limits.take(push)
        claim.pushes.append(self._take(unit, push))

    def _take(self, unit: Transaction, push: PushRow) -> PushRow:
        held = lease(self._context.owner, self._context.lease_end())
        attempts = push.attempts + 1
        state = unit.pushes.move(
            push, PushEvent.CLAIMED, attempts=attempts, sent_at=unit.now, **held
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
            sent_at=unit.now,
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
        return True
