"""APScheduler calls the jobs; all that must last is in the store, so its own memory is enough."""

import contextvars
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from connectors.sdk.clock import Clock
from daemon.app import Job
from daemon.errors import StoreUnavailable

log = structlog.get_logger(__name__)


class JobRunner:
    """Runs one job so that nothing which goes wrong in it stops the loop.

    An outage of the store is said once, and once more when it is over.
    """

    def __init__(self, job: Job, beat: Callable[[], None]) -> None:
        self._job = job
        self._beat = beat
        self._failing = ""

    def __call__(self) -> None:
        """Run the job; log what it could not handle itself."""
        self._beat()
        try:
            contextvars.copy_context().run(self._job.run)
        except StoreUnavailable as error:
            self._say("store.unavailable", str(error))
        except Exception as error:
            kind = type(error).__name__
            if self._failing != kind:
                log.exception("job.failed", job=self._job.name)
            self._failing = kind
        else:
            if self._failing:
                log.info("job.recovered", job=self._job.name)
            self._failing = ""

    def _say(self, event: str, reason: str) -> None:
        if self._failing != event:
            log.warning(event, job=self._job.name, reason=reason)
        self._failing = event


class Scheduler:
    """The loop of the daemon."""

    def __init__(self, jobs: Sequence[Job], clock: Clock) -> None:
        self._clock = clock
        self._beat_at: datetime = clock.now()
        self._slowest = max((job.every for job in jobs), default=timedelta(0))
        self._started = False
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(max(4, len(jobs)))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )
        for place, job in enumerate(jobs):
            self._scheduler.add_job(
                JobRunner(job, self._beat),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                # In the order of the list, so that the first pass finds a mirror to rely on.
                next_run_time=clock.now() + timedelta(milliseconds=50 * place),
            )

    def start(self) -> None:
        """Begin; starting twice is fine."""
        if not self._started:
            self._started = True
            self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing new and wait for what is running; stopping twice is fine."""
        if self._started:
            self._started = False
            self._scheduler.shutdown(wait=True)

    def last_beat(self) -> datetime:
        """When a job last began."""
        return self._beat_at

    def is_turning(self) -> bool:
        """Whether jobs still begin as often as they should."""
        patience = timedelta(seconds=60)
        return self._started and self._clock.now() - self._beat_at < patience

    def _beat(self) -> None:
        self._beat_at = self._clock.now()
