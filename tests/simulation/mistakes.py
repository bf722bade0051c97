"""The classic mistakes, each planted into the real program while a context is open."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from sqlalchemy import insert

from connectors.hubspot.connector import HubSpotConnector
from connectors.memory import MemoryConnector
from connectors.sdk.faults import Ambiguous, Fault, NotProcessed
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import ChangePage, CompanyRef
from daemon import jobs
from daemon.db.moves import NO_LEASE
from daemon.db.rows import MirrorRow, PushRow, TaskRow
from daemon.db.slots import SlotRows
from daemon.db.store import Transaction
from daemon.db.tables import slots
from daemon.domain.push_states import PushEvent
from daemon.domain.task_states import TaskEvent, TaskState
from daemon.services import collect_results
from daemon.services.context import ServiceContext
from daemon.services.mirror_crm import MirrorCrm, mirrored
from daemon.services.push_outcomes import PushOutcomes
from daemon.services.submit_tasks import SubmitTasks
from tests.simulation.process import StoreFile


@dataclass(frozen=True, slots=True)
class Mistake:
    """``plant`` makes it as long as its context is open; ``spoil`` takes rules out of the store."""

    plant: Callable[[ExitStack], None]
    spoil: Callable[[StoreFile], None] = lambda _file: None


def _replacing(target: Any, name: str, new: Any) -> Callable[[ExitStack], None]:
    def plant(stack: ExitStack) -> None:
        stack.enter_context(patch.object(target, name, new))

    return plant


def _all(*plants: Callable[[ExitStack], None]) -> Callable[[ExitStack], None]:
    def plant(stack: ExitStack) -> None:
        for each in plants:
            each(stack)

    return plant


# Push without looking, neither in the CRM nor in the mirror.


def _finds_nothing(_self: object, companies: Sequence[CompanyRef]) -> list[list[object]]:
    return [[] for _ in companies]


def _knows_nothing(_self: object, _unit: Transaction, _push: PushRow) -> None:
    return None


# Take a time-out for a failure, and send again.

_note = PushOutcomes.note


def _note_failures(
    self: PushOutcomes, outcomes: Sequence[tuple[PushRow, Outcome]], *args: Any, **options: Any
) -> None:
    believed = [
        (push, Outcome.not_sent(one.reason) if one.kind is OutcomeKind.UNKNOWN else one)
        for push, one in outcomes
    ]
    _note(self, believed, *args, **options)


# Move the watermark first, and save its page after that.


def _watermark_first(self: MirrorCrm, cursor: str) -> None:
    began = self._now()
    for page in self._connector.changes(cursor):
        with self._context.store.transaction("mirror.watermark", now=self._now()) as unit:
            unit.mirror.set(self._name, changes_cursor=page.cursor)
        with self._context.store.transaction("mirror.changes_page", now=self._now()) as unit:
            _save_without_watermark(self, unit, page, began)


def _save_without_watermark(
    self: MirrorCrm, unit: Transaction, page: ChangePage, began: object
) -> None:
    unit.mirror.save_page(self._name, mirrored(page.upserts), now=unit.now)
    unit.mirror.tombstone(self._name, page.deleted_ids, now=unit.now)
    for merge in page.merges:
        unit.mirror.tombstone(self._name, [merge.lost_id], now=unit.now, into=merge.survivor_id)
    if not page.more:
        unit.mirror.set(self._name, refreshed_at=began)


# Take a sweep that broke off for a whole one.

_sweep = MirrorCrm._sweep


def _end_broken_sweep(self: MirrorCrm, mirror: MirrorRow) -> None:
    try:
        _sweep(self, mirror)
    except Fault:
        self._end_sweep(self._mirror())


# Let a due time have several slots.


def _add_slot(self: SlotRows, search_id: int, due_at: object, *, now: object) -> int | None:
    made = self._connection.execute(
        insert(slots)
        .values(search_id=search_id, due_at=due_at, state="due", created_at=now)
        .returning(slots.c.id)
    )
    return made.scalar()


def _drop_unique_rows(file: StoreFile) -> None:
    """Make the table of slots anew, without its rules."""
    with file.engine.begin() as connection:
        run = connection.exec_driver_sql
        written = run("SELECT sql FROM sqlite_master WHERE name = 'slots'").scalar_one()
        run("DROP TABLE slots")
        run(re.sub(r",\s*CONSTRAINT \w+ UNIQUE \([^)]*\)", "", written))
    file.keep()


# Create a task again when its reply was lost, without a look at the list.

_note_answer = SubmitTasks._note_answer


def _note_as_failure(
    self: SubmitTasks,
    unit: Transaction,
    task: TaskRow,
    request: Any,
    answer: Any,
    *args: Any,
) -> None:
    if isinstance(answer, Ambiguous):
        answer = NotProcessed(answer.code, answer.message)
    _note_answer(self, unit, task, request, answer, *args)


# Take a lease that ran out for a thing that was never sent.


def _send_again(context: ServiceContext) -> None:
    now = context.now()
    with context.store.transaction("rescue", now=now) as unit:
        for task in unit.tasks.expired(TaskState.SUBMITTING, now=now):
            unit.tasks.move(task, TaskEvent.NOT_PROCESSED, **NO_LEASE)
            unit.audit.write("task.postponed", task=task.id)
        for push in unit.pushes.expired(now=now):
            unit.pushes.move(push, PushEvent.NOT_SENT, **NO_LEASE)
            unit.audit.write("push.postponed", push=push.id)


MISTAKES: dict[str, Mistake] = {
    "push without look-up": Mistake(
        _all(
            _replacing(HubSpotConnector, "lookup", _finds_nothing),
            _replacing(MemoryConnector, "lookup", _finds_nothing),
            _replacing(PushOutcomes, "holder_in_mirror", _knows_nothing),
        )
    ),
    "resend on time-out": Mistake(_replacing(PushOutcomes, "note", _note_failures)),
    "watermark before its page": Mistake(_replacing(MirrorCrm, "_read_changes", _watermark_first)),
    "interrupted sweep that buries": Mistake(_replacing(MirrorCrm, "_sweep", _end_broken_sweep)),
    "slot without its unique row": Mistake(
        _all(
            _replacing(SlotRows, "add", _add_slot),
            _replacing(SlotRows, "is_busy", lambda _self, _search_id: False),
        ),
        spoil=_drop_unique_rows,
    ),
    "task created again": Mistake(_replacing(SubmitTasks, "_note_answer", _note_as_failure)),
    "an old end believed": Mistake(
        _replacing(collect_results, "has_ended_again", lambda said, **_before: said.ended)
    ),
    "lease that expires into sending": Mistake(_replacing(jobs, "rescue_expired", _send_again)),
}


@contextmanager
def planted(name: str) -> Iterator[partial[None]]:
    """Make this mistake; gives what has to be done to a store for it."""
    mistake = MISTAKES[name]
    with ExitStack() as stack:
        mistake.plant(stack)
        yield partial(mistake.spoil)
