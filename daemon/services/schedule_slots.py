"""Turn due times into slots: one row for each, whoever comes first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from daemon.config.definitions import definition_from_json
from daemon.db.rows import SearchRow
from daemon.db.store import Transaction
from daemon.domain.cadence import latest_due, parse_cadence
from daemon.services.context import ServiceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleResult:
    """The searches that got a new slot."""

    due: tuple[str, ...] = ()


def schedule_slots(context: ServiceContext) -> ScheduleResult:
    """Make a slot for every live search whose time has come; missed times collapse into one."""
    now = context.now()
    with context.store.reading(now=now) as unit:
        waiting = [(row, _due(unit, row, now)) for row in unit.searches.all() if row.is_live]
    due = [(row, moment) for row, moment in waiting if moment is not None]
    return _make_slots(context, due, why="schedule") if due else ScheduleResult()


def schedule_now(context: ServiceContext, names: Collection[str] = ()) -> ScheduleResult:
    """Make a slot for this moment for the named searches, or for every live one.

    A search that has a slot at work already gets none: it is running now.
    """
    now = context.now()
    with context.store.reading(now=now) as unit:
        rows = [
            row
            for row in unit.searches.all()
            if not row.retired and (row.name in names if names else not row.paused)
        ]
    return _make_slots(context, [(row, now) for row in rows], why="asked for")


def _due(unit: Transaction, row: SearchRow, now: datetime) -> datetime | None:
    definition = definition_from_json(row.definition)
    if not definition.active:
        return None
    cadence = parse_cadence(definition.schedule, definition.timezone)
    after = unit.slots.latest_due(row.id)
    return latest_due(cadence, after=after, created_at=row.created_at, now=now)


def _make_slots(
    context: ServiceContext, due: list[tuple[SearchRow, datetime]], *, why: str
) -> ScheduleResult:
    made: list[str] = []
    with context.store.transaction("slots", now=context.now()) as unit:
        for row, moment in due:
            if unit.slots.is_busy(row.id):
                # One at a time: the time that comes due meanwhile collapses into the next slot.
                continue
            slot_id = unit.slots.add(row.id, moment, now=context.now())
            if slot_id is not None:
                unit.audit.write(
                    "slot.due", subject=row.name, slot=slot_id, due_at=moment, reason=why
                )
                made.append(row.name)
    return ScheduleResult(due=tuple(made))
