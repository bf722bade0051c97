"""Staying below a vendor's rate limit: declared as data, corrected by the vendor's headers."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.sdk.clock import Clock
from connectors.sdk.faults import RateLimited, WaitUntil
from connectors.sdk.protocol import RateGate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHeaders:
    """Names of the response headers that tell the state of the limit (lower case; None: none).

    ``limit`` and ``remaining`` count requests of the present window. ``window_ms`` is the window's
    length in milliseconds. ``reset_seconds`` is how long until the window is over.
    """

    limit: str | None = None
    remaining: str | None = None
    window_ms: str | None = None
    reset_seconds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateModel:
    """At most ``limit`` (requests, or the vendor's points) in any ``per_seconds``.

    ``headers`` describes what the vendor tells about it. ``ceiling_per_second`` is the operator's
    own limit, which no header raises.
    """

    limit: float
    per_seconds: float
    headers: RateHeaders = field(default_factory=RateHeaders)
    ceiling_per_second: float | None = None


class RateLimiter:
    """Permission to send, for all threads that use one account of one vendor.

    A sliding window: unlike a token bucket it never lets twice the limit into one window. Where a
    :class:`~connectors.sdk.protocol.RateGate` is given, replicas share the limit through it.
    """

    def __init__(
        self,
        model: RateModel,
        *,
        vendor: str,
        clock: Clock,
        gate: RateGate | None = None,
        longest_wait: timedelta = timedelta(seconds=60),
    ) -> None:
        self._model = model
        self._vendor = vendor
        self._clock = clock
        self._gate = gate
        self._longest_wait = longest_wait.total_seconds()
        self._limit = model.limit
        self._per_seconds = model.per_seconds
        self._sent: deque[tuple[float, float]] = deque()
        self._spent = 0.0
        self._blocked_until: datetime | None = None
        self._because: WaitUntil | None = None
        self._lock = threading.Lock()

    @property
    def rate(self) -> tuple[float, float]:
        """What is allowed at present: so much in so many seconds."""
        ceiling = self._model.ceiling_per_second
        if ceiling is None or ceiling * self._per_seconds >= self._limit:
            return self._limit, self._per_seconds
        allowed = ceiling * self._per_seconds
        return (allowed, self._per_seconds) if allowed >= 1 else (1.0, 1.0 / ceiling)

    def acquire(self, cost: float = 1.0) -> None:
        """Wait until one more request, costing so much, may be sent.

        Raises:
            WaitUntil: the wait would be longer than ``longest_wait``; nothing was sent. It is of
                the kind that blocked us, else :class:`RateLimited`.
        """
        waited = 0.0
        while (wait := self._claim(cost)) > 0:
            waited = self._pause(wait, waited)
        while self._gate is not None and (wait := self._shared_wait(self._gate)) > 0:
            waited = self._pause(wait, waited)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Learn from a reply's headers (lower-case names) what the vendor really allows."""
        names = self._model.headers
        limit, remaining, window, reset = (
            _number(headers, name)
            for name in (names.limit, names.remaining, names.window_ms, names.reset_seconds)
        )
        with self._lock:
            if window:
                self._per_seconds = window / 1000
            if limit:
                self._limit = limit
        if remaining is not None and remaining < 1:
            seconds = self._per_seconds if reset is None else reset
            self._block_here(self._clock.now() + timedelta(seconds=seconds))

    def block(self, until: datetime, *, because: WaitUntil | None = None) -> None:
        """Send nothing before ``until``, on any replica: the vendor said so, in this fault."""
        self._block_here(until, because)
        if self._gate is not None:
            self._gate.block(self._vendor, until)

    def _block_here(self, until: datetime, because: WaitUntil | None = None) -> None:
        with self._lock:
            if self._blocked_until is None or until > self._blocked_until:
                self._blocked_until, self._because = until, because

    def _pause(self, wait: float, waited: float) -> float:
        if waited + wait > self._longest_wait:
            if (because := self._because) is not None:
                raise type(because)(
                    because.code, because.message, until=because.until, status=because.status
                )
            until = self._clock.now() + timedelta(seconds=wait)
            message = f"{self._vendor}: no request may be sent before {until:%Y-%m-%d %H:%M:%S} UTC"
            raise RateLimited("waiting_for_rate", message, until=until)
        self._clock.sleep(wait)
        return waited + wait

    def _shared_wait(self, gate: RateGate) -> float:
        limit, per_seconds = self.rate
        return gate.acquire(self._vendor, limit=limit, per_seconds=per_seconds)

    def _claim(self, cost: float) -> float:
        """Seconds to wait; zero when the place is taken now."""
        with self._lock:
            if self._blocked_until is not None:
                left = (self._blocked_until - self._clock.now()).total_seconds()
                if left > 0:
                    return left
                self._blocked_until = self._because = None
            return self._window_wait(cost, self._clock.monotonic())

    def _window_wait(self, cost: float, now: float) -> float:
        limit, per_seconds = self.rate
        while self._sent and self._sent[0][0] <= now - per_seconds:
            self._spent -= self._sent.popleft()[1]
        if self._spent + cost > limit and self._sent:
            return max(self._sent[0][0] + per_seconds - now, 0.001)
        self._sent.append((now, cost))
        self._spent += cost
        return 0.0


def _number(headers: Mapping[str, str], name: str | None) -> float | None:
    if name is None or name not in headers:
        return None
    try:
        number = float(headers[name])
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
