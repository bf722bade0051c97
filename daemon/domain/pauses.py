"""How long a vendor is left alone after it failed; one vendor's pause never holds another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Remedy(StrEnum):
    """What helps, and so how long to wait."""

    REPEAT = "repeat"  # a passing failure
    WAIT = "wait"  # a rate limit
    QUOTA = "quota"  # an allowance that comes back
    PERSON = "person"  # a token, a payment, a scope


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePolicy:
    """Shortest and longest pauses, by remedy."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    quota_every: timedelta = timedelta(minutes=15)
    person_every: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Leave the vendor alone until then."""

    until: datetime
    failures: int


def decide_pause(
    remedy: Remedy,
    *,
    failures: int,
    until: datetime | None,
    now: datetime,
    spread: float,
    policy: PausePolicy,
) -> Pause:
    """The pause after one more failure; ``failures`` counts those in a row before it.

    ``until`` is what the vendor itself said; ``spread`` between 0 and 1 is the caller's chance.
    """
    if until is not None and until > now:
        return Pause(until=until, failures=failures + 1)
    if remedy is Remedy.PERSON:
        span = policy.person_every
    elif remedy is Remedy.QUOTA:
        span = policy.quota_every
    else:
        span = min(policy.first * 2 ** min(failures, 20), policy.longest) * (0.5 + spread / 2)
    return Pause(until=now + span, failures=failures + 1)
