"""SampleCrm's server, small enough for a test: replace its rules by those of your CRM.

It keeps what makes the real one difficult: reads that lag, results of a batch in any order, a key
that stops our own second record but not a person's, and deletions that show in the feed only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias

import httpx
import orjson

from connectors.sdk.clock import Clock, SystemClock

Endpoint: TypeAlias = Callable[[dict[str, Any]], httpx.Response]

PAGE = 20
LAG = timedelta(seconds=4)


@dataclass(slots=True)
class Company:
    """One company, and from when on listings show its last change."""

    id: int
    fields: dict[str, Any]
    created_at: datetime
    changed_at: datetime
    shown_from: datetime
    deleted: bool = False

    def row(self) -> dict[str, Any]:
        """The company as the API tells it."""
        stamps = {
            "created_at": self.created_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
        }
        return {"id": self.id, **self.fields, **stamps, "deleted": self.deleted}


@dataclass(slots=True, kw_only=True)
class SampleCrmSimulator:
    """The account of one customer."""

    token: str
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
    companies: dict[int, Company] = field(default_factory=dict)
    refused_names: set[str] = field(default_factory=set)
    exhausted: bool = False

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return httpx.Response(401, json={"message": "the token is not known"})
        if self.exhausted:
            headers = {"retry-after": "3600"}
            return httpx.Response(429, headers=headers, json={"message": "quota used up"})
        endpoints: dict[tuple[str, str], Endpoint] = {
            ("GET", "/v1/me"): self._me,
            ("GET", "/v1/companies"): self._list,
            ("GET", "/v1/changes"): self._changes,
            ("POST", "/v1/companies/read"): self._read,
            ("POST", "/v1/companies/search"): self._search,
            ("POST", "/v1/companies/batch"): self._batch,
        }
        endpoint = endpoints.get((request.method, request.url.path))
        if endpoint is None:
            return httpx.Response(404, json={"message": "no such path"})
        body = orjson.loads(request.content) if request.content else {}
        return endpoint({**request.url.params, **body})

    # What people and the vendor's own processes do.

    def add(self, fields: dict[str, Any], *, shown_after: timedelta = LAG) -> Company:
        """A new company."""
        now = self.clock.now()
        number = len(self.companies) + 1
        company = Company(number, fields, now, now, now + shown_after)
        self.companies[number] = company
        return company

    def change(self, number: int, *, deleted: bool | None = None, **fields: Any) -> None:
        """A person changes a company, throws it away, or takes it back."""
        company = self.companies[number]
        company.fields.update(fields)
        company.deleted = company.deleted if deleted is None else deleted
        company.changed_at = self.clock.now()
        company.shown_from = company.changed_at + LAG

    # The endpoints.

    def _me(self, asked: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json={"account": "sample", "asked": sorted(asked)})

    def _read(self, asked: dict[str, Any]) -> httpx.Response:
        return self._rows([company for company in self._live() if str(company.id) in asked["ids"]])

    def _list(self, asked: dict[str, Any]) -> httpx.Response:
        after = int(asked.get("after", 0))
        shown = [c for c in self._live() if c.shown_from <= self.clock.now() and c.id > after]
        page = shown[:PAGE]
        following = str(page[-1].id) if len(shown) > PAGE else None
        rows = [company.row() for company in page]
        return httpx.Response(200, json={"companies": rows, "next": following})

    def _changes(self, asked: dict[str, Any]) -> httpx.Response:
        floor, after = datetime.fromisoformat(asked["since"]), asked.get("after")
        now = self.clock.now()
        shown = sorted(
            (c.changed_at.isoformat(), c.id)
            for c in self.companies.values()
            if c.shown_from <= now and c.changed_at >= floor
        )
        if after is not None:
            moment, _, number = after.partition("|")
            shown = [place for place in shown if place > (moment, int(number))]
        page = shown[:PAGE]
        following = f"{page[-1][0]}|{page[-1][1]}" if len(shown) > PAGE else None
        rows = [self.companies[number].row() for _, number in page]
        return httpx.Response(200, json={"changes": rows, "next": following})

    def _search(self, asked: dict[str, Any]) -> httpx.Response:
        key, domain = asked["external_key"], asked["domain"]
        return self._rows(
            [
                company
                for company in self._live()
                if company.fields.get("external_key") == key
                or (domain and _host(company.fields.get("website")) == domain)
            ]
        )

    def _batch(self, asked: dict[str, Any]) -> httpx.Response:
        results = [self._create(draft) for draft in asked["companies"]]
        self.random.shuffle(results)
        return httpx.Response(207, json={"results": results})

    def _create(self, draft: dict[str, Any]) -> dict[str, Any]:
        key = draft["external_key"]
        held = [c for c in self.companies.values() if c.fields.get("external_key") == key]
        if draft["name"] in self.refused_names:
            return {"external_key": key, "status": 422, "message": "a rule refuses this company"}
        if held:
            return {"external_key": key, "status": 409, "id": held[0].id}
        return {"external_key": key, "status": 201, "id": self.add(dict(draft)).id}

    def _rows(self, companies: list[Company]) -> httpx.Response:
        return httpx.Response(200, json={"companies": [company.row() for company in companies]})

    def _live(self) -> list[Company]:
        return [company for company in self.companies.values() if not company.deleted]


def _host(website: str | None) -> str:
    """What SampleCrm compares: the host without ``www``."""
    text = (website or "").lower().partition("://")
    host = (text[2] or text[0]).partition("/")[0]
    return host.removeprefix("www.")
