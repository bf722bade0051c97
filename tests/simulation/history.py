"""The audit log against the state machines: every step legal, the chain whole, the end as it is."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from daemon.db.audit import FIRST_HASH, AuditEvent, chain_hash
from daemon.db.tables import audit, audit_head, pushes, slots, tasks
from daemon.domain.push_states import PUSHES, PushEvent, PushState
from daemon.domain.task_states import (
    SLOTS,
    TASKS,
    SlotEvent,
    SlotState,
    TaskEvent,
    TaskState,
)
from daemon.domain.transitions import ForbiddenTransition, Machine

TASK_STEPS: Mapping[str, TaskEvent] = {
    "task.submitting": TaskEvent.SUBMIT,
    "task.created": TaskEvent.ACCEPTED,
    "task.continued": TaskEvent.ACCEPTED,
    "task.doubted": TaskEvent.REPLY_LOST,
    "task.refused": TaskEvent.REFUSED,
    "task.gave_up": TaskEvent.REFUSED,
    "task.postponed": TaskEvent.NOT_PROCESSED,
    "exclusion.refused": TaskEvent.NOT_PROCESSED,
    "task.adopted": TaskEvent.ADOPTED,
    "task.proved_absent": TaskEvent.PROVED_ABSENT,
    "task.cancelled": TaskEvent.CANCELLED,
    "task.ended": TaskEvent.ENDED,
    "task.done": TaskEvent.DRAINED,
    "task.failed": TaskEvent.DRAINED_FAILED,
    "task.vanished": TaskEvent.VANISHED,
}
PUSH_STEPS: Mapping[str, PushEvent] = {
    "push.held": PushEvent.HELD,
    "push.claimed": PushEvent.CLAIMED,
    "push.created": PushEvent.CREATED,
    "push.existed": PushEvent.EXISTED,
    "push.rejected": PushEvent.REJECTED,
    "push.postponed": PushEvent.NOT_SENT,
    "push.doubted": PushEvent.REPLY_LOST,
    "push.gave_up": PushEvent.GAVE_UP,
    "push.adopted": PushEvent.ADOPTED,
    "push.proved_absent": PushEvent.PROVED_ABSENT,
    "push.approved": PushEvent.APPROVED,
    "push.declined": PushEvent.DECLINED,
}
SLOT_STEPS: Mapping[str, SlotEvent] = {
    "task.planned": SlotEvent.STARTED,
    "slot.finished": SlotEvent.FINISHED,
    "slot.skipped": SlotEvent.SKIPPED,
}
BIRTHS: Mapping[str, tuple[str, StrEnum]] = {
    "task.planned": ("task", TaskState.PLANNED),
    "push.queued": ("push", PushState.PENDING),
    "slot.due": ("slot", SlotState.DUE),
}
FOUND_LATER: tuple[tuple[str, str, StrEnum], ...] = (
    ("push.held", "push", PushState.HELD),
    ("task.adopted", "task", TaskState.RUNNING),
)
"""Events that are a birth only of what was never heard of before."""


def check_history(connection: Connection) -> list[str]:
    """Read the whole log once."""
    events = [AuditEvent(**row._mapping) for row in connection.execute(
        select(audit).order_by(audit.c.seq))]  # fmt: skip
    return [*_check_chain(connection, events), *_check_steps(connection, events)]


def _check_chain(connection: Connection, events: list[AuditEvent]) -> Iterator[str]:
    previous = FIRST_HASH
    for place, event in enumerate(events, start=1):
        if event.seq != place or event.hash != chain_hash(previous, event):
            yield f"the audit chain is broken at {event.seq} (row {place})"
            return
        previous = event.hash
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    if (head.seq, head.hash) != (len(events), previous):
        yield "the head of the audit chain is not its last row"


class _Replay:
    """Every row's state, as the log tells it."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, int], StrEnum] = {}
        self.problems: list[str] = []

    def tell(self, event: AuditEvent) -> None:
        data = orjson.loads(event.data)
        born = BIRTHS.get(event.event)
        if born is not None:
            self.states[born[0], data[born[0]]] = born[1]
        for name, noun, state in FOUND_LATER:
            if event.event == name and (noun, data[noun]) not in self.states:
                self.states[noun, data[noun]] = state
                return
        if event.event == "task.planned" and data.get("wave") != 1:
            return  # the slot is at work already
        for noun, machine, steps in (
            ("task", TASKS, TASK_STEPS), ("push", PUSHES, PUSH_STEPS), ("slot", SLOTS, SLOT_STEPS),
        ):  # fmt: skip
            step = steps.get(event.event)
            if step is not None and noun in data:
                self._move(event, noun, machine, step, data[noun])

    def _move(
        self, event: AuditEvent, noun: str, machine: Machine[Any, Any], step: StrEnum, row_id: int
    ) -> None:
        state = self.states.get((noun, row_id))
        if state is None:
            self.problems.append(
                f"audit row {event.seq} ({event.event}): {noun} {row_id} is unborn"
            )
            return
        try:
            self.states[noun, row_id] = machine.after(state, step)
        except ForbiddenTransition as forbidden:
            text = f"audit row {event.seq} ({event.event}) of {noun} {row_id}: {forbidden}"
            self.problems.append(text)


def _check_steps(connection: Connection, events: list[AuditEvent]) -> Iterator[str]:
    replay = _Replay()
    for event in events:
        replay.tell(event)
    yield from replay.problems
    nouns: tuple[tuple[str, Table], ...] = (("task", tasks), ("push", pushes), ("slot", slots))
    for noun, table in nouns:
        for row in connection.execute(select(table.c.id, table.c.state)):
            told = replay.states.get((noun, row.id))
            if told != row.state:
                yield f"{noun} {row.id} is {row.state}, but the audit log makes it {told}"
