"""Whether a request that failed is sent again, and when; pure decisions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from connectors.sdk.faults import (
    Ambiguous,
    Fault,
    NotProcessed,
    Permanent,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.replies import Where

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_OURS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a request that is safe to repeat is repeated."""

    attempts: int = 4
    first_pause: timedelta = timedelta(milliseconds=500)
    longest_pause: timedelta = timedelta(seconds=20)
    repeat_429: bool = False
    """The vendor documents that a 429 was not processed: writes are repeated after it too."""
    longest_retry_after: timedelta = timedelta(seconds=60)
    """A vendor who asks for more than this gets its way through ``WaitUntil``, not by sleeping."""

    def pause(self, attempt: int, fraction: float) -> timedelta:
        """The wait after the attempt with this number (from 1); ``fraction`` is in [0, 1)."""
        doubled = self.first_pause * float(2 ** (attempt - 1))
        full = min(doubled, self.longest_pause)
        return full * (0.5 + fraction / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """Bounds of one session. A body beyond ``body_bytes`` (unpacked) is ``Permanent``."""

    connections: int = 10
    body_bytes: int = 50 * 1024 * 1024
    retries: RetryPolicy = field(default_factory=RetryPolicy)


def pause_after(
    fault: Fault,
    *,
    idempotent: bool,
    attempt: int,
    policy: RetryPolicy,
    fraction: float,
    now: datetime,
) -> timedelta | None:
    """How long to wait before the same request is sent again; None: it is not.

    What is not idempotent is repeated only after ``NotProcessed``, and after a 429 where the
    policy says that the vendor promises not to have processed it.
    """
    if attempt >= policy.attempts or isinstance(fault, QuotaExhausted):
        return None
    pause = policy.pause(attempt, fraction)
    match fault:
        case RateLimited(until=until) if idempotent or policy.repeat_429:
            asked = pause if until is None else until - now
            return max(asked, pause) if asked <= policy.longest_retry_after else None
        case NotProcessed():
            return pause
        case Ambiguous() if idempotent:
            return pause
    return None


def transport_fault(error: httpx.HTTPError, where: Where, what: str) -> Fault:
    """Which fault it is that no whole reply came; ``what`` is the error in words."""
    if isinstance(error, _OURS):
        return Permanent("cannot_send", f"{where} cannot be sent ({what}); check base_url")
    if isinstance(error, _UNSENT):
        return NotProcessed("unreachable", f"{where} could not be sent ({what})")
    code = "timeout" if isinstance(error, httpx.TimeoutException) else "connection_lost"
    return where.doubt(code, f"{where} got no reply ({what})")
