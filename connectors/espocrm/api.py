"""EspoCRM's HTTP API, as far as a connector needs it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from connectors.espocrm.filters import Filter
from connectors.espocrm.options import EspoCrmOptions
from connectors.sdk.faults import BadCredentials, Fault, NotProcessed, Permanent, RateLimited
from connectors.sdk.http import HttpSession, Reply
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import cut_message

LOCK_PERIOD = timedelta(seconds=60)
"""How long an address is locked after 11 wrong logins (running server)."""
_POLITE_PER_SECOND = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list. ``total`` counts all that the filters let through."""

    rows: tuple[Mapping[str, Any], ...]
    total: int

    @property
    def is_last(self) -> bool:
        """Whether nothing is left behind this page."""
        return self.total <= len(self.rows)


class EspoApi:
    """One login to one EspoCRM."""

    def __init__(self, options: EspoCrmOptions, context: ConnectorContext) -> None:
        self._context = context
        self._username = options.username
        self._page_size = options.page_size
        self._refused_at: datetime | None = None
        model = RateModel(
            limit=_POLITE_PER_SECOND, per_seconds=1, ceiling_per_second=options.requests_per_second
        )
        limiter = RateLimiter(model, vendor=context.name, clock=context.clock, gate=context.rates)
        self._http = HttpSession(
            base_url=options.api_url,
            context=context,
            headers=self._login,
            timeout=options.timeout,
            limiter=limiter,
            classify=self._classify,
        )

    def list(
        self,
        where: Sequence[Filter] = (),
        *,
        select: Sequence[str],
        order_by: str = "id",
        most: int | None = None,
    ) -> Listed:
        """The first page of the Accounts that pass every filter, in ascending order."""
        params: dict[str, str | int] = {
            "maxSize": min(most or self._page_size, self._page_size),
            "orderBy": order_by,
            "order": "asc",
            "select": ",".join(select),
        }
        for number, one in enumerate(where):
            params |= dict(one.pairs(f"where[{number}]"))
        reply = self._send("GET", "/Account", idempotent=True, params=params, expect=(400,))
        if reply.status == HTTPStatus.BAD_REQUEST:
            raise Permanent("bad_search", self._told(reply), status=reply.status)
        body = reply.json()
        try:
            return Listed(rows=tuple(body["list"]), total=int(body["total"]))
        except (KeyError, TypeError, ValueError):
            message = f"{reply.where} answered without list and total: is this EspoCRM?"
            raise Permanent("not_a_list", message, status=reply.status) from None

    def create(self, values: Mapping[str, Any], *, skip_check: bool) -> Reply:
        """Try to create an Account.

        200 has it, 400 names a field that is refused, 409 has a match of the duplicate check, and
        403 (no other one comes here) refuses the user that it is assigned to.
        """
        headers = {"x-skip-duplicate-check": "true"} if skip_check else {}
        return self._send(
            "POST",
            "/Account",
            idempotent=False,
            json=dict(values),
            headers=headers,
            expect=(400, 403, 409),
        )

    def merge(self, survivor_id: str, lost_id: str, attributes: Mapping[str, Any]) -> None:
        """Merge one Account into another, which takes these attributes."""
        data = {"sourceIdList": [lost_id], "attributes": dict(attributes)}
        body = {"entityType": "Account", "action": "merge", "id": survivor_id, "data": data}
        self._send("POST", "/Action", idempotent=False, json=body)

    def fetch_fields(self) -> Mapping[str, Any]:
        """The definitions of the fields of Account, by name."""
        found = self.fetch_metadata("entityDefs.Account.fields")
        return found if isinstance(found, dict) else {}

    def fetch_metadata(self, key: str) -> Any:
        """One part of the metadata; None where there is no such part."""
        return self._get("/Metadata", {"key": key})

    def fetch_user(self) -> Mapping[str, Any]:
        """Who we are and what we may do."""
        found = self._get("/App/user")
        return found if isinstance(found, dict) else {}

    def fetch_version(self) -> str:
        """The server's version, as it tells it."""
        found = self._get("/App/about")
        return str(found.get("version", "")) if isinstance(found, dict) else ""

    def create_field(self, definition: Mapping[str, Any]) -> bool:
        """Create a custom field; False where it was there already.

        Doing it twice is harmless: the second time it is there.
        """
        reply = self._send(
            "POST",
            "/Admin/fieldManager/Account",
            idempotent=True,
            json=dict(definition),
            expect=(409,),
        )
        return reply.status != HTTPStatus.CONFLICT

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def reason(self, reply: Reply) -> str:
        """Why the server said no: its texts stand in a header."""
        words = reply.headers.get("x-status-reason", "")
        return cut_message(words, self._context.secrets.values())

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self._send("GET", path, idempotent=True, params=params).json()

    def _send(self, method: str, path: str, *, idempotent: bool, **kwargs: Any) -> Reply:
        self._check_fuse()
        return self._http.send(method, path, idempotent=idempotent, **kwargs)

    def _check_fuse(self) -> None:
        """Send nothing for a minute after a refused login.

        Raises:
            BadCredentials: the login was refused a moment ago.
        """
        now = self._context.clock.now()
        if self._refused_at is not None and now < self._refused_at + LOCK_PERIOD:
            message = (
                f"{self._context.name}: the login was refused a moment ago; nothing is sent for a "
                "minute, because EspoCRM locks an address after 11 wrong logins: correct the token"
            )
            raise BadCredentials("unauthorized", message, status=HTTPStatus.UNAUTHORIZED)

    def _login(self) -> Mapping[str, str]:
        token = self._context.secrets.get("token", "")
        if self._username is None:
            return {"x-api-key": token}
        pair = f"{self._username}:{token}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _classify(self, reply: Reply) -> Fault | None:
        if reply.status == HTTPStatus.UNAUTHORIZED:
            self._refused_at = self._context.clock.now()
            what = "API key" if self._username is None else "username or password"
            message = f"{reply.where}: EspoCRM refuses the {what}; correct the token"
            return BadCredentials("unauthorized", message, status=reply.status)
        if reply.status == HTTPStatus.FORBIDDEN:
            return self._classify_forbidden(reply)
        return None

    def _classify_forbidden(self, reply: Reply) -> Fault | None:
        reason = reply.headers.get("x-status-reason")
        if reason is None and reply.body.strip():
            message = f"{reply.where} answered 403, not in EspoCRM's way: a proxy may stand between"
            return NotProcessed("blocked", message, status=reply.status)
        if reason is None:
            return self._locked_out(reply)
        if reason.startswith("Assignment") and reply.where.method == "POST":
            return None
        if reason.startswith("Max size"):
            text = f"{self._told(reply)} Set page_size to that"
            return Permanent("page_size", text, status=reply.status)
        text = f"{self._told(reply)}; give the user a role that allows it"
        return BadCredentials("forbidden", text, status=reply.status)

    def _locked_out(self, reply: Reply) -> RateLimited:
        message = (
            f"{reply.where}: this address is locked for a minute after wrong logins; the token "
            "itself may be good"
        )
        until = self._context.clock.now() + LOCK_PERIOD + timedelta(seconds=1)
        return RateLimited("locked_out", message, until=until, status=reply.status)

    def _told(self, reply: Reply) -> str:
        reason = self.reason(reply)
        return f"{reply.where} answered {reply.status}" + (f": {reason}" if reason else "")
