"""Rows of due times: unique on (search, due_at), so that nothing runs twice for one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from daemon.db.inserts import insert_or_skip
from daemon.db.moves import move
from daemon.db.rows import SlotRow
from daemon.db.tables import slots
from daemon.domain.task_states import SLOTS, SlotEvent, SlotState

_COLUMNS = tuple(slots.c[name] for name in SlotRow.__slots__)


class SlotRows:
    """Due times."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest_due(self, search_id: int) -> datetime | None:
        """The latest due time that this search ever had a slot for."""
        latest: datetime | None = self._connection.execute(
            select(func.max(slots.c.due_at)).where(slots.c.search_id == search_id)
        ).scalar()
        return latest

    def is_busy(self, search_id: int) -> bool:
        """Whether a slot of this search is due or at work."""
        busy = (SlotState.DUE, SlotState.ACTIVE)
        found = self._connection.execute(
            select(slots.c.id).where(slots.c.search_id == search_id, slots.c.state.in_(busy))
        )
        return found.first() is not None

    def add(self, search_id: int, due_at: datetime, *, now: datetime) -> int | None:
        """A new slot's id; None when somebody else has made it already."""
        return self._connection.execute(
            insert_or_skip(self._connection, slots)
            .values(search_id=search_id, due_at=due_at, state=SlotState.DUE, created_at=now)
            .returning(slots.c.id)
        ).scalar()

    def in_state(self, state: SlotState, *, search_id: int | None = None) -> list[SlotRow]:
        """Slots in one state, the oldest first; rows that another replica holds are left out."""
        query = select(*_COLUMNS).where(slots.c.state == state)
        if search_id is not None:
            query = query.where(slots.c.search_id == search_id)
        query = query.order_by(slots.c.due_at, slots.c.id).with_for_update(skip_locked=True)
        return [SlotRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - the row's public mapping

    def lock(self, slot_id: int) -> SlotRow | None:
        """The slot as it is now, ours until the transaction ends; None while another has it."""
        row = self._connection.execute(
            select(*_COLUMNS).where(slots.c.id == slot_id).with_for_update(skip_locked=True)
        ).first()
        return None if row is None else SlotRow(**row._mapping)  # noqa: SLF001 - same

    def hold(self, slot_id: int, *, code: str, text: str) -> None:
        """Say why a due slot is not started; an empty code when nothing holds it any longer."""
        self._connection.execute(
            update(slots).where(slots.c.id == slot_id).values(held_code=code, held_text=text)
        )

    def move(self, slot: SlotRow, event: SlotEvent, **values: Any) -> SlotState:
        """Move a slot on.

        Raises:
            StaleTransition: somebody else did.
        """
        return move(
            self._connection,
            slots,
            SLOTS,
            row_id=slot.id,
            state=slot.state,
            event=event,
            **values,
        )
