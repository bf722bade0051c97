"""Rows of the outbox: one for a company and a connector, whatever finds the company again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, update

from daemon.db.inserts import insert_or_skip
from daemon.db.moves import move
from daemon.db.rows import PushRow
from daemon.db.tables import companies, pushes, results, tasks
from daemon.domain.push_states import PUSHES, PushEvent, PushState
from daemon.errors import StaleTransition

_FROM_COMPANY = {
    "company_key": companies.c.key.label("company_key"),
    "domain": companies.c.domain,
    "company_name": companies.c.name.label("company_name"),
}
_COLUMNS = tuple(
    _FROM_COMPANY[name] if name in _FROM_COMPANY else pushes.c[name] for name in PushRow.__slots__
)

_RENEWED = ("result_id", "search_id", "fields", "properties", "hold_reason")
"""What a later result brings anew to a push."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a search: a slot (``task_id`` is 0 then), or a task that has none."""

    slot_id: int | None
    task_id: int


class PushRows:
    """The outbox to the CRMs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, **values: Any) -> int | None:
        """A new push's id; None when the company is already on its way to this connector."""
        return self._connection.execute(
            insert_or_skip(self._connection, pushes).values(**values).returning(pushes.c.id)
        ).scalar()

    def begin_again(self, push: PushRow, **values: Any) -> int | None:
        """Send once more what a person deleted; its id, or None when somebody else was faster."""
        fresh = {"ended_at": None, "reconciled_at": None, "record_id": None, "attempts": 0}
        held = values.pop("state") is PushState.HELD
        kept = {name: value for name, value in values.items() if name in _RENEWED}
        try:
            state = self.move(push, PushEvent.RECREATED, **fresh, reason="", **kept)
            if held:
                again = replace(push, state=state, attempts=0)
                self.move(again, PushEvent.HELD, hold_reason=values["hold_reason"])
        except StaleTransition:
            return None
        return push.id

    def get(self, push_id: int) -> PushRow | None:
        """The push with this id."""
        found = self._many(_base().where(pushes.c.id == push_id))
        return found[0] if found else None

    def of_companies(self, connector: str, company_ids: Sequence[int]) -> dict[int, PushRow]:
        """The pushes that these companies have to this connector, by company."""
        rows = self._many(
            _base().where(pushes.c.connector == connector, pushes.c.company_id.in_(company_ids))
        )
        return {row.company_id: row for row in rows}

    def of_results(self, connector: str, result_ids: Sequence[int]) -> dict[int, PushRow]:
        """The pushes that these results have led to at this connector, by result."""
        rows = self._many(
            _base().where(pushes.c.connector == connector, pushes.c.result_id.in_(result_ids))
        )
        return {row.result_id: row for row in rows}

    def ready(
        self, connector: str, state: PushState, *, now: datetime, limit: int | None
    ) -> list[PushRow]:
        """Pushes in this state whose time has come."""
        return self._many(
            _base()
            .where(
                pushes.c.connector == connector,
                pushes.c.state == state,
                or_(pushes.c.next_attempt_at.is_(None), pushes.c.next_attempt_at <= now),
            )
            .order_by(pushes.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=pushes)
        )

    def expired(self, *, now: datetime) -> list[PushRow]:
        """Pushes whose sender has not come back in time."""
        return self._many(
            _base()
            .where(pushes.c.state == PushState.SENDING, pushes.c.lease_until <= now)
            .with_for_update(skip_locked=True, of=pushes)
        )

    def in_state(
        self,
        state: PushState | None = None,
        *,
        connector: str | None = None,
        limit: int | None = 50,
    ) -> list[PushRow]:
        """Pushes, the newest first."""
        query = _base().order_by(pushes.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(pushes.c.state == state)
        if connector is not None:
            query = query.where(pushes.c.connector == connector)
        return self._many(query)

    def live(self) -> int:
        """How many are not at rest: pending, sending or unknown."""
        moving = (PushState.PENDING, PushState.SENDING, PushState.UNKNOWN)
        return self._count(select(func.count()).where(pushes.c.state.in_(moving)))

    def count_by_state(self) -> dict[tuple[str, str], int]:
        """How many pushes of each connector stand in each state."""
        rows = self._connection.execute(
            select(pushes.c.connector, pushes.c.state, func.count()).group_by(
                pushes.c.connector, pushes.c.state
            )
        )
        return {(connector, state): count for connector, state, count in rows}

    def pending(self, connector: str) -> int:
        """How many wait to be sent to this connector."""
        return self._count(
            select(func.count()).where(
                pushes.c.connector == connector, pushes.c.state == PushState.PENDING
            )
        )

    def held_by_reason(self) -> dict[str, int]:
        """How many wait for a person, by the reason."""
        rows = self._connection.execute(
            select(pushes.c.hold_reason, func.count().label("held"))
            .where(pushes.c.state == PushState.HELD)
            .group_by(pushes.c.hold_reason)
        )
        return {row.hold_reason: row.held for row in rows}

    def created_since(
        self, moment: datetime, *, connector: str | None = None, search_id: int | None = None
    ) -> int:
        """How many were created, or may be about to be, since ``moment``; approved ones aside."""
        query = select(func.count()).where(
            pushes.c.approved_by == "",
            or_(
                pushes.c.state.in_((PushState.SENDING, PushState.UNKNOWN)),
                (pushes.c.state == PushState.CREATED) & (pushes.c.ended_at >= moment),
            ),
        )
        if connector is not None:
            query = query.where(pushes.c.connector == connector)
        if search_id is not None:
            query = query.where(pushes.c.search_id == search_id)
        return self._count(query)

    def run_of(self, result_id: int) -> Run:
        """The run of a search that found this result."""
        row = self._connection.execute(
            select(tasks.c.slot_id, tasks.c.id)
            .join(results, results.c.task_id == tasks.c.id)
            .where(results.c.id == result_id)
        ).one()
        return Run(slot_id=row.slot_id, task_id=row.id if row.slot_id is None else 0)

    def created_in_run(self, run: Run, *, connector: str) -> int:
        """How many a run has created, or may be about to create; approved ones aside."""
        mine = tasks.c.id == run.task_id if run.slot_id is None else tasks.c.slot_id == run.slot_id
        made = (PushState.SENDING, PushState.UNKNOWN, PushState.CREATED)
        return self._count(
            select(func.count())
            .select_from(pushes)
            .join(results, results.c.id == pushes.c.result_id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .where(
                mine,
                pushes.c.connector == connector,
                pushes.c.approved_by == "",
                pushes.c.state.in_(made),
            )
        )

    def renew(self, push: PushRow, *, sent_at: datetime, until: datetime) -> bool:
        """Lengthen the lease of what is being sent; false when it is no longer ours."""
        renewed = self._connection.execute(
            update(pushes)
            .where(
                pushes.c.id == push.id,
                pushes.c.state == PushState.SENDING,
                pushes.c.lease_owner == push.lease_owner,
                pushes.c.attempts == push.attempts,
            )
            .values(sent_at=sent_at, lease_until=until)
        )
        return renewed.rowcount == 1

    def to_reconcile(self, connector: str, *, before: datetime, limit: int) -> list[PushRow]:
        """Creations that have settled since and were not looked at again."""
        return self._many(
            _base()
            .where(
                pushes.c.connector == connector,
                pushes.c.state == PushState.CREATED,
                pushes.c.reconciled_at.is_(None),
                pushes.c.ended_at <= before,
            )
            .order_by(pushes.c.id)
            .limit(limit)
        )

    def move(self, push: PushRow, event: PushEvent, **values: Any) -> PushState:
        """Move a push on, as the one who holds it.

        Raises:
            StaleTransition: it is no longer as it was read.
        """
        return move(
            self._connection,
            pushes,
            PUSHES,
            row_id=push.id,
            state=push.state,
            event=event,
            fence={"lease_owner": push.lease_owner, "attempts": push.attempts},
            **values,
        )

    def set(self, push_id: int, **values: Any) -> None:
        """Set columns that are no state."""
        self._connection.execute(update(pushes).where(pushes.c.id == push_id).values(**values))

    def _count(self, query: Select[Any]) -> int:
        return int(self._connection.execute(query).scalar_one())

    def _many(self, query: Select[Any]) -> list[PushRow]:
        return [PushRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - the row's public mapping


def _base() -> Select[Any]:
    return select(*_COLUMNS).join(companies, companies.c.id == pushes.c.company_id)
