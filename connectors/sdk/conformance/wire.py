"""The line between a connector and its CRM, in the hands of the suite.

Every request passes here: it is numbered, kept, and may be disturbed. A connector over HTTP meets
the wire as an httpx transport, one in process as a function that is called around each operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import httpx
import orjson

from connectors.sdk.clock import Clock
from connectors.sdk.conformance.verdict import Runaway
from connectors.sdk.inprocess import call_with_fault
from connectors.sdk.protocol import Exchange
from connectors.sdk.simulator import (
    FaultKind,
    Faults,
    FaultySimulator,
    Simulator,
    SimulatorTransport,
)

T = TypeVar("T")

UNKNOWN_FIELD = "conformance_unknown_field"
_BODY_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Validator(Protocol):
    """Judges requests and replies by the vendor's own specification."""

    def request_problems(self, request: httpx.Request) -> Sequence[str]:
        """What the specification forbids about this request, each as a sentence."""
        ...

    def response_problems(self, request: httpx.Request, response: httpx.Response) -> Sequence[str]:
        """What the specification forbids about this reply of the simulator."""
        ...


@dataclass(slots=True)
class Seen:
    """One request as it went over the wire. ``number`` counts from 1 on each wire."""

    number: int
    method: str
    url: str
    body: bytes = b""
    fault: FaultKind | None = None

    @property
    def content(self) -> tuple[str, str, bytes]:
        """What makes two requests the same request."""
        return self.method, self.url, self.body


@dataclass(slots=True, kw_only=True)
class Wire:
    """One connector's line. The public attributes may be set at any time by a law.

    ``before`` is called with each request before it is processed, ``after`` when it has been.
    ``scripted`` answers in the CRM's place when it returns something. ``faults`` names the fault of
    a request by its number, ``every_fault`` that of each request. From ``stuck_after`` on each
    answer repeats the one before. More than ``limit`` requests are a runaway.
    """

    clock: Clock
    validator: Validator | None = None
    before: Callable[[Seen], None] | None = None
    after: Callable[[Seen], None] | None = None
    scripted: Callable[[httpx.Request], httpx.Response | None] | None = None
    faults: dict[int, FaultKind] = field(default_factory=dict)
    every_fault: FaultKind | None = None
    stuck_after: int | None = None
    unknown_fields: bool = False
    limit: int = 5_000
    speaks_http: bool = False
    seen: list[Seen] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _last: Any = None

    def calm(self) -> None:
        """Undisturbed from here on; the numbers and ``seen`` start again."""
        self.before = self.after = self.scripted = self.every_fault = self.stuck_after = None
        self.unknown_fields = False
        self.faults.clear()
        self.seen.clear()

    def transport(self, simulators: Mapping[str, Simulator]) -> httpx.BaseTransport:
        """This wire as the network of a connector that speaks HTTP; simulators by host name."""
        self.speaks_http = True
        return WireTransport(self, simulators)

    def line(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        """This wire around one operation of a connector that works in process."""
        seen = self.start("CALL", operation, repr(arguments).encode())
        return call_with_fault(seen.fault, operation, lambda: self.carry(seen, do))

    def start(self, method: str, url: str, body: bytes) -> Seen:
        """Number a request and decide its fault.

        Raises:
            Runaway: there were too many.
        """
        number = len(self.seen) + 1
        if number > self.limit:
            raise Runaway(f"more than {self.limit} requests, the last to {method} {url}")
        fault = self.faults.get(number, self.every_fault)
        seen = Seen(number, method, url, body, fault)
        self.seen.append(seen)
        if self.before is not None:
            self.before(seen)
        return seen

    def carry(self, seen: Seen, do: Callable[[], T]) -> T:
        """Have the CRM answer, or repeat its last answer where the wire is stuck."""
        stuck = self.stuck_after is not None and seen.number > self.stuck_after
        if stuck and self._last is not None:
            repeated: T = self._last
            return repeated
        answer = do()
        self._last = answer
        if self.after is not None:
            self.after(seen)
        return answer


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reply that can be given again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    @classmethod
    def of(cls, response: httpx.Response) -> "_Answer":
        content = response.read()
        headers = tuple(
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in _BODY_HEADERS
        )
        return cls(response.status_code, headers, content)

    def response(self, *, unknown_fields: bool) -> httpx.Response:
        content = with_unknown_fields(self.content) if unknown_fields else self.content
        return httpx.Response(self.status, headers=list(self.headers), content=content)


class WireTransport(httpx.BaseTransport):
    """A wire as an httpx transport."""

    def __init__(self, wire: Wire, simulators: Mapping[str, Simulator]) -> None:
        self._wire = wire
        self._inner = SimulatorTransport(
            {host: _Watched(wire, simulator) for host, simulator in simulators.items()}
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, disturbed as the wire says."""
        return self._inner.handle_request(request)


class _Watched:
    """A simulator behind a wire."""

    def __init__(self, wire: Wire, simulator: Simulator) -> None:
        self._wire = wire
        self._simulator = simulator

    def handle(self, request: httpx.Request) -> httpx.Response:
        wire = self._wire
        seen = wire.start(request.method, str(request.url), request.content)
        if wire.validator is not None:
            wire.violations += wire.validator.request_problems(request)
        scripted = None if wire.scripted is None else wire.scripted(request)
        if scripted is not None:
            return scripted
        kinds = () if seen.fault is None else (seen.fault,)
        faulty = FaultySimulator(
            inner=_Carried(wire, seen, self._simulator),
            faults=Faults(rate=1.0, kinds=kinds),
            clock=wire.clock,
        )
        return faulty.handle(request)


@dataclass(frozen=True, slots=True)
class _Carried:
    """The simulator itself, once it is decided that the request arrives."""

    wire: Wire
    seen: Seen
    simulator: Simulator

    def handle(self, request: httpx.Request) -> httpx.Response:
        answer = self.wire.carry(self.seen, lambda: self._ask(request))
        return answer.response(unknown_fields=self.wire.unknown_fields)

    def _ask(self, request: httpx.Request) -> _Answer:
        try:
            response = self.simulator.handle(request)
        except KeyError as error:  # which the transport would take for an unknown host
            raise RuntimeError(f"the simulator itself failed: KeyError {error}") from error
        answer = _Answer.of(response)
        if self.wire.validator is not None:
            whole = answer.response(unknown_fields=False)
            self.wire.violations += self.wire.validator.response_problems(request, whole)
        return answer


def with_unknown_fields(content: bytes) -> bytes:
    """The JSON with a field that nobody knows in its envelope and in each object of a list."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return content
    if isinstance(value, dict):
        value[UNKNOWN_FIELD] = "new in this version"
    _decorate(value)
    return orjson.dumps(value)


def _decorate(value: object) -> None:
    if isinstance(value, list):
        for element in value:
            if isinstance(element, dict):
                element[UNKNOWN_FIELD] = {"nested": [1, None]}
            _decorate(element)
    elif isinstance(value, dict):
        for element in value.values():
            _decorate(element)
