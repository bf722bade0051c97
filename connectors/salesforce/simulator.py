"""A Salesforce organisation in process, with Salesforce's semantics, for tests and the sandbox."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import httpx
import orjson

from connectors.salesforce.fields import own_metadata
from connectors.salesforce.simulated.catalogue import Json
from connectors.salesforce.simulated.endpoints import Endpoints, Refused
from connectors.salesforce.simulated.org import Account, Org
from connectors.salesforce.simulated.writing import Rules
from connectors.sdk.clock import Clock, SystemClock

Handler: TypeAlias = Callable[..., tuple[int, Any]]

RIGHTS = frozenset({"create", "customize", "permissions"})
_DATA = r"/services/data/v\d\d\.0"
_LONGEST_ADDRESS = 16_384


class SalesforceSimulator:
    """One organisation. Set its attributes to make it behave as organisations do on bad days.

    Args:
        clock: the organisation's time.
        random: makes the access tokens.
        host: its My Domain.
        client_id: the consumer key that is accepted.
        client_secret: the consumer secret that is accepted.
        page_size: rows of one reply; Salesforce gives up to 2,000, and fewer when rows are large.
        token_lasts: how long a token opens the API, which Salesforce does not tell.
        daily_requests: the organisation's requests in 24 hours.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        host: str = "acme.my.salesforce.com",
        client_id: str = "3MVG9.simulated",
        client_secret: str = "simulated-client-secret",  # noqa: S107 - opens nothing but this simulator
        page_size: int = 2_000,
        token_lasts: timedelta = timedelta(hours=2),
        daily_requests: int = 100_000,
    ) -> None:
        self.clock = clock or SystemClock()
        self.random = random or Random()
        self.org = Org(self.clock)
        self.rules = Rules()
        self.rights = set(RIGHTS)
        """What the app's user may: create accounts, customize the application, permission sets."""
        self.host = host
        self.client_id = client_id
        self.client_secret = client_secret
        self.page_size = page_size
        self.token_lasts = token_lasts
        self.daily_requests = daily_requests
        self.crowded_times = 0
        """So many requests to come meet too many long requests at once."""
        self.closed = False
        """The organisation's edition has no API."""
        self.version = "67.0"
        self.used = 0
        self.logins = 0
        self.login_error: tuple[str, str] | None = None
        self._tokens: dict[str, datetime] = {}
        self._routes = _make_routes(Endpoints(self))

    # The vendor's side of the wire.

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path
        if path == "/services/oauth2/token":
            return self._answer(*self._log_in(request))
        try:
            self._admit(request)
            response = self._answer(*self._dispatch(request, path))
        except Refused as refused:
            response = self._answer(refused.status, refused.body)
        response.headers["sforce-limit-info"] = f"api-usage={self.used}/{self.daily_requests}"
        return response

    def _answer(self, status: int, body: Any) -> httpx.Response:
        headers = {"content-type": "application/json;charset=UTF-8"}
        headers["date"] = format_datetime(self.clock.now(), usegmt=True)
        return httpx.Response(status, headers=headers, content=orjson.dumps(body))

    def _log_in(self, request: httpx.Request) -> tuple[int, Json]:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if self.login_error is not None:
            error, description = self.login_error
            return 400, {"error": error, "error_description": description}
        if form.get("grant_type") != "client_credentials":
            refusal = {"error": "unsupported_grant_type"}
            return 400, refusal | {"error_description": "grant type not supported"}
        if form.get("client_id") != self.client_id:
            refusal = {"error": "invalid_client_id"}
            return 400, refusal | {"error_description": "client identifier invalid"}
        if form.get("client_secret") != self.client_secret:
            refusal = {"error": "invalid_client"}
            return 400, refusal | {"error_description": "invalid client credentials"}
        self.logins += 1
        token = f"00DgL0000000001!{self.random.getrandbits(128):032x}"
        self._tokens[token] = self.clock.now() + self.token_lasts
        return 200, {
            "access_token": token,
            "signature": "c2lnbmF0dXJl",
            "scope": "api",
            "instance_url": f"https://{self.host}",
            "id": f"https://login.salesforce.com/id/00DgL0000000001AAA/{self.org.user_id}",
            "token_type": "Bearer",
            "issued_at": str(int(self.clock.now().timestamp() * 1000)),
        }

    def _admit(self, request: httpx.Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, self.clock.now()) <= self.clock.now():
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.closed:
            message = "The REST API is not enabled for this Organization."
            raise Refused(403, "API_DISABLED_FOR_ORG", message)
        if self.crowded_times > 0:
            self.crowded_times -= 1
            message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", message)
        if self.used >= self.daily_requests:
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.used += 1
        if len(str(request.url)) > _LONGEST_ADDRESS:
            raise Refused(414, "URI_TOO_LONG", "URI Too Long")

    def _dispatch(self, request: httpx.Request, path: str) -> tuple[int, Any]:
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(path)
            if found is not None and method == request.method:
                return handler(request, *found.groups())
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")

    # What people do in the organisation, round the API.

    def accounts(self) -> list[Json]:
        """What a person sees: ``{"Id", …}`` of each live account, by id."""
        return [{"Id": each.id, **each.values} for each in self.org.live()]

    def seed(self, accounts: Iterable[Mapping[str, Any]]) -> list[str]:
        """Add many accounts; gives their ids."""
        return [self.org.insert(values).id for values in accounts]

    def create(self, *, late: timedelta = timedelta(0), **values: Any) -> str:
        """A person adds an account; ``late`` is how long its transaction takes to commit."""
        return self.org.insert(values, late=late).id

    def edit(self, record_id: str, **values: Any) -> None:
        """A person changes fields; None clears one."""
        self.org.update(self._account(record_id), values)

    def delete(self, record_id: str) -> None:
        """A person deletes an account; it is in the recycle bin for 15 days."""
        self.org.delete(self._account(record_id))

    def undelete(self, record_id: str) -> None:
        """A person takes an account back out of the recycle bin."""
        self.org.undelete(self._account(record_id))

    def purge(self, record_id: str) -> None:
        """The recycle bin is emptied of an account: no query shows it any more."""
        self.org.purge(self._account(record_id))

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges one account into another."""
        self.org.merge(self._account(survivor_id), self._account(lost_id))

    def prepare(self, key_field: str, mapped: Iterable[str] = ()) -> None:
        """An administrator makes our fields by hand, visible to the app's user."""
        for name, metadata in own_metadata(key_field, mapped).items():
            self.org.add_field(name, metadata, hidden=False)

    def expire_tokens(self) -> None:
        """Every token stops working, as when sessions time out."""
        self._tokens.clear()

    def _account(self, record_id: str) -> Account:
        return self.org.accounts[record_id]


def _make_routes(ends: Endpoints) -> tuple[tuple[str, re.Pattern[str], Handler], ...]:
    routes: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/query", ends.query),
        ("GET", "/queryAll", ends.query_all),
        ("GET", r"/query/([\w-]+)", ends.query_more),
        ("GET", "/sobjects/Account/describe", ends.describe),
        ("POST", "/composite/sobjects", ends.insert),
        ("PATCH", r"/composite/sobjects/Account/(\w+)", ends.upsert),
        ("POST", "/tooling/sobjects/CustomField", ends.create_field),
        ("POST", "/sobjects/PermissionSet", ends.create_permission_set),
        ("POST", "/sobjects/PermissionSetAssignment", ends.assign),
        ("POST", "/sobjects/FieldPermissions", ends.grant),
    )
    return tuple((method, re.compile(_DATA + path), do) for method, path, do in routes)
