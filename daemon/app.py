"""The wired program: every service of it, as jobs that somebody runs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from connectors.sdk.faults import Fault
from daemon.config.models import Config
from daemon.db.store import Store
from daemon.extruct.client import ExtructClient
from daemon.services.context import ServiceContext
from daemon.services.guards import Target
from daemon.services.load_campaigns import LoadResult, load_campaigns


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing that is done again and again. ``run`` is safe to call at any time.

    ``is_upkeep`` says that no other job waits for it: a single pass does it once.
    """

    name: str
    every: timedelta
    run: Callable[[], object]
    is_upkeep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTarget:
    """A connector that is configured but could not be opened, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything wired together. ``jobs`` are in the order in which one pass runs them."""

    config: Config
    context: ServiceContext
    client: ExtructClient
    targets: Mapping[str, Target]
    closed_targets: Sequence[ClosedTarget]
    jobs: Sequence[Job]

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    def load(self) -> LoadResult:
        """Bring the configuration's searches into the store."""
        return load_campaigns(self.context, self.config.searches)

    def close(self) -> None:
        """Give everything back; calling it twice is fine."""
        self.close_vendors()
        self.store.close()

    def close_vendors(self) -> None:
        """Give the vendors' connections back, and keep the store."""
        self.client.close()
        for target in self.targets.values():
            with suppress(Fault):
                target.connector.close()
