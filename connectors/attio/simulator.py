"""A small Attio: unique domains, values in envelopes, a kind word for a bad token."""

import json
from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import httpx

from connectors.attio.simulated_values import BadValueError
from connectors.attio.simulated_workspace import WORKSPACE_ID, Refusal, Workspace, refused
from connectors.sdk.clock import Clock, SystemClock

SCOPES = "record_permission:read-write object_configuration:read-write"
_MEMBER = "a976f6a9-fc2b-4acb-91e7-afb2d18b4e64"
_UNKNOWN_TOKEN = Refusal(401, "unauthorized", "The token is not valid.", "auth_error")


class AttioSimulator:
    """Attio's API. ``workspace`` may be looked at and changed by a test.

    Args:
        token: the one token that works.
        scopes: what it may do.
        clock: what time it is at Attio.
        random: for ids.
    """

    def __init__(
        self,
        *,
        token: str = "attio-token",  # noqa: S107 - the simulator's own, known to everybody
        scopes: str = SCOPES,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        self.token = token
        self.scopes = scopes
        self.limited = False
        self.merging = False
        self._clock = clock or SystemClock()
        self.workspace = Workspace(clock=self._clock, random=random or Random(0))

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        known = request.headers.get("authorization") == f"Bearer {self.token}"
        if request.url.path == "/v2/self":
            return httpx.Response(200, json=self._self() if known else {"active": False})
        if self.limited:
            return self._rate_limited()
        if not known:
            return _UNKNOWN_TOKEN.response()
        try:
            return httpx.Response(200, json={"data": self._answer(request)})
        except Refusal as refusal:
            return refusal.response()
        except BadValueError as error:
            return refused("value_not_found", str(error)).response()

    def _rate_limited(self) -> httpx.Response:
        until = format_datetime(self._clock.now() + timedelta(hours=1), usegmt=True)
        body = {
            "status_code": 429,
            "type": "rate_limit_error",
            "code": "rate_limit_exceeded",
            "message": "Rate limit exceeded, please try again later",
        }
        return httpx.Response(429, headers={"retry-after": until}, json=body)

    def _self(self) -> dict[str, Any]:
        return {
            "active": True,
            "scope": self.scopes,
            "client_id": _MEMBER,
            "token_type": "Bearer",
            "exp": None,
            "iat": 1_700_000_000,
            "sub": WORKSPACE_ID,
            "aud": _MEMBER,
            "iss": "attio.com",
            "authorized_by_workspace_member_id": _MEMBER,
            "workspace_id": WORKSPACE_ID,
            "workspace_name": "Basepoint",
            "workspace_slug": "basepoint",
            "workspace_logo_url": None,
        }

    def _answer(self, request: httpx.Request) -> Any:
        parts = request.url.path.strip("/").split("/")[1:]
        match request.method, *parts:
            case "GET", "objects", "companies", "attributes":
                self._need("object_configuration:read")
                return list(self.workspace.attributes.values())
            case "POST", "objects", "companies", "attributes":
                return self._create_attribute(_data(request))
            case "POST", "objects", "companies", "records", "query":
                self._need("record_permission:read")
                return self.workspace.query(_body(request))
            case "POST", "objects", "companies", "records":
                return self._create(_data(request))
            case "GET", "objects", "companies", "records", record_id:
                return self._read(record_id)
        raise refused("not_found", "Not found.", status=404)

    def _need(self, scope: str) -> None:
        given = self.scopes.split()
        if scope not in given and f"{scope}-write" not in given:
            text = f"The token needs the scope {scope}."
            raise Refusal(403, "unauthorized_scope", text, "auth_error")

    def _create(self, data: Any) -> Any:
        self._need("record_permission:read-write")
        if self.merging:
            raise refused("merge_in_progress", "A merge is in progress.", status=404)
        record = self.workspace.create(data.get("values", {}), actor="api-token")
        return self.workspace.shown(record)

    def _read(self, record_id: str) -> Any:
        self._need("record_permission:read")
        record = self.workspace.records.get(record_id)
        if record is None:
            text = f'Record with ID "{record_id}" not found.'
            raise refused("not_found", text, status=404)
        return self.workspace.shown(record)

    def _create_attribute(self, data: Any) -> Any:
        self._need("object_configuration:read-write")
        slug = data["api_slug"]
        if slug in self.workspace.attributes:
            text = "An attribute with the same API slug already exists on this object."
            raise refused("slug_conflict", text, status=409)
        made = self.workspace.new_attribute(slug, data["type"], unique=data["is_unique"])
        self.workspace.attributes[slug] = made | {"title": data["title"]}
        return self.workspace.attributes[slug]

    def person_adds(self, name: str, domains: Sequence[str] = ()) -> str:
        """A workspace member adds a company; the constraint holds for him too."""
        values: dict[str, Any] = {"name": [name], "domains": list(domains)}
        return self.workspace.create(values, actor="workspace-member").record_id


def _body(request: httpx.Request) -> Any:
    try:
        return json.loads(request.content or b"{}")
    except ValueError:
        raise refused("invalid_json", "The body is not JSON.") from None


def _data(request: httpx.Request) -> Any:
    data = _body(request).get("data")
    if not isinstance(data, dict):
        raise refused("validation_type", "The body has no data.")
    return data
