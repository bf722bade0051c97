"""One whole pass: load, mirror, start what is due, wait for the tasks, push, end."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from connectors.sdk.faults import RateLimited
from daemon.app import App, Job
from daemon.db.overview import WorkLeft
from daemon.domain.push_states import PushState
from daemon.domain.task_states import TaskState
from daemon.errors import StoreUnavailable
from daemon.services.pauses import EXTRUCT, EXTRUCT_STARTS
from daemon.services.schedule_slots import schedule_now, schedule_slots

PATIENCE = timedelta(minutes=2)
"""A vendor that is paused for longer ends the pass: the rest is left for the next one."""
OUTAGE = timedelta(minutes=5)
"""How long a pass waits for a database that is away."""
PASSING = (
    "extruct_paused",
    "too_many_tasks",
    "mirror_stale",
    "mirror_unfinished",
    "index_unfinished",
)
"""Reasons that hold a slot and go away by themselves while the pass goes on."""
MEANWHILE = ("too_many_tasks", "index_unfinished")
"""Those of them that do so even while a vendor is left alone for long."""
MOVING = (PushState.PENDING, PushState.SENDING, PushState.UNKNOWN)
STOPPED = "It was told to stop before the end. The next run goes on where this one has stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceResult:
    """How the pass ended. ``problems`` are sentences for a person; none when all went well."""

    due: tuple[str, ...]
    problems: tuple[str, ...]
    left: WorkLeft


Watch = Callable[[WorkLeft], None]


def ignore_progress(left: WorkLeft) -> None:
    """Show nobody how far the pass is."""
    del left


class OncePass:
    """Runs every job in turn, in this thread, until nothing moves any more."""

    def __init__(self, app: App, *, watch: Watch = ignore_progress) -> None:
        self._app = app
        self._watch = watch
        jobs = [job for job in app.jobs if job.name != "schedule"]
        self._jobs = [job for job in jobs if not job.is_upkeep]
        self._upkeep = [job for job in jobs if job.is_upkeep]

    def run(self, names: Collection[str] = (), *, now: bool = False) -> OnceResult:
        """Start what is due (``now``: the named searches, or all) and stay until it is done."""
        context = self._app.context
        self._app.load()
        due = schedule_now(context, names).due if now else schedule_slots(context).due
        pause = self._app.config.extruct.poll_every.total_seconds()
        for job in self._upkeep:
            self._run(job)
        while True:
            for job in self._jobs:
                self._run(job)
            left = self._look()
            self._watch(left)
            problems = self._stuck(left)
            if context.stopping() and not left.is_idle:
                problems = [*problems, STOPPED]
            if left.is_idle or problems:
                return OnceResult(due=due, problems=tuple(problems), left=left)
            self._wait(min(pause, 1.0) if left.tasks == 0 else pause)

    def _run(self, job: Job) -> None:
        """Run a job; while the database is away, wait for it."""
        waited = timedelta(0)
        while True:
            try:
                job.run()
            except StoreUnavailable:
                if waited >= OUTAGE:
                    raise
                self._app.context.clock.sleep(1.0)
                waited += timedelta(seconds=1)
            else:
                return

    def _look(self) -> WorkLeft:
        now = self._app.context.now()
        with self._app.store.reading(now=now) as unit:
            return unit.overview.work_left(now=now)

    def _wait(self, seconds: float) -> None:
        with suppress(RateLimited):  # a clock wakes its sleepers so when the program is to stop
            self._app.context.clock.sleep(seconds)

    def _stuck(self, left: WorkLeft) -> list[str]:
        """Why the rest cannot be done in this pass; empty while anything of it may still move."""
        horizon = self._app.context.now() + PATIENCE
        paused = {one.name: one for one in left.paused if one.until > horizon}
        passing = MEANWHILE if paused else PASSING
        held = [slot for slot in left.held_slots if slot.code not in passing]
        blocked = self._blocked_pushes(paused)
        if blocked is None or left.to_match or self._tasks_move(left, paused):
            return []
        if left.slots > len(held) and not paused.keys() & {EXTRUCT, EXTRUCT_STARTS}:
            return []
        return [
            *(
                f"{one.name} is left alone until {one.until:%H:%M} UTC: {one.reason}"
                for one in paused.values()
            ),
            *(f"search {slot.search} does not start: {slot.text}" for slot in held),
            *blocked,
        ]

    def _tasks_move(self, left: WorkLeft, paused: Collection[str]) -> bool:
        """Whether any task can still get on: only what was sent does while no more may be."""
        if EXTRUCT in paused or EXTRUCT_STARTS not in paused:
            return left.tasks > 0 and EXTRUCT not in paused
        with self._app.store.reading(now=self._app.context.now()) as unit:
            return left.tasks > unit.tasks.count_by_state().get(TaskState.PLANNED, 0)

    def _blocked_pushes(self, paused: Collection[str]) -> list[str] | None:
        """Why nothing that waits to be pushed can go out now; None when something can."""
        sentences: list[str] = []
        with self._app.store.reading(now=self._app.context.now()) as unit:
            for (name, state), number in sorted(unit.pushes.count_by_state().items()):
                if state not in MOVING or name in paused:
                    continue
                mirror = unit.mirror.get(name)
                if name not in self._app.targets:
                    why = "the connector is not configured, or was not opened"
                elif mirror.blocked_code and mirror.blocked_code not in PASSING:
                    why = mirror.blocked_text
                else:
                    return None
                sentences.append(f"{number} companies wait for {name}: {why}")
        return sentences
