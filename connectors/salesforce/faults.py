"""What Salesforce's statuses and error bodies mean, where they differ from everybody's."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus

import orjson

from connectors.salesforce.refusals import GONE, read_refusals
from connectors.sdk.faults import (
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.replies import Reply, cut_message

QUOTA_PAUSE = timedelta(minutes=15)
"""The daily allowance is a rolling window of 24 hours, and Salesforce does not say when a part of
it comes back: one asks again now and then."""
_CROWD_PAUSE = timedelta(seconds=5)
_LOGIN_PAUSE = timedelta(minutes=5)
_USAGE = re.compile(r"(?<![-\w])api-usage=(\d+)/(\d+)")
_REMEDIES = {
    "invalid_client_id": "check client_id: it is the app's consumer key",
    "invalid_client": "check the app's consumer secret in client_secret",
    "invalid_grant": "in the app's policies enable the client credentials flow with a Run As user",
    "inactive_user": "the app's Run As user is inactive",
    "unsupported_grant_type": "enable the client credentials flow in the app's settings",
}


def classify(reply: Reply, *, now: datetime, secrets: Iterable[str] = ()) -> Fault | None:
    """The fault of what Salesforce's REST API says in its own way; None: the common rules apply."""
    if reply.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN} or reply.is_html:
        return None
    refusals = read_refusals(body_of(reply))
    codes = {refusal.code for refusal in refusals}
    if reply.status == HTTPStatus.BAD_REQUEST:
        return _failed_query(reply, codes) if reply.where.idempotent else None
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        said = cut_message(" ".join(each.message for each in refusals), secrets)
        return _limited(reply, said, now)
    if codes & {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"}:
        text = f"{reply.where}: the organisation's edition or settings allow no API"
        return NeedsPerson("api_disabled", text, status=reply.status)
    return None


def _failed_query(reply: Reply, codes: set[str]) -> Fault | None:
    """A query that may well work the next time; None: it never will."""
    if codes & {"QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR"}:
        text = f"{reply.where}: Salesforce did not finish a query ({', '.join(sorted(codes))})"
        return NotProcessed("query_ended", text, status=reply.status)
    if reply.where.method == "GET" and GONE in codes:
        text = (
            f"{reply.where}: a field of Account is gone or hidden since we looked; the next "
            "attempt looks again"
        )
        return NotProcessed("field_gone", text, status=reply.status)
    return None


def _limited(reply: Reply, said: str, now: datetime) -> Fault:
    if "concurrent" in said.lower():
        text = f"{reply.where}: too many long requests at once"
        return RateLimited("concurrency", text, until=now + _CROWD_PAUSE, status=reply.status)
    text = (
        f"{reply.where}: the organisation's requests of 24 hours are used up ({said}); "
        "it is tried again every quarter of an hour"
    )
    return QuotaExhausted("daily_limit", text, until=now + QUOTA_PAUSE, status=reply.status)


def classify_login(reply: Reply, *, now: datetime, secrets: Iterable[str] = ()) -> Fault | None:
    """The fault of the token endpoint's refusal (``{"error", "error_description"}``)."""
    body = body_of(reply)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or not isinstance(body, dict):
        return None
    error = body.get("error")
    if reply.status < HTTPStatus.BAD_REQUEST or not isinstance(error, str):
        return None
    words = f"{error}: {body.get('error_description') or 'no reason given'}"
    said = cut_message(words, secrets)
    if "rate" in said and "exceeded" in said.replace("_", " "):
        until = now + _LOGIN_PAUSE
        return RateLimited("login_rate", f"{reply.where}: {said}", until=until, status=reply.status)
    if error == "unknown_error":
        return NotProcessed("login_failed", f"{reply.where}: {said}", status=reply.status)
    remedy = _REMEDIES.get(error, "check client_id, client_secret and the app's policies")
    text = f"{reply.where} gives no token ({said}); {remedy}"
    return BadCredentials("token_refused", text, status=reply.status)


def read_usage(header: str | None) -> tuple[int, int] | None:
    """Requests used of those allowed in 24 hours, from ``Sforce-Limit-Info``."""
    found = _USAGE.search(header or "")
    return None if found is None else (int(found[1]), int(found[2]))


def body_of(reply: Reply) -> object:
    """The body as JSON; None where it is none."""
    try:
        parsed: object = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    return parsed
