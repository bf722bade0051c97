"""A simulated HubSpot account with its clock, and connectors opened to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import orjson

from connectors.hubspot import connector as plugin
from connectors.hubspot.simulator import HubSpotSimulator
from connectors.sdk.conformance import Validator, VirtualClock
from connectors.sdk.protocol import Connector, ConnectorContext, Exchange
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import Faults, FaultySimulator, Simulator, SimulatorTransport
from tests.connectors.hubspot.judge import Judged

KEY = "prospectd_key"
BASE = "https://api.hubapi.com"
OBJECTS = f"{BASE}/crm/objects/2026-03/companies"

Hook = Callable[[httpx.Request], None]


def company(domain: str, **fields: FieldValue) -> PushItem:
    """A company to be pushed; the key is its domain."""
    given: dict[str, FieldValue] = {"name": domain.title(), "domain": domain, **fields}
    ref = CompanyRef(key=domain, domain=domain, name=str(given["name"]))
    return PushItem(trace_id=f"trace-{domain}", company=ref, fields=given)


@dataclass
class Account:
    """One account. ``requests`` holds every request of every connector, as method and path."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    requests: list[httpx.Request] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    judge: Validator | None = None
    violations: list[str] = field(default_factory=list)
    simulator: HubSpotSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.simulator = HubSpotSimulator(clock=self.clock, random=Random(7))

    def open(
        self,
        *,
        before: Hook | None = None,
        faults: Faults | None = None,
        token: str | None = None,
        inner: Simulator | None = None,
        **options: Any,
    ) -> Connector:
        """A connector; ``before`` sees each request first, ``faults`` disturb its line."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        vendor = inner or self._judged()
        if faults is not None:
            vendor = FaultySimulator(inner=vendor, faults=faults, clock=self.clock)
        context = ConnectorContext(
            name="crm",
            secrets={"token": token or self.simulator.token},
            transport=SimulatorTransport({"api.hubapi.com": vendor}, before=watch),
            clock=self.clock,
            random=Random(3),
            observe=self.exchanges.append,
        )
        return plugin.open(plugin.options.model_validate(options), context)

    def _judged(self) -> Simulator:
        if self.judge is None:
            return self.simulator
        return Judged(self.simulator, self.judge, self.violations)

    def open_with(self, inner: Simulator) -> Connector:
        """A connector to something in front of the account."""
        return self.open(inner=inner)

    def ready(self, **more: Any) -> Connector:
        """A connector whose properties exist; what was requested for that is forgotten."""
        self.open().ensure_schema()
        opened = self.open(**more)
        self.requests.clear()
        return opened

    def send(self, method: str, url: str, body: object = None) -> httpx.Response:
        """A request of somebody with the token, straight to the simulator."""
        headers = {"authorization": f"Bearer {self.simulator.token}"}
        content = None if body is None else orjson.dumps(body)
        return self.simulator.handle(httpx.Request(method, url, headers=headers, content=content))

    def paths(self) -> list[str]:
        """The last part of each request's path, in order."""
        return [request.url.path.removeprefix("/crm/") for request in self.requests]

    def values(self, name: str) -> list[str]:
        """This property of each live company that has one, sorted."""
        shown = [each["properties"].get(name) for each in self.simulator.companies()]
        return sorted(value for value in shown if value)

    def properties(self, record_id: str | None) -> Mapping[str, str]:
        """All properties of one live company."""
        found = {each["id"]: each["properties"] for each in self.simulator.companies()}
        properties: Mapping[str, str] = found[str(record_id)]
        return properties


def kinds(outcomes: Sequence[Any]) -> list[str]:
    """The kinds of outcomes or resolutions, as text."""
    return [outcome.kind.value for outcome in outcomes]
