"""When to try again, and when to stop trying."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Doubling pauses between ``first`` and ``longest``; after ``attempts`` it is given up."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=30)
    attempts: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again at ``at``, or (None) give up."""

    at: datetime | None


def decide_retry(policy: RetryPolicy, *, attempt: int, now: datetime, spread: float) -> Retry:
    """When attempt number ``attempt`` (1 for the first) has failed.

    ``spread`` between 0 and 1 is the caller's chance: the pause is between half and the whole of
    the doubled one, so that many do not return in the same moment.
    """
    if attempt >= policy.attempts:
        return Retry(at=None)
    whole = min(policy.first * 2 ** min(attempt - 1, 30), policy.longest)
    return Retry(at=now + whole * (0.5 + spread / 2))
