"""What lies between a process and the vendors: points, faults, requests that come late."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

import httpx

from connectors.sdk.faults import Ambiguous
from connectors.sdk.inprocess import FaultyLine
from connectors.sdk.simulator import (
    FaultKind,
    Faults,
    FaultySimulator,
    Simulator,
    SimulatorTransport,
)
from tests.support.clocks import VirtualClock

T = TypeVar("T")
TIMEOUT = timedelta(seconds=30)
"""After so long without a reply, every client of the daemon gives up."""
_LATEST = 20
"""A request may reach the vendor so many seconds after its sender gave it up."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_VERSION = re.compile(r"/20\d\d-\d\d/")


def name_of(request: httpx.Request) -> str:
    """A request's name without what differs from run to run: ``GET crm.example/companies/#``."""
    path = _UUID.sub("#", _VERSION.sub("/", request.url.path))
    return f"{request.method} {re.sub(r'/[0-9]+', '/#', path)}"


@dataclass(slots=True)
class LateRequests:
    """A network that holds requests back until their sender has given up, and delivers them then.

    Only POSTs: for a request that just reads, it makes no difference.
    """

    clock: VirtualClock
    random: Random
    rate: float = 0.0
    planned: dict[str, list[FaultKind | None]] = field(default_factory=dict)
    """What goes wrong with the next requests of a name (None: nothing); see :func:`name_of`."""
    _held: list[tuple[datetime, Simulator, httpx.Request]] = field(default_factory=list)

    def holds_back(self, simulator: Simulator, request: httpx.Request) -> bool:
        """Whether this one comes late."""
        if request.method != "POST" or self.random.random() >= self.rate:
            return False
        request.read()
        due = self.clock.now() + TIMEOUT + timedelta(seconds=self.random.randint(0, _LATEST))
        self._held.append((due, simulator, request))
        return True

    def next_due(self) -> datetime | None:
        """When the next of them arrives."""
        return min((due for due, _, _ in self._held), default=None)

    def deliver(self, *, everything: bool = False) -> None:
        """Let the vendors have what is due by now."""
        now = self.clock.now()
        due = [one for one in self._held if everything or one[0] <= now]
        self._held = [one for one in self._held if one not in due]
        for _, simulator, request in due:
            simulator.handle(request)


@dataclass(frozen=True, slots=True)
class LateSimulator:
    """A vendor behind such a network."""

    inner: Simulator
    behind: Simulator
    late: LateRequests

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, unless the request is held back."""
        coming = self.late.planned.get(name_of(request))
        planned = coming.pop(0) if coming else None
        if planned is not None:
            faults = Faults(rate=1.0, kinds=(planned,), random=self.late.random)
            return FaultySimulator(inner=self.behind, faults=faults, clock=self.late.clock).handle(
                request
            )
        if self.late.holds_back(self.behind, request):
            self.late.clock.sleep(TIMEOUT.total_seconds())
            raise httpx.ReadTimeout("no reply in time", request=request)
        return self.inner.handle(request)


@dataclass(slots=True)
class Network:
    """The network of all processes. ``simulators`` are the vendors by host, faults in front."""

    clock: VirtualClock
    late: LateRequests
    simulators: dict[str, Simulator] = field(default_factory=dict)

    def add(self, host: str, vendor: Simulator, faulty: FaultySimulator) -> None:
        """Put a vendor at a host."""
        self.simulators[host] = LateSimulator(faulty, vendor, self.late)

    def transport(
        self, point: Callable[[str], None], meanwhile: Callable[[], None]
    ) -> httpx.BaseTransport:
        """The network as one process sees it; ``meanwhile`` lets others work while it waits."""

        def before(request: httpx.Request) -> None:
            point(f"send {name_of(request)}")
            self._wait(request, meanwhile)

        def after(request: httpx.Request, response: httpx.Response) -> None:
            del response
            self._wait(request, meanwhile)
            point(f"receive {name_of(request)}")

        return SimulatorTransport(self.simulators, before=before, after=after)

    def _wait(self, request: httpx.Request, meanwhile: Callable[[], None]) -> None:
        began = self.clock.monotonic()
        meanwhile()
        if self.clock.monotonic() - began >= TIMEOUT.total_seconds():
            raise httpx.ReadTimeout("no reply in time", request=request)


@dataclass(frozen=True, slots=True)
class PointedLine:
    """The way to a CRM in memory: points and others' work around each operation, like a network."""

    inner: FaultyLine
    clock: VirtualClock
    point: Callable[[str], None]
    meanwhile: Callable[[], None]
    heard: Callable[[str, object, object], None]

    def __call__(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        """Carry out an operation."""

        def doing() -> T:
            answer = do()
            self.heard(operation, arguments, answer)
            return answer

        self.point(f"send {operation}")
        self._wait(operation)
        answer = self.inner(operation, arguments, doing)
        self._wait(operation)
        self.point(f"receive {operation}")
        return answer

    def _wait(self, operation: str) -> None:
        began = self.clock.monotonic()
        self.meanwhile()
        if self.clock.monotonic() - began >= TIMEOUT.total_seconds():
            raise Ambiguous("timeout", f"{operation}: no reply in time")
