"""A small Zoho CRM: tokens of an hour, lists in pages, verdicts by record, a unique field."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import httpx

from connectors.sdk.clock import Clock, SystemClock
from connectors.zoho.scopes import is_covered
from connectors.zoho.simulated_coql import BadQueryError, parse_query
from connectors.zoho.simulated_fields import MOST_AT_ONCE, create_field
from connectors.zoho.simulated_org import USER, Account, Organisation, VerdictError, as_row, stamp
from connectors.zoho.simulated_requests import Refused, asked_since, json_body, per_page
from connectors.zoho.simulated_tokens import TokenDesk

_MOST_WRITTEN = 100
_DAY = timedelta(hours=24)


class ZohoSimulator:
    """Zoho's accounts server and CRM. ``org`` may be looked at and changed by a test.

    Args:
        client_secret, refresh_token: the ones that work, with ``client_id``.
        clock: what time it is at Zoho.
        random: for ids and tokens.
        api_domain: what the token endpoint names as the organisation's address.
        lag: how long lists and queries do not show a new account.
    """

    def __init__(
        self,
        *,
        client_id: str = "1000.SIMULATED",
        client_secret: str = "simulated-secret",  # noqa: S107 - opens nothing but the simulator
        refresh_token: str = "simulated-refresh",  # noqa: S107 - same
        clock: Clock | None = None,
        random: Random | None = None,
        api_domain: str = "https://www.zohoapis.eu",
        lag: timedelta = timedelta(0),
    ) -> None:
        self.clock = clock or SystemClock()
        self.random = random or Random(0)
        self.desk = TokenDesk(
            client={"client_id": client_id, "client_secret": client_secret},
            refresh_token=refresh_token,
            clock=self.clock,
            random=self.random,
            api_domain=api_domain,
        )
        self.credits = 1_000_000
        """API credits of a rolling day; each request costs one."""
        self.paged_rows = 2_000
        """So many rows ``page`` reaches; beyond, ``page_token`` does."""
        self.busy_times = 0
        """So many requests to come meet the limit of parallel requests."""
        self.most_custom_fields = 10
        self.since_includes = True
        """Whether a list since a moment has what was modified at that moment."""
        self.multi_status = True
        """False: an insert in which one record is refused is answered 200, not 207."""
        self.org = Organisation(clock=self.clock, random=self.random, lag=lag)
        self._spent: deque[tuple[datetime, int]] = deque()
        self._pages: dict[str, int] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to either host."""
        if request.url.path == "/oauth/v2/token":
            return self.desk.refresh(request)
        try:
            self._admit(request)
            status, body = self._answer(request)
        except Refused as refused:
            status, body = refused.status, refused.body
        response = httpx.Response(status) if body is None else httpx.Response(status, json=body)
        response.headers["date"] = format_datetime(self.clock.now(), usegmt=True)
        response.headers["x-api-credits-remaining"] = str(self._left())
        return response

    # Limits.

    def revoke(self) -> None:
        """An administrator withdraws the refresh token."""
        self.desk.refresh_token = ""
        self.desk.revoke_access()

    def _admit(self, request: httpx.Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Zoho-oauthtoken ")
        if not self.desk.accepts(token):
            raise Refused(401, "INVALID_TOKEN", "invalid oauth token")
        if self.busy_times > 0:
            self.busy_times -= 1
            raise Refused(429, "TOO_MANY_REQUESTS", "Concurrency limit reached", limit=10)
        if self._left() < 1:
            text = "You have used up the API credits of the last 24 hours"
            raise Refused(429, "TOO_MANY_REQUESTS", text)
        self._spent.append((self.clock.now(), 1))

    def _left(self) -> int:
        while self._spent and self._spent[0][0] <= self.clock.now() - _DAY:
            self._spent.popleft()
        return max(0, self.credits - sum(cost for _, cost in self._spent))

    def _need(self, scope: str) -> None:
        if not is_covered(scope, self.desk.scopes):
            raise Refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")

    # Endpoints.

    def _answer(self, request: httpx.Request) -> tuple[int, Any]:
        match request.method, request.url.path.removeprefix("/crm/v8"):
            case "GET", "/Accounts":
                self._need("ZohoCRM.modules.accounts.READ")
                return self._list(request)
            case "GET", "/Accounts/deleted":
                self._need("ZohoCRM.modules.accounts.READ")
                return self._list_deleted(request)
            case "POST", "/Accounts" | "/Accounts/upsert":
                self._need("ZohoCRM.modules.accounts.CREATE")
                return self._write(json_body(request), upsert=request.url.path.endswith("upsert"))
            case "POST", "/coql":
                self._need("ZohoCRM.coql.READ")
                return self._query(json_body(request))
            case "GET", "/settings/fields":
                self._need("ZohoCRM.settings.fields.READ")
                return 200, {"fields": list(self.org.fields.values())}
            case "POST", "/settings/fields":
                self._need("ZohoCRM.settings.fields.CREATE")
                return self._create_fields(json_body(request).get("fields", []))
        text = "Please check if the URL trying to access is a correct one"
        raise Refused(404, "INVALID_URL_PATTERN", text)

    def _list(self, request: httpx.Request) -> tuple[int, Any]:
        params = request.url.params
        if "fields" not in params:
            raise Refused(400, "REQUIRED_PARAM_MISSING", "mandatory param missing", param="fields")
        names = params["fields"].split(",")
        if "ids" in params:
            ids = params["ids"].split(",")
            chosen = [self.org.accounts[one] for one in ids if one in self.org.accounts]
            return self._page(chosen, names, request, start=0)
        both = params.get("approved") == "both"
        found = [one for one in self.org.shown() if one.approved or both]
        since = asked_since(request)
        if since is not None:
            at = timedelta(0) if self.since_includes else timedelta(seconds=1)
            found = [one for one in found if one.modified >= since + at]
            if not found:
                return 304, None
        by_change = params.get("sort_by") == "Modified_Time"
        found.sort(
            key=lambda a: (a.modified if by_change else a.created, int(a.account_id)),
            reverse=params.get("sort_order", "desc") == "desc",
        )
        return self._page(found, names, request, start=self._start(request))

    def _start(self, request: httpx.Request) -> int:
        params = request.url.params
        if "page_token" in params:
            if params["page_token"] not in self._pages or "page" in params:
                raise Refused(400, "INVALID_DATA", "invalid data", param_name="page_token")
            return self._pages[params["page_token"]]
        page, size = int(params.get("page", 1)), per_page(request)
        if page * size > self.paged_rows and page > 1:
            text = "Record count exceeded"
            raise Refused(400, "LIMIT_EXCEEDED", text, limit=self.paged_rows)
        return (page - 1) * size

    def _page(
        self, found: Sequence[Account], names: Sequence[str], request: httpx.Request, *, start: int
    ) -> tuple[int, Any]:
        size = per_page(request)
        rows = [as_row(one, names) for one in found[start : start + size]]
        if not rows:
            return 204, None
        more = start + size < len(found)
        info: dict[str, Any] = {
            "per_page": size,
            "count": len(rows),
            "more_records": more,
            "page": start // size + 1,
        }
        if more:
            token = f"{self.random.getrandbits(256):064x}"
            self._pages[token] = start + size
            info |= {"next_page_token": token, "page_token_expiry": stamp(self.clock.now() + _DAY)}
        return 200, {"data": rows, "info": info}

    def _list_deleted(self, request: httpx.Request) -> tuple[int, Any]:
        since = asked_since(request)
        kind = request.url.params.get("type", "all")
        found = [
            {
                "id": one.account_id,
                "display_name": one.name,
                "deleted_time": stamp(one.at),
                "type": "permanent" if one.kept is None else "recycle",
                "deleted_by": USER,
                "created_by": USER,
            }
            for one in reversed(self.org.deleted)
            if since is None or one.at >= since
        ]
        rows = [row for row in found if kind in {"all", row["type"]}]
        if not rows and since is not None:
            return 304, None
        for row in rows:
            if row["type"] == "permanent":
                del row["display_name"]
        size, page = per_page(request), int(request.url.params.get("page", 1))
        part = rows[(page - 1) * size : page * size]
        if not part:
            return 204, None
        info = {
            "per_page": size,
            "count": len(part),
            "page": page,
            "more_records": page * size < len(rows),
        }
        return 200, {"data": part, "info": info}

    def _query(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        try:
            query = parse_query(str(body.get("select_query", "")), self.org.fields)
        except BadQueryError as error:
            raise Refused(400, "INVALID_QUERY", "invalid query formed", reason=str(error)) from None
        found = sorted(self.org.shown(), key=lambda one: int(one.account_id))
        rows = [as_row(one, self.org.fields) for one in found]
        rows = [row for row in rows if query.test(row)]
        part = rows[query.offset : query.offset + query.limit]
        if not part:
            return 204, None
        shown = [{"id": row["id"], **{name: row[name] for name in query.columns}} for row in part]
        more = query.offset + query.limit < len(rows)
        return 200, {"data": shown, "info": {"count": len(part), "more_records": more}}

    def _write(self, body: Mapping[str, Any], *, upsert: bool) -> tuple[int, Any]:
        given = body.get("data")
        if not isinstance(given, list) or not given:
            raise Refused(400, "INVALID_DATA", "invalid data", expected_data_type="jsonarray")
        if len(given) > _MOST_WRITTEN:
            raise Refused(400, "LIMIT_EXCEEDED", "Record insertion limit has been exceeded.")
        check = body.get("duplicate_check_fields") or []
        entries = [
            self._write_one(one, check, index, upsert=upsert) for index, one in enumerate(given)
        ]
        failed = sum(1 for entry in entries if entry["status"] == "error")
        return self._write_status(failed, len(entries)), {"data": entries}

    def _write_status(self, failed: int, count: int) -> int:
        """201; 207 where some failed; all failed is 400 for one record and 202 for more."""
        if not failed:
            return 201
        if failed == count:
            return 400 if count == 1 else 202
        return 207 if self.multi_status else 200

    def _write_one(
        self, given: Mapping[str, Any], check: Sequence[str], index: int, *, upsert: bool
    ) -> dict[str, Any]:
        try:
            if upsert:
                action, account = self.org.upsert(given, check, index)
            else:
                action, account = "insert", self.org.insert(given, index)
        except VerdictError as refusal:
            return refusal.entry
        details = {
            "id": account.account_id,
            "Created_By": USER,
            "Modified_By": USER,
            "Created_Time": stamp(account.created),
            "Modified_Time": stamp(account.modified),
        }
        told = {"action": action} if upsert else {}
        message = "record added" if action == "insert" else "record updated"
        return {
            "code": "SUCCESS",
            "details": details,
            "message": message,
            "status": "success",
        } | told

    def _create_fields(self, given: Sequence[Mapping[str, Any]]) -> tuple[int, Any]:
        if not given or len(given) > MOST_AT_ONCE:
            raise Refused(400, "LIMIT_EXCEEDED", "Max field limit exceeded")
        verdicts = [
            create_field(self.org.fields, one, most_custom=self.most_custom_fields) for one in given
        ]
        failed = all(one["status"] == "error" for one in verdicts)
        return 400 if failed else 201, {"fields": verdicts}
