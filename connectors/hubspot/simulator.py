"""A HubSpot account in process, with HubSpot's semantics, for tests and for the sandbox."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from random import Random
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx

from connectors.hubspot.simulated.answers import Json, Refused, answer, error_body
from connectors.hubspot.simulated.endpoints import Endpoints
from connectors.hubspot.simulated.portal import Company, Portal
from connectors.sdk.clock import Clock, SystemClock

Handler: TypeAlias = Callable[..., tuple[int, Any]]

SCOPES = frozenset(
    {"crm.objects.companies.read", "crm.objects.companies.write", "crm.schemas.companies.write"}
)
READ, WRITE, SCHEMA = (
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.schemas.companies.write",
)
_OBJECTS = r"/crm/objects/(?:20\d\d-\d\d|v3)/companies"
_PROPERTIES = r"/crm/properties/(?:20\d\d-\d\d|v3)/companies"


class HubSpotSimulator:
    """One HubSpot account. Set its attributes to make it behave as accounts do on bad days.

    Args:
        clock: the account's time; search lags by ``index_lag`` of it.
        random: shuffles the results of batches, which HubSpot returns in no order.
        token: the bearer token that is accepted.
        index_lag: how long after a write search shows it.
        requests_per_10s: the limit that it enforces and announces; the sandbox sets it high.
        searches_per_second: the limit of search, which no header announces.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        token: str = "pat-simulated-token",  # noqa: S107 - opens nothing but this simulator
        portal_id: int = 62_515,
        index_lag: timedelta = timedelta(seconds=5),
        requests_per_10s: int = 190,
        searches_per_second: int = 5,
    ) -> None:
        self.clock = clock or SystemClock()
        self.portal = Portal(self.clock, portal_id=portal_id, index_lag=index_lag)
        self.random = random or Random()
        self.token = token
        self.scopes = set(SCOPES)
        self.requests_per_10s = requests_per_10s
        self.searches_per_second = searches_per_second
        self.daily_exhausted = False
        self.migrating_for: timedelta | None = None
        self.locked_times = 0
        """So many requests to come are answered 423."""
        self.conflict_on_upsert = False
        """Answer an upsert of an existing key as one that lost a race: with a conflict."""
        self.multi_status = True
        """False: one bad record fails its whole batch, as without ``objectWriteTraceId``."""
        self.echoes_trace_ids = True
        self.merge_makes_new_id = False
        """The survivor of a merge through the API gets a new id, as in newer accounts."""
        self.requests = 0
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._routes = self._make_routes(Endpoints(self))

    # The vendor's side of the wire.

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests += 1
        path = request.url.path
        search = path.endswith("/search")
        try:
            self._admit(request, search=search)
            status, body = self._dispatch(request, path)
        except Refused as refused:
            status, body = refused.status, error_body(refused, self.requests)
        response = answer(status, body)
        response.headers["date"] = format_datetime(self.clock.now(), usegmt=True)
        if status == 477 and self.migrating_for is not None:
            response.headers["retry-after"] = str(int(self.migrating_for.total_seconds()))
        if not search:
            response.headers["x-hubspot-ratelimit-max"] = str(self.requests_per_10s)
            left = max(0, self.requests_per_10s - len(self._recent))
            response.headers["x-hubspot-ratelimit-remaining"] = str(left)
            response.headers["x-hubspot-ratelimit-interval-milliseconds"] = "10000"
        return response

    def _dispatch(self, request: httpx.Request, path: str) -> tuple[int, Any]:
        for method, pattern, scope, handler in self._routes:
            found = pattern.fullmatch(path)
            if found is not None and method == request.method:
                self._need(scope)
                return handler(request, *found.groups())
        raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")

    def _admit(self, request: httpx.Request, *, search: bool) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            message = "Authentication credentials not found. This API supports OAuth 2.0."
            raise Refused(401, "INVALID_AUTHENTICATION", message)
        if self.migrating_for is not None:
            raise Refused(477, "MIGRATION_IN_PROGRESS", "This account is being migrated")
        if self.locked_times > 0:
            self.locked_times -= 1
            raise Refused(423, "LOCKED", "Too many changes at once; wait at least 2 seconds")
        if self.daily_exhausted:
            raise self._limited("You have reached your daily limit.", "DAILY")
        now = self.clock.monotonic()
        if _crowded(self._recent, now, 10.0, self.requests_per_10s):
            raise self._limited(
                "You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING"
            )
        if search and _crowded(self._searches, now, 1.0, self.searches_per_second):
            raise self._limited("You have reached your secondly limit.", "SECONDLY")

    def _limited(self, message: str, policy: str) -> Refused:
        return Refused(429, "RATE_LIMITS", message, errorType="RATE_LIMIT", policyName=policy)

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            detail = {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": [scope]},
            }
            message = "This app hasn't been granted all required scopes to make this call."
            raise Refused(403, "MISSING_SCOPES", message, errors=[detail])

    def _make_routes(
        self, ends: Endpoints
    ) -> tuple[tuple[str, re.Pattern[str], str, Handler], ...]:
        routes: tuple[tuple[str, str, str, Handler], ...] = (
            ("GET", _OBJECTS, READ, ends.list_companies),
            ("POST", _OBJECTS + "/batch/read", READ, ends.batch_read),
            ("POST", _OBJECTS + "/batch/create", WRITE, ends.batch_create),
            ("POST", _OBJECTS + "/batch/upsert", WRITE, ends.batch_upsert),
            ("POST", _OBJECTS + "/search", READ, ends.search),
            ("POST", _OBJECTS + "/merge", WRITE, ends.merge),
            ("GET", _OBJECTS + r"/(\d+)", READ, ends.get_company),
            ("PATCH", _OBJECTS + r"/(\d+)", WRITE, ends.patch_company),
            ("DELETE", _OBJECTS + r"/(\d+)", WRITE, ends.delete_company),
            ("GET", _PROPERTIES + "/groups", READ, ends.list_groups),
            ("POST", _PROPERTIES + "/groups", SCHEMA, ends.create_group),
            ("GET", _PROPERTIES, READ, ends.list_properties),
            ("POST", _PROPERTIES, SCHEMA, ends.create_property),
            ("GET", _PROPERTIES + r"/([a-z0-9_]+)", READ, ends.get_property),
        )
        return tuple((method, re.compile(path), scope, do) for method, path, scope, do in routes)

    # What people do in the account, round the API.

    def companies(self) -> list[Json]:
        """What a person sees: ``{"id", "properties"}`` of each live record, by id."""
        return [{"id": str(c.id), "properties": dict(c.properties)} for c in self.portal.live()]

    def seed(self, companies: Iterable[Mapping[str, str]]) -> list[str]:
        """Add many records, known to search at once; gives their ids."""
        return self.portal.seed(companies)

    def create(self, *, lag: timedelta | None = None, **properties: str) -> str:
        """A person adds a company. ``lag`` overrides how long search does not show it."""
        return str(self.portal.create(properties, lag=lag).id)

    def type_in(self, name: str, websites: Sequence[str], *, lag: timedelta | None = None) -> str:
        """A person fills in the form: HubSpot takes the domain out of the website by itself."""
        return self.create(lag=lag, **typed_properties(name, websites))

    def edit(self, record_id: str, **properties: str) -> None:
        """A person changes properties; an empty text clears one."""
        self.portal.update(self._company(record_id), properties)

    def archive(self, record_id: str) -> None:
        """A person deletes a company."""
        self.portal.archive(self._company(record_id))

    def restore(self, record_id: str) -> None:
        """A person takes a deleted company back."""
        self.portal.restore(self._company(record_id))

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges one company into another."""
        self.portal.merge(self._company(survivor_id), self._company(lost_id))

    def require(self, *names: str) -> None:
        """The administrator makes properties required for new companies."""
        self.portal.required.update(names)

    def make_unique(self, name: str) -> None:
        """Let a standard property be unique, as some accounts have ``domain``."""
        self.portal.definitions[name]["hasUniqueValue"] = True

    def _company(self, record_id: str) -> Company:
        company = self.portal.company(int(record_id))
        if company is None:
            raise KeyError(record_id)
        return company


def typed_properties(name: str, websites: Sequence[str]) -> dict[str, str]:
    """What the form stores: the first website as typed, and the domains of all."""
    hosts = [urlsplit(each if "://" in each else f"//{each}").hostname or "" for each in websites]
    values = {"name": name, "website": websites[0] if websites else "", "domain": ""}
    if hosts:
        values |= {"domain": hosts[0], "hs_additional_domains": ";".join(hosts[1:])}
    return {key: value for key, value in values.items() if value}


def _crowded(recent: deque[float], now: float, seconds: float, limit: int) -> bool:
    """Whether one more would be too many; if not, it is counted."""
    while recent and recent[0] <= now - seconds:
        recent.popleft()
    if len(recent) >= limit:
        return True
    recent.append(now)
    return False
