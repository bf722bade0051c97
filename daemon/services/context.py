"""What every service is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.sdk.clock import Clock
from daemon.ahead import in_turn
from daemon.db.store import Store
from daemon.domain.pauses import PausePolicy
from daemon.domain.retries import RetryPolicy
from daemon.requests import RequestLog


def never_stopping() -> bool:
    """Nobody has asked to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContext:
    """The store, the time, chance, and who we are among the replicas.

    ``owner`` names this process in leases; ``stopping`` turns true when no new work may begin;
    ``ahead`` may fetch pages of a listing before they are asked for.
    """

    store: Store
    clock: Clock
    random: Random
    owner: str
    lease: timedelta = timedelta(minutes=5)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    pauses: PausePolicy = field(default_factory=PausePolicy)
    requests: RequestLog = field(default_factory=RequestLog)
    stopping: Callable[[], bool] = never_stopping
    ahead: Callable[[Iterator[Any]], Iterator[Any]] = in_turn

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self.clock.now()

    def lease_end(self) -> datetime:
        """Until when a lease taken now is good."""
        return self.clock.now() + self.lease
