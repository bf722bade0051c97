"""How much work is left, and what holds it; a look over all tables."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from daemon.db.crm_tables import mirrors
from daemon.db.tables import pushes, results, searches, slots, tasks, vendors
from daemon.domain.push_states import PushState
from daemon.domain.task_states import TASKS, SlotState


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """A due slot that does not start, and why."""

    search: str
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedVendor:
    """A vendor that is left alone, and why."""

    name: str
    until: datetime
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedCrm:
    """A CRM to which something waits to be pushed, and why it may not be."""

    name: str
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLeft:
    """What is not at rest. Held pushes are at rest: they wait for a person."""

    slots: int
    tasks: int
    to_match: int
    pushes: int
    held_slots: tuple[HeldSlot, ...]
    paused: tuple[PausedVendor, ...]
    blocked: tuple[BlockedCrm, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do before the next due time."""
        return not (self.slots or self.tasks or self.to_match or self.pushes)


class OverviewRows:
    """Counts over the whole store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def work_left(self, *, now: datetime) -> WorkLeft:
        """Everything that moves, or would if it were not held."""
        moving = (PushState.PENDING, PushState.SENDING, PushState.UNKNOWN)
        busy = (SlotState.DUE, SlotState.ACTIVE)
        return WorkLeft(
            slots=self._count(select(func.count()).where(slots.c.state.in_(busy))),
            tasks=self._count(select(func.count()).where(tasks.c.state.not_in(TASKS.terminal))),
            to_match=self._count(select(func.count()).where(results.c.to_match)),
            pushes=self._count(select(func.count()).where(pushes.c.state.in_(moving))),
            held_slots=self._held_slots(),
            paused=self._paused(now),
            blocked=self._blocked(),
        )

    def _held_slots(self) -> tuple[HeldSlot, ...]:
        rows = self._connection.execute(
            select(searches.c.name, slots.c.held_code, slots.c.held_text)
            .join(searches, searches.c.id == slots.c.search_id)
            .where(slots.c.state.in_((SlotState.DUE, SlotState.ACTIVE)), slots.c.held_code != "")
            .order_by(searches.c.name)
        )
        return tuple(HeldSlot(search=name, code=code, text=text) for name, code, text in rows)

    def _blocked(self) -> tuple[BlockedCrm, ...]:
        waiting = select(pushes.c.connector).where(pushes.c.state == PushState.PENDING)
        rows = self._connection.execute(
            select(mirrors.c.connector, mirrors.c.blocked_code, mirrors.c.blocked_text)
            .where(mirrors.c.blocked_code != "", mirrors.c.connector.in_(waiting))
            .order_by(mirrors.c.connector)
        )
        return tuple(BlockedCrm(name=name, code=code, text=text) for name, code, text in rows)

    def _paused(self, now: datetime) -> tuple[PausedVendor, ...]:
        rows = self._connection.execute(
            select(vendors.c.name, vendors.c.paused_until, vendors.c.code, vendors.c.reason)
            .where(vendors.c.paused_until > now)
            .order_by(vendors.c.name)
        )
        return tuple(
            PausedVendor(name=name, until=until, code=code, reason=reason)
            for name, until, code, reason in rows
        )

    def _count(self, query: object) -> int:
        return int(self._connection.execute(query).scalar_one())  # type: ignore[call-overload]
