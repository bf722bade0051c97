"""A simulated Salesforce organisation with its clock, and connectors opened to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import orjson

from connectors.salesforce import connector as plugin
from connectors.salesforce.options import DEFAULT_MAPPING
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.protocol import Connector, ConnectorContext, Exchange
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import Faults, FaultySimulator, Simulator, SimulatorTransport

KEY = "Prospectd_Key__c"
HOST = "acme.my.salesforce.com"
INSERT = "/services/data/v67.0/composite/sobjects"

Hook = Callable[[httpx.Request], None]


def company(domain: str, **fields: FieldValue) -> PushItem:
    """A company to be pushed; the key is its domain."""
    given: dict[str, FieldValue] = {
        "name": domain.title(),
        "website": f"https://{domain}",
        **fields,
    }
    ref = CompanyRef(key=domain, domain=domain, name=str(given["name"]))
    return PushItem(trace_id=f"trace-{domain}", company=ref, fields=given)


@dataclass
class Organisation:
    """One organisation. ``requests`` holds every request of every connector."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    requests: list[httpx.Request] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    site: SalesforceSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.site = SalesforceSimulator(clock=self.clock, random=Random(7))

    def open(
        self,
        *,
        before: Hook | None = None,
        faults: Faults | None = None,
        inner: Simulator | None = None,
        secret: str | None = None,
        **options: Any,
    ) -> Connector:
        """A connector; ``before`` sees each request first, ``faults`` disturb its line."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        vendor: Simulator = inner or self.site
        if faults is not None:
            vendor = FaultySimulator(inner=vendor, faults=faults, clock=self.clock)
        context = ConnectorContext(
            name="crm",
            secrets={"client_secret": secret or self.site.client_secret},
            transport=SimulatorTransport({HOST: vendor}, before=watch),
            clock=self.clock,
            random=Random(3),
            observe=self.exchanges.append,
        )
        given = {"base_url": f"https://{HOST}", "client_id": self.site.client_id, **options}
        return plugin.open(plugin.options.model_validate(given), context)

    def ready(self, **more: Any) -> Connector:
        """A connector whose fields exist; what was requested for that is forgotten."""
        if KEY not in self.site.org.fields:
            self.site.prepare(KEY, DEFAULT_MAPPING)
        opened = self.open(**more)
        opened.probe()
        self.requests.clear()
        return opened

    def inserted(self) -> list[list[dict[str, Any]]]:
        """The records of each create, in order."""
        return [orjson.loads(r.content)["records"] for r in self.requests if r.url.path == INSERT]

    def values(self, name: str) -> list[Any]:
        """This field of each live account that has one, sorted."""
        return sorted(each[name] for each in self.site.accounts() if each.get(name))

    def account(self, record_id: str | None) -> Mapping[str, Any]:
        """All values of one live account."""
        found: dict[str, Mapping[str, Any]] = {each["Id"]: each for each in self.site.accounts()}
        return found[str(record_id)]


def kinds(outcomes: Sequence[Any]) -> list[str]:
    """The kinds of outcomes or resolutions, as text."""
    return [outcome.kind.value for outcome in outcomes]
