"""The requests that this connector sends to Twenty, and the shape of what it expects back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from connectors.sdk.http import HttpSession
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import Reply
from connectors.twenty.faults import Judge
from connectors.twenty.options import TwentyOptions
from connectors.twenty.promises import BATCH_SIZE

_MINUTE = 60.0
_GRAPHQL_CALLS = 450.0
"""Out of about 500 in 100 seconds, after which the server answers "Too many requests"."""
_GRAPHQL_SECONDS = 100.0
REFUSALS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""Answers to a create that are about what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of companies. ``next_cursor`` is None on the last one."""

    companies: Sequence[Mapping[str, Any]]
    next_cursor: str | None
    total: int


class TwentyApi:
    """One API key on one server."""

    def __init__(self, options: TwentyOptions, context: ConnectorContext) -> None:
        self._judge = Judge(secrets=tuple(context.secrets.values()))
        self._graphql_limiter = _limiter(
            f"{context.name}/graphql",
            RateModel(limit=_GRAPHQL_CALLS, per_seconds=_GRAPHQL_SECONDS),
            context,
        )
        everything = RateModel(
            limit=options.requests_per_minute,
            per_seconds=_MINUTE,
            ceiling_per_second=options.requests_per_second,
        )
        self._http = HttpSession(
            base_url=options.server_url,
            context=context,
            headers={"authorization": f"Bearer {context.secrets.get('token', '')}"},
            timeout=options.timeout,
            limiter=_limiter(context.name, everything, context),
            classify=self._judge.judge,
        )

    def fetch_page(
        self,
        *,
        limit: int = BATCH_SIZE,
        after: str | None = None,
        where: str | None = None,
        order: str | None = None,
    ) -> Listed:
        """A page of live companies over REST, ordered by id unless ``order`` says otherwise."""
        params = {
            "limit": limit,
            "depth": 0,
            "starting_after": after,
            "filter": where,
            "order_by": order,
        }
        reply = self._http.send("GET", "/rest/companies", idempotent=True, params=params)
        body = _mapping(reply.json(), reply)
        info = _mapping(body.get("pageInfo"), reply)
        companies = _mappings(_mapping(body.get("data"), reply).get("companies"), reply)
        more, end = info.get("hasNextPage") is True, info.get("endCursor")
        if more and not isinstance(end, str):
            raise unexpected(reply)
        total = body.get("totalCount")
        return Listed(
            companies=companies,
            next_cursor=end if more else None,
            total=total if isinstance(total, int) else len(companies),
        )

    def find(self, query: str, variables: Mapping[str, Any]) -> Listed:
        """A page of companies over GraphQL, for a query of the form in ``queries``."""
        data, reply = self._graphql("/graphql", query, variables, idempotent=True)
        found = _mapping(data.get("companies"), reply)
        info = _mapping(found.get("pageInfo"), reply)
        edges = _mappings(found.get("edges"), reply)
        more, end = info.get("hasNextPage") is True, info.get("endCursor")
        if more and not isinstance(end, str):
            raise unexpected(reply)
        return Listed(
            companies=[_mapping(edge.get("node"), reply) for edge in edges],
            next_cursor=end if more else None,
            total=len(edges),
        )

    def fetch_workspace(self) -> str:
        """The name of the workspace that the token opens."""
        data, reply = self._graphql(
            "/graphql", "{currentWorkspace{id displayName}}", {}, idempotent=True
        )
        return str(_mapping(data.get("currentWorkspace"), reply).get("displayName"))

    def restore(self, record_id: str) -> None:
        """Take a company back out of the bin; doing it twice does no more than once."""
        query = "mutation($i:UUID!){restoreCompany(id:$i){id deletedAt}}"
        self._graphql("/graphql", query, {"i": record_id}, idempotent=True)

    def metadata(
        self, query: str, variables: Mapping[str, Any], *, idempotent: bool
    ) -> Mapping[str, Any]:
        """The data that the metadata interface answers."""
        return self._graphql("/metadata", query, variables, idempotent=idempotent)[0]

    def create(self, bodies: Sequence[Mapping[str, Any]]) -> Reply:
        """Create companies, all or none; the reply may be one of ``REFUSALS``."""
        one = len(bodies) == 1
        return self._http.send(
            "POST",
            "/rest/companies" if one else "/rest/batch/companies",
            idempotent=False,
            json=bodies[0] if one else list(bodies),
            expect=REFUSALS,
        )

    def words(self, reply: Reply) -> str:
        """What a refusal says."""
        return self._judge.words(reply)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._http.close()

    def _graphql(
        self, path: str, query: str, variables: Mapping[str, Any], *, idempotent: bool
    ) -> tuple[Mapping[str, Any], Reply]:
        reply = self._http.send(
            "POST",
            path,
            idempotent=idempotent,
            json={"query": query, "variables": dict(variables)},
            also=self._graphql_limiter,
        )
        return _mapping(_mapping(reply.json(), reply).get("data"), reply), reply


def unexpected(reply: Reply) -> Exception:
    """The fault of an answer that is JSON, but not what Twenty answers."""
    text = f"{reply.where} answered {reply.status} with something else than Twenty does"
    return reply.where.doubt("unexpected_reply", f"{text}; check base_url", status=reply.status)


def _limiter(name: str, model: RateModel, context: ConnectorContext) -> RateLimiter:
    return RateLimiter(model, vendor=name, clock=context.clock, gate=context.rates)


def _mapping(value: Any, reply: Reply) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise unexpected(reply)
    return value


def _mappings(value: Any, reply: Reply) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise unexpected(reply)
    return [_mapping(each, reply) for each in value]
