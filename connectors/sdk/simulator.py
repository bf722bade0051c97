"""What simulators of vendors share: they answer httpx requests, in process or on loopback.

A simulator is a plain object with ``handle``. In process it stands behind
:class:`SimulatorTransport`; ``prospectd sandbox`` serves the same object over a socket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

import httpx

from connectors.sdk.clock import Clock, SystemClock


class Simulator(Protocol):
    """A vendor's server, small enough to live in a test, with the vendor's own semantics."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request. Called by one thread at a time; must hold to the vendor's schema."""
        ...


class FaultKind(StrEnum):
    """The ways in which a simulated vendor misbehaves."""

    RATE_LIMITED = "rate_limited"  # 429, not processed
    UNAVAILABLE = "unavailable"  # 503, not processed
    FAILED_AFTER = "failed_after"  # 500 although it was processed
    DROPPED = "dropped"  # connection lost before it was processed
    REPLY_LOST = "reply_lost"  # processed, then the connection is lost
    SLOW = "slow"  # processed, the reply comes late
    HTML = "html"  # a proxy's HTML page in place of JSON, not processed


NOT_PROCESSED = frozenset(
    {FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE, FaultKind.DROPPED, FaultKind.HTML}
)


@dataclass(slots=True, kw_only=True)
class Faults:
    """Which requests go wrong: each with probability ``rate``, by a kind drawn from ``kinds``."""

    rate: float = 0.0
    kinds: tuple[FaultKind, ...] = tuple(FaultKind)
    random: Random = field(default_factory=Random)
    slow_seconds: float = 0.05

    def draw(self) -> FaultKind | None:
        """The fault for the next request, or None."""
        if not self.kinds or self.random.random() >= self.rate:
            return None
        return self.random.choice(self.kinds)


def html_page(status: int) -> httpx.Response:
    """What a proxy in front of a vendor answers when it is unwell."""
    page = f"<html><head><title>{status}</title></head><body>Sorry, try again later.</body></html>"
    return httpx.Response(status, headers={"content-type": "text/html"}, text=page)


class LostConnection(Exception):
    """The simulated server hangs up. ``processed`` says whether it had done what was asked."""

    def __init__(self, *, processed: bool) -> None:
        super().__init__("connection lost")
        self.processed = processed


@dataclass(slots=True, kw_only=True)
class FaultySimulator:
    """A simulator behind a bad network: raises :class:`LostConnection` where the line breaks."""

    inner: Simulator
    faults: Faults
    clock: Clock = field(default_factory=SystemClock)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as ``inner`` does, unless a fault is drawn."""
        kind = self.faults.draw()
        match kind:
            case FaultKind.RATE_LIMITED:
                return httpx.Response(429, json={"message": "rate limit (injected)"})
            case FaultKind.UNAVAILABLE:
                return httpx.Response(503, json={"message": "unavailable (injected)"})
            case FaultKind.HTML:
                return html_page(502)
            case FaultKind.DROPPED:
                raise LostConnection(processed=False)
            case FaultKind.SLOW:
                self.clock.sleep(self.faults.slow_seconds)
        response = self.inner.handle(request)
        if kind is FaultKind.REPLY_LOST:
            raise LostConnection(processed=True)
        if kind is FaultKind.FAILED_AFTER:
            return httpx.Response(500, json={"message": "internal error (injected)"})
        return response


class SimulatorTransport(httpx.BaseTransport):
    """An httpx transport that hands each request to the simulator of its host, in process."""

    def __init__(
        self,
        simulators: Mapping[str, Simulator],
        *,
        before: Callable[[httpx.Request], None] | None = None,
        after: Callable[[httpx.Request, httpx.Response], None] | None = None,
    ) -> None:
        self._simulators = simulators
        self._before = before
        self._after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the request; a lost connection becomes httpx's own error, as on a real network."""
        if self._before is not None:
            self._before(request)
        request.read()
        simulator = self._simulators.get(request.url.host)
        if simulator is None:
            message = f"no such host: {request.url.host}"
            raise httpx.ConnectError(message, request=request)
        try:
            response = simulator.handle(request)
        except LostConnection as lost:
            message = "the server closed the connection without a reply"
            raise httpx.RemoteProtocolError(message, request=request) from lost
        response.request = request
        if self._after is not None:
            self._after(request, response)
        return response
