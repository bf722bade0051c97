"""The true time, which the vendors keep, and the daemon's own idea of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.support.clocks import VirtualClock


class TrueClock(VirtualClock):
    """Time in which what is due happens in passing, and not when somebody looks next."""

    def __init__(self) -> None:
        super().__init__()
        self.next_due: Callable[[], datetime | None] = lambda: None
        self.let_happen: Callable[[], None] = lambda: None

    def advance(self, span: timedelta) -> None:
        """Let time pass, and in it everything that is due."""
        until = self.now() + span
        while (due := self.next_due()) is not None and due <= until:
            super().advance(max(timedelta(0), due - self.now()))
            self.let_happen()
        super().advance(max(timedelta(0), until - self.now()))


class DaemonClock:
    """The true time, set wrong by ``skew``; sleeping on it lets the true time pass."""

    def __init__(self, true: VirtualClock) -> None:
        self._true = true
        self.skew = timedelta(0)

    def now(self) -> datetime:
        """What the daemon takes for the present moment."""
        return self._true.now() + self.skew

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._true.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._true.sleep(seconds)
