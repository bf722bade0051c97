"""What Zoho's statuses and error codes mean, where they differ from everybody's; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson

from connectors.sdk.faults import BadCredentials, Fault, NeedsPerson, QuotaExhausted, RateLimited
from connectors.sdk.replies import Reply, parse_retry_after

CREDITS_LEFT = "x-api-credits-remaining"
_CONCURRENCY = timedelta(seconds=5)
_CREDITS = timedelta(hours=1)
"""Credits of a rolling day come back little by little: it is worth asking again in an hour."""
_DAY = ("credit", "24 hour", "daily")
_NOT_ALLOWED = frozenset({"OAUTH_SCOPE_MISMATCH", "NO_PERMISSION", "AUTHORIZATION_FAILED"})
_SET_UP = frozenset({"INVALID_MODULE", "FEATURE_NOT_SUPPORTED", "NOT_SUPPORTED"})


def error_body(reply: Reply) -> Mapping[str, Any]:
    """The reply's JSON object; empty where it is none."""
    try:
        parsed = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def classify(reply: Reply, *, now: datetime) -> Fault | None:
    """The fault of a refusal that is Zoho's own; None: the common rules apply.

    A missing scope is a 401 like a token that ran out, but no renewal mends it: it is told with
    the status 403, so that none is tried.
    """
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(reply, now)
    if not HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    code = str(error_body(reply).get("code", ""))
    if code in _NOT_ALLOWED:
        text = f"{reply.where}: Zoho answers {code}; the self client's scopes or the user's profile"
        return BadCredentials(code.lower(), f"{text} do not allow it", status=HTTPStatus.FORBIDDEN)
    if code in _SET_UP:
        text = f"{reply.where}: Zoho answers {code}: this edition or user has no module Accounts"
        return NeedsPerson(code.lower(), text, status=reply.status)
    return None


def _limited(reply: Reply, now: datetime) -> Fault:
    """Credits of the rolling day that are used up, or too many requests at one time."""
    asked = parse_retry_after(reply.headers.get("retry-after"), now)
    said = str(error_body(reply).get("message", "")).lower()
    if reply.headers.get(CREDITS_LEFT) == "0" or any(word in said for word in _DAY):
        text = f"{reply.where}: the API credits of the last 24 hours are used up"
        return QuotaExhausted("credits", text, until=asked or now + _CREDITS, status=reply.status)
    text = f"{reply.where}: too many requests at one time"
    until = asked or now + _CONCURRENCY
    return RateLimited("too_many_requests", text, until=until, status=reply.status)
