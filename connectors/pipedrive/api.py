"""Version 2 of Pipedrive's HTTP API, as far as a connector needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from connectors.pipedrive.options import PipedriveOptions
from connectors.pipedrive.organizations import Row
from connectors.pipedrive.quota import (
    Tokens,
    judge_limits,
    next_midnight,
    search_model,
    short_of_tokens,
    tokens_in,
    window_model,
)
from connectors.sdk.faults import Fault, QuotaExhausted
from connectors.sdk.http import HttpSession, Reply
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import cut_message, vendor_message

_FIELDS_PER_PAGE = 500
_FOUND_PER_SEARCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a listing, and Pipedrive's cursor of the next one (None: this was the last)."""

    rows: tuple[Row, ...]
    next_cursor: str | None


class PipedriveApi:
    """One API token of one account. ``tokens`` is what the last reply told of the day's budget."""

    def __init__(self, options: PipedriveOptions, context: ConnectorContext) -> None:
        self._context = context
        self._zone = options.budget_timezone
        self._kept = options.keep_tokens
        self._used_up_until: datetime | None = None
        self.page_size = options.page_size
        self.tokens = Tokens()
        self._limiter = self._new_limiter(context.name, window_model(options.requests_per_second))
        self._searches = self._new_limiter(f"{context.name}:search", search_model())
        self._http = HttpSession(
            base_url=options.api_url,
            context=context,
            headers={"x-api-token": context.secrets.get("token", "")},
            timeout=options.timeout,
            limiter=self._limiter,
            classify=self._classify,
            on_reply=self._note_tokens,
        )

    def fetch_page(self, params: Mapping[str, str | int], *, cursor: str | None = None) -> Listed:
        """A page of organizations; deleted and merged ones are in no listing."""
        asked: dict[str, str | int | None] = {"limit": self.page_size, **params, "cursor": cursor}
        return self._list("/organizations", asked, most=self.page_size)

    def fetch(self, record_id: str, params: Mapping[str, str]) -> Row | None:
        """One organization, deleted ones included; None: there is none with this id."""
        path = f"/organizations/{record_id}"
        reply = self._http.send("GET", path, idempotent=True, params=dict(params), expect=(404,))
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        return _row(reply, _data(reply))

    def search(self, term: str) -> Sequence[str]:
        """Ids of organizations of which a custom field holds exactly this, in any case.

        The index behind it lags; how long, Pipedrive does not say.
        """
        params: dict[str, str | int] = {
            "term": term,
            "fields": "custom_fields",
            "exact_match": "true",
            "limit": _FOUND_PER_SEARCH,
        }
        path = "/organizations/search"
        reply = self._http.send("GET", path, idempotent=True, params=params, also=self._searches)
        try:
            return [str(int(each["item"]["id"])) for each in _data(reply)["items"]]
        except (KeyError, TypeError, ValueError):
            raise _strange(reply, "without the items of a search") from None

    def create(self, body: Mapping[str, Any]) -> Reply:
        """Try to create an organization; 400 and 422 name a property that is refused."""
        return self._http.send(
            "POST", "/organizations", idempotent=False, json=dict(body), expect=(400, 422)
        )

    def created_row(self, reply: Reply) -> Row:
        """The organization in the reply of a create.

        Raises:
            Ambiguous: there is none in it.
        """
        return _row(reply, _data(reply))

    def fetch_fields(self) -> list[Row]:
        """The definitions of all fields of organizations."""

        def fetch(cursor: str | None) -> Page[Row, str]:
            asked: dict[str, str | int | None] = {"limit": _FIELDS_PER_PAGE, "cursor": cursor}
            listed = self._list("/organizationFields", asked, most=_FIELDS_PER_PAGE)
            return Page(items=listed.rows, next_cursor=listed.next_cursor)

        pages = follow(fetch, None, identify=lambda row: str(row.get("field_code")))
        return [row for page in pages for row in page.items if "field_code" in row]

    def create_field(self, name: str, kind: str) -> None:
        """Create a custom field. Twice makes two of one name."""
        body = {"field_name": name, "field_type": kind}
        self._http.send("POST", "/organizationFields", idempotent=False, json=body)

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def told(self, reply: Reply) -> str:
        """What Pipedrive said, without secrets."""
        return cut_message(vendor_message(reply), self._context.secrets.values())

    def _list(self, path: str, params: Mapping[str, str | int | None], *, most: int) -> Listed:
        reply = self._http.send("GET", path, idempotent=True, params=params)
        rows = _data(reply)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _strange(reply, "without a list of rows")
        if path == "/organizations":
            rows = [_row(reply, row) for row in rows]
        more = reply.json().get("additional_data")
        if len(rows) >= most and not (isinstance(more, dict) and "next_cursor" in more):
            # A part must not look like the whole.
            raise _strange(reply, "with a full page and without a word on what comes next")
        following = more.get("next_cursor") if isinstance(more, dict) else None
        return Listed(rows=tuple(rows), next_cursor=following or None)

    def _new_limiter(self, vendor: str, model: RateModel) -> RateLimiter:
        context = self._context
        return RateLimiter(model, vendor=vendor, clock=context.clock, gate=context.rates)

    def _classify(self, reply: Reply) -> Fault | None:
        now = self._context.clock.now()
        known = self._used_up_until
        until = known if known is not None and known > now else None
        fault = judge_limits(reply, now=now, zone=self._zone, used_up_until=until)
        if isinstance(fault, QuotaExhausted):
            self._used_up_until = fault.until
        return fault

    def _note_tokens(self, reply: Reply) -> None:
        tokens = tokens_in(reply.headers)
        if tokens.left is None:
            return
        self.tokens = tokens
        until = next_midnight(self._context.clock.now(), self._zone)
        short = short_of_tokens(self._context.name, tokens, until, kept=self._kept)
        if short is not None:
            self._limiter.block(until, because=short)


def _data(reply: Reply) -> Any:
    body = reply.json()
    if not isinstance(body, dict) or body.get("success") is False or "data" not in body:
        raise _strange(reply, "without data: is this Pipedrive?")
    return body["data"]


def _row(reply: Reply, row: object) -> Row:
    if not isinstance(row, dict) or not str(row.get("id", "")).isdecimal():
        raise _strange(reply, "with an organization that has no id")
    return row


def _strange(reply: Reply, what: str) -> Fault:
    message = f"{reply.where} answered {reply.status} {what}"
    return reply.where.doubt("strange_reply", message, status=reply.status)
