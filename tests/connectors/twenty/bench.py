"""A simulated Twenty and connectors to it, for tests that look at single requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import orjson

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import SimulatorTransport
from connectors.twenty.connector import TwentyConnector
from connectors.twenty.options import TwentyOptions
from connectors.twenty.simulated.fields import accept_body
from connectors.twenty.simulated.table import Row
from connectors.twenty.simulator import ADMINISTRATOR, TwentySimulator

HOST = "crm.example"
CREATE, BATCH = "/rest/companies", "/rest/batch/companies"
Answer = Callable[[httpx.Request], httpx.Response | None]


class Gate(httpx.BaseTransport):
    """The network: counts requests, and lets a test answer or break in before the server."""

    def __init__(self, crm: TwentySimulator, seen: list[httpx.Request], answer: Answer) -> None:
        self._inner = SimulatorTransport({HOST: crm})
        self._seen = seen
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note the request, and pass it on unless the test answers it."""
        request.read()
        self._seen.append(request)
        scripted = self._answer(request)
        return self._inner.handle_request(request) if scripted is None else scripted


def pass_on(_: httpx.Request) -> httpx.Response | None:
    """Answer nothing: the server does."""
    return None


@dataclass
class Bench:
    """One server. ``seen`` are the requests of every connector that was opened here."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    seen: list[httpx.Request] = field(default_factory=list)
    cold: bool = False

    def __post_init__(self) -> None:
        self.crm = TwentySimulator(clock=self.clock, random=Random(5), cold=self.cold)

    def open(
        self, *, token: str = ADMINISTRATOR, answer: Answer = pass_on, **options: Any
    ) -> TwentyConnector:
        """A connector to the server."""
        context = ConnectorContext(
            name="crm",
            secrets={"token": token},
            transport=Gate(self.crm, self.seen, answer),
            clock=self.clock,
            random=Random(7),
        )
        chosen = {"type": "twenty", "base_url": f"https://{HOST}", **options}
        return TwentyConnector(TwentyOptions.model_validate(chosen), context)

    def ready(self, **options: Any) -> TwentyConnector:
        """A connector whose fields exist; ``seen`` starts anew."""
        connector = self.open(**options)
        connector.ensure_schema()
        self.seen.clear()
        return connector

    def add(self, **body: Any) -> str:
        """Somebody's company, however it is spelled; gives its id."""
        values = accept_body(self.crm.workspace.fields, body)
        (record_id,) = self.crm.workspace.table.insert([values], self.clock.now())
        return record_id

    def delete(self, record_id: str) -> None:
        """A person puts it into the bin."""
        now = self.clock.now()
        self.crm.workspace.table.update(record_id, {"deletedAt": now}, now)

    @property
    def rows(self) -> dict[str, Row]:
        """Every row by id, soft-deleted ones included."""
        return self.crm.workspace.table.rows

    @property
    def live(self) -> list[Row]:
        """The rows that people see."""
        return list(self.crm.workspace.table.live_rows())

    def sent(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests to this path."""
        chosen = [r for r in self.seen if (r.method, r.url.path) == (method, path)]
        return [orjson.loads(r.content) if r.content else None for r in chosen]


def company(domain: str = "acme.com", **fields: FieldValue) -> PushItem:
    """A company to push."""
    name = str(fields.get("name", domain.partition(".")[0].title()))
    return PushItem(
        trace_id=f"trace-{domain}",
        company=CompanyRef(key=domain, domain=domain, name=name),
        fields={"name": name, "domain": domain, **fields},
    )


def refusing(path: str, *, status: int, message: str, times: int = 1) -> Answer:
    """Answers the first so many POSTs to the path with a refusal."""
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response | None:
        if (request.method, request.url.path) != ("POST", path) or not left[0]:
            return None
        left[0] -= 1
        body = {"statusCode": status, "error": "Error", "messages": [message]}
        return httpx.Response(status, json=body)

    return answer
