"""A simulated organisation of Zoho CRM with its clock, and connectors opened to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import orjson

from connectors.sdk.conformance import Validator, VirtualClock
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import Faults, FaultySimulator, Simulator, SimulatorTransport
from connectors.zoho import connector as plugin
from connectors.zoho.connector import ZohoConnector
from connectors.zoho.harness import ACCOUNTS_HOST, API_HOST
from connectors.zoho.options import ZohoOptions
from connectors.zoho.simulator import ZohoSimulator

SECRETS = {"client_secret": "secret-5f2a", "refresh_token": "1000.refresh-77"}
CLIENT_ID = "1000.TEST"

Hook = Callable[[httpx.Request], None]
Answer = Callable[[httpx.Request], httpx.Response | None]


def company(domain: str, **fields: FieldValue) -> PushItem:
    """A company to be pushed; the key is its domain."""
    given: dict[str, FieldValue] = {"name": domain.title(), "domain": domain, **fields}
    ref = CompanyRef(key=domain, domain=domain, name=str(given["name"]))
    return PushItem(trace_id=f"trace-{domain}", company=ref, fields=given)


def keyed(key: str, name: str = "Acme") -> PushItem:
    """A company without a domain of its own."""
    ref = CompanyRef(key=key, domain=None, name=name)
    return PushItem(trace_id=f"trace-{key}", company=ref, fields={"name": name})


@dataclass
class Organisation:
    """One organisation. ``requests`` holds every request of every connector.

    ``script`` answers in Zoho's place when it returns something.
    """

    judge: Validator | None = None
    clock: VirtualClock = field(default_factory=VirtualClock)
    requests: list[httpx.Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    script: Answer | None = None
    crm: ZohoSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.crm = ZohoSimulator(
            client_id=CLIENT_ID,
            client_secret=SECRETS["client_secret"],
            refresh_token=SECRETS["refresh_token"],
            clock=self.clock,
            random=Random(7),
        )

    def open(
        self, *, before: Hook | None = None, faults: Faults | None = None, **options: Any
    ) -> ZohoConnector:
        """A connector; ``before`` sees each request first, ``faults`` disturb its line."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        vendor: Simulator = self
        if faults is not None:
            vendor = FaultySimulator(inner=self, faults=faults, clock=self.clock)
        hosts = {API_HOST: vendor, ACCOUNTS_HOST: vendor}
        context = ConnectorContext(
            name="crm",
            secrets=SECRETS,
            transport=SimulatorTransport(hosts, before=watch),
            clock=self.clock,
            random=Random(3),
        )
        given = {"type": "zoho", "client_id": CLIENT_ID, "data_centre": "eu", **options}
        opened = plugin.open(ZohoOptions.model_validate(given), context)
        assert isinstance(opened, ZohoConnector)
        return opened

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as Zoho does, or as the script says; the judge looks on."""
        scripted = None if self.script is None else self.script(request)
        if scripted is not None:
            return scripted
        response = self.crm.handle(request)
        if self.judge is not None:
            self.violations += self.judge.request_problems(request)
            self.violations += self.judge.response_problems(request, response)
        return response

    def ready(self, **options: Any) -> ZohoConnector:
        """A connector whose fields exist; ``requests`` starts anew."""
        opened = self.open(**options)
        opened.ensure_schema()
        self.requests.clear()
        return opened

    def settle(self) -> None:
        """Wait until everything shows."""
        self.clock.advance(timedelta(minutes=2))

    def people_add(self, count: int, *, apart: float = 1.0) -> list[str]:
        """People add so many accounts, so many seconds apart; gives their ids."""
        ids = []
        for number in range(count):
            values = {"Account_Name": f"Firm {number}", "Website": f"firm-{number}.example"}
            ids.append(self.crm.org.add(values).account_id)
            self.clock.advance(timedelta(seconds=apart))
        return ids

    def inserts(self) -> list[Any]:
        """The bodies of all inserts that were sent."""
        return [orjson.loads(one.content) for one in self.requests if is_insert(one)]

    def stored(self) -> list[dict[str, Any]]:
        """What all live accounts hold."""
        return [one.values for one in self.crm.org.accounts.values()]


def is_insert(request: httpx.Request) -> bool:
    """Whether a request inserts accounts."""
    return request.method == "POST" and request.url.path == "/crm/v8/Accounts"
