"""A clock that moves only when it is told to, or when somebody sleeps on it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""A Monday, six in the morning: the sample search's due time."""


class VirtualClock:
    """Time that tests decide about."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The present moment."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.advance(timedelta(seconds=max(0.0, seconds)))

    def advance(self, span: timedelta) -> None:
        """Let time pass."""
        self._now += span
        self._elapsed += span.total_seconds()

    def jump(self, span: timedelta) -> None:
        """Set the wall clock forward or back; monotonic time goes on as it was."""
        self._now += span
