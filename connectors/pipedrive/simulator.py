"""A small Pipedrive: version 2 of its API for organizations, as far as a connector meets it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from connectors.pipedrive.simulated_account import Account, Organization
from connectors.pipedrive.simulated_limits import Limits
from connectors.pipedrive.simulated_values import RefusedError
from connectors.sdk.clock import Clock, SystemClock

_API = "/api/v2/"
_KINDS = {("GET", 1): "list", ("GET", 2): "one", ("POST", 1): "write", ("DELETE", 2): "delete"}


class PipedriveSimulator:
    """Pipedrive at ``…/api/v2``. ``account`` and ``limits`` may be looked at and changed.

    ``may_write`` and ``may_add_fields`` are the rights of the token's user.

    Args:
        token: the API token that is accepted.
        clock: what time it is on the server.
        random: for the hashes of custom fields.
        standard_website: whether the account has the fields that the vendor added in 2026.
    """

    def __init__(
        self,
        *,
        token: str = "pipedrive-token",  # noqa: S107 - opens nothing but the simulator
        clock: Clock | None = None,
        random: Random | None = None,
        standard_website: bool = True,
    ) -> None:
        self.token = token
        self.may_read = True
        self.may_write = True
        self.may_add_fields = True
        self._clock = clock or SystemClock()
        self.limits = Limits()
        self.account = Account(
            now=self._now,
            random=random or Random(0),
            standard_website=standard_website,
        )

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        now = self._now()
        parts = request.url.path.removeprefix(_API).split("/")
        if not request.url.path.startswith(_API) or (request.method, len(parts)) not in _KINDS:
            return _error(404, "Not found", "ERR_NOT_FOUND")
        kind = "search" if parts[-1] == "search" else _KINDS[request.method, len(parts)]
        if not self.token or request.headers.get("x-api-token") != self.token:
            return _error(401, "unauthorized access", "ERR_UNAUTHORIZED")
        refusal = self.limits.refusal(kind, now)
        if refusal is not None:
            return refusal
        try:
            answer = self._answer(request, parts)
        except RefusedError as refused:
            text = f"Validation failed: {refused}"
            answer = _error(400, text, "ERR_SCHEMA_VALIDATION_FAILED")
        answer.headers.update(self.limits.headers(now))
        return answer

    def person_creates(
        self,
        name: str,
        website: str | None,
        *,
        after: timedelta = timedelta(0),
        custom: Mapping[str, Any] | None = None,
    ) -> Organization:
        """A person fills the form: the standard website, or the custom field of that name."""
        body = self._form(name, website)
        body["custom_fields"] = {**body.get("custom_fields", {}), **(custom or {})}
        return self.account.create(body, after=after)

    def person_edits(self, record_id: int, name: str, website: str | None) -> None:
        """A person changes both."""
        self.account.update(record_id, self._form(name, website))

    def websites_of(self, row: Organization) -> tuple[str, ...]:
        """What people see as its website."""
        own = [row.values.get("website")]
        own += [row.custom.get(code) for code in self._website_codes()]
        return tuple(one for one in own if one)

    def _form(self, name: str, website: str | None) -> dict[str, Any]:
        if self.account.standard_website:
            return {"name": name, "website": website}
        return {"name": name, "custom_fields": dict.fromkeys(self._website_codes(), website)}

    def _website_codes(self) -> list[str]:
        return [code for code in self.account.codes_of("Website") if code != "website"]

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC)

    def _answer(self, request: httpx.Request, parts: list[str]) -> httpx.Response:
        if request.method == "GET":
            return self._read(parts, dict(request.url.params)) if self.may_read else _forbidden()
        match request.method, *parts:
            case "POST", "organizations":
                return self._create(_body(request)) if self.may_write else _forbidden()
            case "POST", "organizationFields":
                return self._add_field(_body(request)) if self.may_add_fields else _forbidden()
            case "DELETE", "organizations", record_id:
                return self._delete(record_id) if self.may_write else _forbidden()
        return _error(404, "Not found", "ERR_NOT_FOUND")

    def _read(self, parts: list[str], params: Mapping[str, str]) -> httpx.Response:
        match parts:
            case ["organizations"]:
                return _ok(*self.account.listed(params))
            case ["organizations", "search"]:
                return self._search(params)
            case ["organizations", record_id]:
                return self._fetch(record_id, params)
            case ["organizationFields"]:
                return self._fields(params)
        return _error(404, "Not found", "ERR_NOT_FOUND")

    def _fetch(self, record_id: str, params: Mapping[str, str]) -> httpx.Response:
        row = self.account.rows.get(int(record_id)) if record_id.isdecimal() else None
        if row is None or row.shown_from > self._now():
            return _error(404, "Organization not found", "ERR_NOT_FOUND")
        return httpx.Response(200, json={"success": True, "data": self.account.body(row, params)})

    def _create(self, body: Any) -> httpx.Response:
        if not isinstance(body, dict):
            raise RefusedError("body: must be an object")
        row = self.account.create(body)
        return httpx.Response(200, json={"success": True, "data": self.account.body(row, {})})

    def _delete(self, record_id: str) -> httpx.Response:
        row = self.account.rows.get(int(record_id)) if record_id.isdecimal() else None
        if row is None or row.deleted:
            return _error(404, "Organization not found", "ERR_NOT_FOUND")
        self.account.delete(row.record_id)
        return httpx.Response(200, json={"success": True, "data": {"id": row.record_id}})

    def _search(self, params: Mapping[str, str]) -> httpx.Response:
        if not params.get("term") or params.get("fields") != "custom_fields":
            raise RefusedError("term: is required")
        if params.get("exact_match") != "true":
            raise RefusedError("exact_match: this simulator searches whole values only")
        items = [
            {
                "result_score": 0.3,
                "item": {
                    "id": row.record_id,
                    "type": "organization",
                    "name": row.values["name"],
                    "address": (row.values.get("address") or {}).get("value"),
                    "visible_to": 3,
                    "owner": {"id": 1},
                    "custom_fields": [str(one) for one in row.custom.values() if one is not None],
                    "notes": [],
                },
            }
            for row in self.account.found(params["term"])
        ]
        # By relevance, which is none among equals: the newest first is the worst for us.
        return _ok({"items": items[::-1]}, None)

    def _fields(self, params: Mapping[str, str]) -> httpx.Response:
        start, most = int(params.get("cursor", "0")), int(params.get("limit", "100"))
        rows = self.account.fields[start : start + most]
        more = start + most < len(self.account.fields)
        return _ok(rows, str(start + most) if more else None)

    def _add_field(self, body: Any) -> httpx.Response:
        name, kind = body.get("field_name"), body.get("field_type")
        if not name or not kind:
            raise RefusedError("field_name: is required")
        code = self.account.add_field(name, kind)
        made = next(one for one in self.account.fields if one["field_code"] == code)
        return httpx.Response(200, json={"success": True, "data": made})


def _body(request: httpx.Request) -> Any:
    try:
        return json.loads(request.content or b"{}")
    except ValueError:
        raise RefusedError("body: is not JSON") from None


def _ok(data: Any, following: str | None) -> httpx.Response:
    body = {"success": True, "data": data, "additional_data": {"next_cursor": following}}
    return httpx.Response(200, json=body)


def _forbidden() -> httpx.Response:
    return _error(403, "Scope and URL mismatch", "ERR_FORBIDDEN")


def _error(status: int, words: str, code: str) -> httpx.Response:
    body = {"success": False, "error": words, "code": code, "data": None}
    return httpx.Response(status, json=body)
