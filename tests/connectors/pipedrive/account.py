"""A simulated Pipedrive account with its clock, and connectors opened to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import httpx

from connectors.pipedrive import connector as plugin
from connectors.pipedrive.connector import PipedriveConnector
from connectors.pipedrive.harness import HOST, KEY_FIELD
from connectors.pipedrive.options import PipedriveOptions
from connectors.pipedrive.simulated_account import Organization
from connectors.pipedrive.simulator import PipedriveSimulator
from connectors.sdk.conformance import Validator, VirtualClock
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import LostConnection, SimulatorTransport

TOKEN = "pipedrive-token-0042"


def company(domain: str, **fields: FieldValue) -> PushItem:
    """A company to be pushed; the key is its domain."""
    given: dict[str, FieldValue] = {"name": domain.title(), "website": f"https://{domain}"}
    ref = CompanyRef(key=domain, domain=domain, name=str(given["name"]))
    return PushItem(trace_id=f"trace-{domain}", company=ref, fields={**given, **fields})


class Office:
    """One account and connectors to it; ``requests`` holds all that was sent."""

    def __init__(self, *, standard_website: bool = True, judge: Validator | None = None) -> None:
        self.clock = VirtualClock()
        self.crm = PipedriveSimulator(
            token=TOKEN, clock=self.clock, random=Random(5), standard_website=standard_website
        )
        self.requests: list[httpx.Request] = []
        self.violations: list[str] = []
        self.lose_reply_of: Callable[[httpx.Request], bool] = lambda _: False
        self.scripted: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self._judge = judge

    def open(
        self, *, before: Callable[[httpx.Request], None] | None = None, **options: Any
    ) -> PipedriveConnector:
        """A new connector; ``before`` is called with each request that it sends."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        context = ConnectorContext(
            name="pipedrive",
            secrets={"token": TOKEN},
            transport=SimulatorTransport({HOST: self}, before=watch),
            clock=self.clock,
            random=Random(1),
        )
        given = PipedriveOptions.model_validate({"type": "pipedrive", **options})
        opened = plugin.open(given, context)
        assert isinstance(opened, PipedriveConnector)
        return opened

    def ready(self, **options: Any) -> PipedriveConnector:
        """A connector whose fields exist."""
        opened = self.open(**options)
        opened.ensure_schema()
        self.requests.clear()
        return opened

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The account behind a line that may lose a reply, or something else in its place."""
        scripted = self.scripted(request)
        if scripted is not None:
            return scripted
        response = self.crm.handle(request)
        self._judge_exchange(request, response)
        if self.lose_reply_of(request):
            raise LostConnection(processed=True)
        return response

    def _judge_exchange(self, request: httpx.Request, response: httpx.Response) -> None:
        if self._judge is not None:
            self.violations += self._judge.request_problems(request)
            self.violations += self._judge.response_problems(request, response)

    def sent(self, item: PushItem) -> PushItem:
        """The item as the daemon hands it over."""
        return replace(item, sent_at=self.clock.now())

    def settle(self, connector: PipedriveConnector) -> None:
        """Wait until every earlier write shows."""
        self.clock.advance(connector.capabilities.settling + timedelta(seconds=1))

    def creates(self) -> list[httpx.Request]:
        """The creates of organizations that were sent."""
        return [one for one in self.requests if is_create(one)]

    def custom(self, row: Organization, name: str) -> Any:
        """What a row holds in the custom field of this name."""
        return row.custom.get(self.crm.account.codes_of(name)[0])

    def key_code(self) -> str:
        """The code of the key's field."""
        return self.crm.account.codes_of(KEY_FIELD)[0]


def is_create(request: httpx.Request) -> bool:
    """Whether a request creates an organization."""
    return request.method == "POST" and request.url.path.endswith("/organizations")


def is_listing(request: httpx.Request) -> bool:
    """Whether a request lists organizations."""
    return request.method == "GET" and request.url.path.endswith("/organizations")
