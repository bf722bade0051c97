"""A clock that moves only when it is told to, so that no test ever waits."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When every stage begins: a Monday, in no daylight-saving gap."""


class VirtualClock:
    """Time as the suite decides; ``sleep`` moves it on instead of waiting."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = timedelta(0)

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed.total_seconds()

    def sleep(self, seconds: float) -> None:
        """Move on by so many seconds; a negative number is a mistake of the caller."""
        if seconds < 0:
            raise ValueError("nobody can sleep for less than no time")
        self._elapsed += timedelta(seconds=seconds)

    def advance(self, by: timedelta) -> None:
        """Move on by so much."""
        self.sleep(by.total_seconds())
