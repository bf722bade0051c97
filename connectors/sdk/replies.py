"""What came back from a vendor, and which fault it is; pure, shared by every HTTP connector."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson

from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    RateLimited,
)

MESSAGE_LIMIT = 300
_SHORTEST_SECRET = 4
_LONGEST_WAIT = timedelta(days=366)
_MESSAGE_KEYS = ("message", "error_description", "detail", "title", "error", "error_info")
_ENVELOPES = ("error", "errors")

Doubt: TypeAlias = type[NotProcessed] | type[Ambiguous]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which request a fault is about, in the words of the fault's message."""

    vendor: str
    method: str
    path: str
    idempotent: bool

    @property
    def doubt(self) -> Doubt:
        """The fault when nobody knows whether the vendor did it."""
        return NotProcessed if self.idempotent else Ambiguous

    def __str__(self) -> str:
        """For instance ``crm: POST /v2/companies``."""
        return f"{self.vendor}: {self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole answer. ``headers`` have lower-case names; ``where`` is the request it answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    where: Where

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            NotProcessed: it is none, and the request may be repeated.
            Ambiguous: it is none, and the request may have been carried out.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            message = (
                f"{self.where} answered {self.status} with something that is not JSON; "
                "a proxy may stand in between, or base_url may be wrong"
            )
            raise self.where.doubt("not_json", message, status=self.status) from error

    @property
    def is_html(self) -> bool:
        """Whether a web page came back, as proxies and login walls send it."""
        if "html" in self.headers.get("content-type", ""):
            return True
        return self.body[:64].lstrip().lower().startswith((b"<!doctype", b"<html"))


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret, plain or percent-encoded, replaced by ``[secret]``."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[secret]").replace(quote(secret, safe=""), "[secret]")
    return text


def vendor_message(reply: Reply) -> str:
    """What the vendor said was wrong, as one line; empty where it said nothing legible."""
    try:
        found = _message_in(orjson.loads(reply.body))
    except orjson.JSONDecodeError:
        return ""
    return " ".join(found.split())


def _message_in(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _message_in(value[0]) if value else ""
    if not isinstance(value, dict):
        return ""
    texts = [value[key] for key in _MESSAGE_KEYS if isinstance(value.get(key), str)]
    inner = [
        _message_in(value[key])
        for key in _ENVELOPES
        if not isinstance(value.get(key), str) and value.get(key)
    ]
    return next((text for text in [*texts, *inner] if text), "")


def cut_message(text: str, secrets: Iterable[str]) -> str:
    """The vendor's words, fit for a fault: without secrets, at most 300 characters."""
    clean = redact(text, secrets)
    return clean if len(clean) <= MESSAGE_LIMIT else clean[: MESSAGE_LIMIT - 1] + "…"


def parse_retry_after(value: str | None, now: datetime) -> datetime | None:
    """The moment that a ``Retry-After`` header names, in seconds or as an HTTP date.

    None where it is missing or means nothing. Never before ``now``; at most a year ahead.
    """
    if value is None:
        return None
    try:
        moment = now + timedelta(seconds=min(float(value), _LONGEST_WAIT.total_seconds()))
    except (ValueError, OverflowError):
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment.astimezone(UTC), now), now + _LONGEST_WAIT)


def judge_reply(reply: Reply, *, now: datetime, secrets: Iterable[str] = ()) -> Fault | None:
    """Which fault a reply is by its status alone; None for any 2xx."""
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    words = cut_message(vendor_message(reply), secrets)
    text = f"{reply.where} answered {reply.status}" + (f": {words}" if words else "")
    until = parse_retry_after(reply.headers.get("retry-after"), now)
    return _fault_for(reply, text, until)


def _fault_for(reply: Reply, text: str, until: datetime | None) -> Fault:
    status, where = reply.status, reply.where
    fault: Fault
    match status:
        case HTTPStatus.UNAUTHORIZED:
            fault = BadCredentials("unauthorized", f"{text}; check the token", status=status)
        case HTTPStatus.FORBIDDEN if reply.is_html:
            # A firewall or a proxy, not the vendor's own verdict on the token.
            fault = NotProcessed("blocked", f"{text} (a web page, not the API)", status=status)
        case HTTPStatus.FORBIDDEN:
            message = f"{text}; the token may not do this: check its scopes"
            fault = BadCredentials("forbidden", message, status=status)
        case HTTPStatus.PAYMENT_REQUIRED:
            fault = NeedsPerson("payment_required", text, status=status)
        case HTTPStatus.TOO_MANY_REQUESTS:
            fault = RateLimited("rate_limited", text, until=until, status=status)
        case HTTPStatus.TOO_EARLY:
            fault = NotProcessed("too_early", text, status=status)
        case HTTPStatus.REQUEST_TIMEOUT:
            fault = where.doubt("timeout", text, status=status)
        case _ if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            fault = _permanent(status, text)
        case _ if where.idempotent and until is not None:
            fault = RateLimited("unavailable", text, until=until, status=status)
        case _:
            fault = where.doubt("server_error", text, status=status)
    return fault


def _permanent(status: int, text: str) -> Permanent:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        message = f"{text}: a redirect to another address, which is not followed; check base_url"
        return Permanent("redirected", message, status=status)
    if status < HTTPStatus.OK:
        return Permanent("unexpected_status", text, status=status)
    code = "not_found" if status == HTTPStatus.NOT_FOUND else "refused"
    return Permanent(code, text, status=status)
