"""One whole pass: load, mirror, start what is due, wait for the tasks, push, end."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from daemon.app import App, Job
from daemon.db.overview import WorkLeft
from daemon.errors import StoreUnavailable
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
            if left.is_idle or problems or context.stopping():
                return OnceResult(due=due, problems=tuple(problems), left=left)
            context.clock.sleep(min(pause, 1.0) if left.tasks == 0 else pause)

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

    def _stuck(self, left: WorkLeft) -> list[str]:
        """Why the rest cannot be done in this pass; empty while there is hope."""
        if left.is_idle:
            return []
        horizon = self._app.context.now() + PATIENCE
        paused = [one for one in left.paused if one.until > horizon]
        held = [slot for slot in left.held_slots if slot.code not in PASSING and not left.tasks]
        blocked = [one for one in left.blocked if one.code not in PASSING and not left.tasks]
        return [
            *(
                f"{one.name} is left alone until {one.until:%H:%M} UTC: {one.reason}"
                for one in paused
            ),
            *(f"search {slot.search} does not start: {slot.text}" for slot in held),
            *(f"nothing is pushed: {one.text}" for one in blocked),
        ]
