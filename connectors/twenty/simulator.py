"""A Twenty server (0.55) in memory that answers as a real one was recorded to answer."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Any
from uuid import UUID

import httpx
import orjson

from connectors.sdk.clock import Clock, SystemClock
from connectors.twenty.simulated.core import CoreGraphql
from connectors.twenty.simulated.fields import NewId
from connectors.twenty.simulated.graphql import BadDocument
from connectors.twenty.simulated.metadata import Metadata
from connectors.twenty.simulated.pages import CLIENT_CONFIG, HEALTH, OPEN_API
from connectors.twenty.simulated.refusals import Refusal
from connectors.twenty.simulated.rest import RestCompanies, refuse
from connectors.twenty.simulated.table import Row
from connectors.twenty.simulated.workspace import Steps, Workspace

ADMINISTRATOR = "eyJhbGciOiJub25lIn0.administrator.simulated"
"""The token of an API key that may change the data model."""
MEMBER = "eyJhbGciOiJub25lIn0.member.simulated"
"""The token of an API key that may only read and write records."""

GRAPHQL_LIMIT = 500
GRAPHQL_WINDOW = timedelta(seconds=100)
_JWT_PARTS = 3
_MOST_STEPS = 6
_REST_PLACES = frozenset({"companies", "batch", "metadata", "open-api"})


def random_ids(random: Random) -> NewId:
    """Version 4 UUIDs out of this randomness."""

    def new_id(_: str) -> str:
        return str(UUID(int=random.getrandbits(128), version=4))

    return new_id


def do_nothing(request: httpx.Request) -> None:
    """The hook ``between`` of a server on which nothing else happens meanwhile."""


class TwentySimulator:
    """A stateful Twenty: REST, GraphQL and metadata of one workspace.

    Args:
        clock: the server's time, microseconds included.
        new_id: makes ids; by default out of ``random``.
        random: where ids come from.
        tokens: token → whether it may change the data model.
        cold: the first GraphQL request fails, as after the server's cache was emptied.
        between: called between the steps of each request, where a real server may be carrying out
            another one: between looking whether an id exists and writing it, for instance.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        new_id: NewId | None = None,
        random: Random | None = None,
        tokens: Mapping[str, bool] | None = None,
        cold: bool = False,
        between: Callable[[httpx.Request], None] = do_nothing,
    ) -> None:
        self._clock = clock or SystemClock()
        ids = new_id or random_ids(random or Random(0))
        self.tokens = {ADMINISTRATOR: True, MEMBER: False} if tokens is None else dict(tokens)
        self._late: list[tuple[datetime, Row]] = []
        self._cold = cold
        self.between = between
        self.workspace = Workspace(self._clock, ids)
        self._rest = RestCompanies(self.workspace)
        self._core = CoreGraphql(self.workspace)
        self._metadata = Metadata(self.workspace)
        self._graphql_calls: deque[datetime] = deque()

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        steps = self.begin(request)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                response: httpx.Response = done.value
                return response
            self.between(request)

    def interleave(
        self, requests: Sequence[httpx.Request], schedule: Iterable[int]
    ) -> list[httpx.Response]:
        """Answer requests that arrive at once, a step of each in the order of ``schedule``.

        ``schedule`` holds indexes of ``requests``; what is unfinished after it is finished in turn.
        """
        steps = [self.begin(request) for request in requests]
        answers: dict[int, httpx.Response] = {}
        unfinished = [index for index in range(len(steps)) for _ in range(_MOST_STEPS)]
        for index in chain(schedule, unfinished):
            if index not in answers:
                try:
                    next(steps[index])
                except StopIteration as done:
                    answers[index] = done.value
        return [answers[index] for index in range(len(requests))]

    def write_late(self, values: Row, *, after: timedelta) -> str:
        """Somebody's transaction, stamped now, that is committed only ``after`` so long."""
        row = self.workspace.table.prepare(values, self._clock.now())
        self._late.append((self._clock.now() + after, row))
        return str(row["id"])

    def begin(self, request: httpx.Request) -> Steps[httpx.Response]:
        """The work of answering one request, in steps; each ``next`` does one."""
        self._commit_late()
        try:
            response = yield from self._route(request)
        except _Answered as answered:
            return answered.response
        except Refusal as no:
            response = refuse(no)
        except BadDocument as bad:
            error = {"message": f"Syntax Error: {bad}"}
            response = httpx.Response(400, json={"errors": [error]})
        return _with_charset(response)

    def _commit_late(self) -> None:
        now = self._clock.now()
        for _, row in (each for each in self._late if each[0] <= now):
            self.workspace.table.rows[row["id"]] = row
        self._late = [each for each in self._late if each[0] > now]

    def _route(self, request: httpx.Request) -> Steps[httpx.Response]:
        parts = [part for part in request.url.path.split("/") if part]
        match request.method, parts:
            case "GET", ["healthz"]:
                return (yield from _page(HEALTH))
            case "GET", ["client-config"]:
                return (yield from _page(CLIENT_CONFIG))
            case "POST", ["graphql"]:
                return (yield from self._graphql(request))
            case "POST", ["metadata"]:
                may_change = self._role(request, _graphql_refusal)
                return (yield from self._metadata.answer(_body(request), may_change=may_change))
            case method, ["rest", *rest]:
                may_change = self._role(request, _rest_refusal)
                return (yield from self._answer_rest(request, method, rest, may_change))
        return _not_found(request)

    def _answer_rest(
        self, request: httpx.Request, method: str, parts: list[str], may_change: bool
    ) -> Steps[httpx.Response]:
        rest, metadata, last = self._rest, self._metadata, parts[-1] if parts else ""
        routes: Mapping[str, Callable[[], Steps[httpx.Response]]] = {
            "GET open-api/core": lambda: _page(OPEN_API),
            "GET metadata/objects/*": lambda: metadata.read_object(last),
            "POST metadata/fields": lambda: metadata.create_field(
                _body(request), may_change=may_change
            ),
            "GET companies": lambda: rest.find_many(request.url.params),
            "POST companies": lambda: rest.create_one(_body(request)),
            "POST batch/companies": lambda: rest.create_many(_body(request)),
            "POST companies/duplicates": lambda: rest.find_duplicates(_body(request)),
            "GET companies/*": lambda: rest.find_one(last),
            "PATCH companies/*": lambda: rest.update_one(last, _body(request)),
            "DELETE companies/*": lambda: rest.delete_one(last),
        }
        exact, general = "/".join(parts), "/".join([*parts[:-1], "*"])
        for route in (f"{method} {exact}", f"{method} {general}"):
            if route in routes:
                return (yield from routes[route]())
        if parts and parts[0] not in _REST_PLACES:
            raise Refusal(f"object '{parts[0]}' not found. eg: companies")
        return _not_found(request)

    def _graphql(self, request: httpx.Request) -> Steps[httpx.Response]:
        shown = request.headers.get("authorization") is not None
        if shown:
            self._role(request, _graphql_refusal)
        if self._cold:
            self._cold = False
            raise _Answered(_cold_cache(self.workspace.id))
        payload = _body(request)
        if shown and self._over_limit():
            error = {
                "message": "Too many requests.",
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }
            body = {"errors": [error], "data": {"companies": None}}
            return httpx.Response(200, json=body)
        return (yield from self._core.answer(payload, known=shown))

    def _over_limit(self) -> bool:
        now, calls = self._clock.now(), self._graphql_calls
        while calls and calls[0] <= now - GRAPHQL_WINDOW:
            calls.popleft()
        if len(calls) >= GRAPHQL_LIMIT:
            return True
        calls.append(now)
        return False

    def _role(
        self, request: httpx.Request, refusal: Callable[[int, str, str], httpx.Response]
    ) -> bool:
        """Whether the sender may change the data model; whoever is nobody is sent away."""
        header = request.headers.get("authorization")
        if header is None:
            raise _Answered(refusal(403, "Missing authentication token", "FORBIDDEN_EXCEPTION"))
        token = header.removeprefix("Bearer ")
        if token not in self.tokens:
            words = "Token invalid." if token.count(".") == _JWT_PARTS - 1 else "No payload"
            raise _Answered(refusal(401, words, "UNAUTHENTICATED"))
        return self.tokens[token]


class _Answered(Exception):
    """The request got its answer before its work began; the guards name no character set."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__("answered")
        self.response = response


def _with_charset(response: httpx.Response) -> httpx.Response:
    response.headers["content-type"] = "application/json; charset=utf-8"
    return response


def _page(content: Mapping[str, Any]) -> Steps[httpx.Response]:
    yield
    return httpx.Response(200, json=content)


def _body(request: httpx.Request) -> Any:
    try:
        return orjson.loads(request.content)
    except orjson.JSONDecodeError:
        words = "Expected property name or '}' in JSON at position 1 (line 1 column 2)"
        body = {"statusCode": 400, "message": words, "error": "Bad Request"}
        raise _Answered(_with_charset(httpx.Response(400, json=body))) from None


def _not_found(request: httpx.Request) -> httpx.Response:
    words = f"Cannot {request.method} {request.url.path}"
    body = {"statusCode": 404, "message": words, "error": "Not Found"}
    return httpx.Response(404, json=body)


def _rest_refusal(status: int, words: str, error: str) -> httpx.Response:
    body = {"statusCode": status, "messages": [words], "error": error}
    return httpx.Response(status, json=body)


def _graphql_refusal(status: int, words: str, error: str) -> httpx.Response:  # noqa: ARG001 - same shape
    body = {"errors": [{"message": words, "extensions": {"code": error}}]}
    return httpx.Response(200, json=body)


def _cold_cache(workspace_id: str) -> httpx.Response:
    why = f"Metadata version not found while fetching datasource for workspace {workspace_id}"
    extensions = {"code": "INTERNAL_SERVER_ERROR", "response": why}
    return httpx.Response(200, json={"errors": [{"message": "Error", "extensions": extensions}]})
