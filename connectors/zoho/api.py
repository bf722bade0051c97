"""Zoho CRM's endpoints, one method each; knows paths and bodies, decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from connectors.sdk.chunks import chunks
from connectors.sdk.faults import Fault, Permanent
from connectors.sdk.http import NO_HEADERS, HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import cut_message
from connectors.zoho.accounts import MODIFIED, READ_FIELDS, Row
from connectors.zoho.faults import classify
from connectors.zoho.options import ZohoOptions
from connectors.zoho.tokens import Tokens

_ACCOUNTS = "/crm/v8/Accounts"
_FIELDS = "/crm/v8/settings/fields"
_PER_QUERY = 200
_PAGED_ROWS = 2_000
"""Rows that ``page`` reaches; what is beyond needs ``page_token`` (Zoho's page "Get Records")."""
_IDS_PER_READ = 100
_REQUESTS_PER_SECOND = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """A page of a listing: its number, and the token that leads to it where numbers do not."""

    page: int = 1
    token: str | None = None


class ZohoApi:
    """One organisation."""

    def __init__(self, options: ZohoOptions, context: ConnectorContext) -> None:
        self.vendor_now: datetime | None = None
        """Zoho's own time at its last reply, from the ``Date`` header."""
        self._context = context
        self._page_size = options.page_size
        self._read_fields = (*READ_FIELDS, options.key_field)
        self._tokens = Tokens(options, context)
        model = RateModel(
            limit=_REQUESTS_PER_SECOND,
            per_seconds=1,
            ceiling_per_second=options.requests_per_second,
        )
        self._http = HttpSession(
            base_url=options.api_address(),
            context=context,
            headers=self._tokens.headers,
            timeout=options.timeout,
            limiter=RateLimiter(
                model, vendor=context.name, clock=context.clock, gate=context.rates
            ),
            classify=lambda reply: classify(reply, now=context.clock.now()),
            on_reply=self._note_time,
            renew=self._tokens.renew,
            # Beyond its limits Zoho turns a request away at the door: nothing was carried out.
            limits=HttpLimits(retries=RetryPolicy(repeat_429=True)),
        )

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the token may do, where Zoho tells it."""
        return self._tokens.scopes

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._http.close()
        self._tokens.close()

    # Accounts.

    def list_page(self, since: datetime | None, at: At) -> Page[Row, At]:
        """Accounts modified at ``since`` or later, by modification time."""
        params = {
            "fields": ",".join(self._read_fields),
            "per_page": self._page_size,
            "page": at.page if at.token is None else None,
            "page_token": at.token,
            "sort_by": MODIFIED,
            "sort_order": "asc",
            "approved": "both",
        }
        reply = self._get(_ACCOUNTS, params, since)
        rows, more = self._rows(reply)
        return Page(items=tuple(rows), next_cursor=self._next(reply, at) if more else None)

    def deleted_page(self, since: datetime, at: At) -> Page[Row, At]:
        """Accounts deleted at ``since`` or later."""
        params = {"type": "all", "page": at.page, "per_page": _PER_QUERY}
        rows, more = self._rows(self._get(f"{_ACCOUNTS}/deleted", params, since))
        return Page(items=tuple(rows), next_cursor=At(page=at.page + 1) if more else None)

    def read_by_id(self, ids: Sequence[str]) -> list[Row]:
        """The live accounts with these ids."""
        found: list[Row] = []
        for chunk in chunks(ids, _IDS_PER_READ):
            params = {
                "ids": ",".join(chunk),
                "fields": ",".join(self._read_fields),
                "approved": "both",
                "per_page": _PER_QUERY,
            }
            found += self._rows(self._get(_ACCOUNTS, params, None))[0]
        return found

    def query(self, condition: str, *, columns: Sequence[str]) -> list[Row]:
        """Every account that meets a condition of Zoho's query language."""
        chosen = ", ".join(("id", *columns))

        def fetch(offset: int | None) -> Page[Row, int]:
            start = offset or 0
            text = (
                f"select {chosen} from Accounts where {condition} "  # noqa: S608 - quoted; COQL only reads
                f"order by id asc limit {_PER_QUERY} offset {start}"
            )
            rows, more = self._rows(self._read("POST", "/crm/v8/coql", {"select_query": text}))
            return Page(items=tuple(rows), next_cursor=start + _PER_QUERY if more else None)

        return [row for page in follow(fetch, None, identify=row_id) for row in page.items]

    def insert(self, rows: Sequence[Mapping[str, Any]]) -> Reply:
        """Insert accounts, without workflows; 400, which may hold verdicts, comes back too."""
        self._tokens.ensure()
        return self._http.send(
            "POST",
            _ACCOUNTS,
            idempotent=False,
            json={"data": [dict(row) for row in rows], "trigger": []},
            expect=(HTTPStatus.BAD_REQUEST,),
        )

    # Fields.

    def fetch_fields(self) -> dict[str, Mapping[str, Any]]:
        """The definitions of the fields of accounts, by API name."""
        reply = self._get(_FIELDS, {"module": "Accounts"}, None)
        body = reply.json()
        found = body.get("fields") if isinstance(body, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise _unexpected(reply)
        return {str(one.get("api_name")): one for one in found}

    def create_fields(self, definitions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Create at most five fields; one verdict for each, where Zoho gives them."""
        self._tokens.ensure()
        reply = self._http.send(
            "POST",
            _FIELDS,
            params={"module": "Accounts"},
            # Twice does no more than once: the label is taken, and the verdict says so.
            idempotent=True,
            json={"fields": [dict(one) for one in definitions]},
            expect=(HTTPStatus.BAD_REQUEST,),
        )
        body = reply.json()
        verdicts = body.get("fields", [body]) if isinstance(body, dict) else []
        return [one for one in verdicts if isinstance(one, dict)]

    def cut(self, text: str) -> str:
        """Zoho's words, fit for an outcome."""
        return cut_message(text, self._tokens.secrets())

    # Within.

    def _get(self, path: str, params: Mapping[str, Any], since: datetime | None) -> Reply:
        self._tokens.ensure()
        stamp = None if since is None else since.astimezone(UTC).isoformat(timespec="seconds")
        return self._http.send(
            "GET",
            path,
            idempotent=True,
            params=params,
            headers=NO_HEADERS if stamp is None else {"if-modified-since": stamp},
            expect=(HTTPStatus.NOT_MODIFIED,),
        )

    def _read(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        self._tokens.ensure()
        return self._http.send(method, path, idempotent=True, json=dict(body))

    def _rows(self, reply: Reply) -> tuple[list[Row], bool]:
        """The rows of a page, and whether there are more; 204 and 304 are an empty page."""
        if reply.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            return [], False
        body = reply.json()
        data = body.get("data") if isinstance(body, dict) else None
        info = body.get("info") if isinstance(body, dict) else None
        if not isinstance(data, list) or not isinstance(info, dict):
            raise _unexpected(reply)
        if not all(isinstance(row, dict) and row.get("id") for row in data):
            raise _unexpected(reply)
        more = info.get("more_records")
        if not isinstance(more, bool):
            raise _unexpected(reply)
        return data, more

    def _next(self, reply: Reply, at: At) -> At:
        if at.token is None and (at.page + 1) * self._page_size <= _PAGED_ROWS:
            return At(page=at.page + 1)
        token = reply.json()["info"].get("next_page_token")
        if not isinstance(token, str) or not token:
            text = f"{reply.where}: Zoho says there is more, but gives no page token"
            raise Permanent("no_page_token", text, status=reply.status)
        return At(page=at.page + 1, token=token)

    def _note_time(self, reply: Reply) -> None:
        try:
            moment = parsedate_to_datetime(reply.headers.get("date", ""))
        except ValueError:
            return
        self.vendor_now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def row_id(row: Row) -> str:
    """The id of an account."""
    return str(row["id"])


def _unexpected(reply: Reply) -> Fault:
    text = f"{reply.where} answered {reply.status} with something else than Zoho's JSON"
    return reply.where.doubt("unexpected_shape", text, status=reply.status)
