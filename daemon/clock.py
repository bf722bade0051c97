"""The daemon's clock: like the machine's, but nobody sleeps on while the daemon is stopping."""

from datetime import datetime
from threading import Event

from connectors.sdk.clock import SystemClock
from connectors.sdk.faults import RateLimited


class StoppableClock(SystemClock):
    """Wakes sleepers with a fault when ``stop`` is set: what they were about to do is not done."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds.

        Raises:
            RateLimited: the daemon is stopping; nothing was sent.
        """
        if self._stop.wait(seconds):
            raise RateLimited("stopping", "The daemon is stopping.", until=self._soon())

    def _soon(self) -> datetime:
        return self.now()
