"""What HubSpot's statuses and error bodies mean, where they differ from everybody's."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.sdk.faults import BadCredentials, Fault, QuotaExhausted, RateLimited
from connectors.sdk.replies import Reply, parse_retry_after

_LOCK = timedelta(seconds=2)
_MIGRATION = timedelta(hours=1)
_WINDOWS = {"SECONDLY": timedelta(seconds=1), "TEN_SECONDLY_ROLLING": timedelta(seconds=10)}


def classify(reply: Reply, *, now: datetime, timezone: str) -> Fault | None:
    """The fault of a 403, 423, 429 or 477; None: the common rules apply.

    From HubSpot's guides to errors and usage: a lock lasts two seconds, a migration between data
    centres up to a day (with ``Retry-After``), the daily limit ends at midnight in the account's
    time zone, and a request beyond a limit is not carried out.
    """
    match reply.status:
        case 403:
            return _forbidden(reply)
        case 423:
            text = f"{reply.where}: HubSpot has locked the account for a moment"
            return RateLimited("locked", text, until=now + _LOCK, status=423)
        case 429:
            return _limited(reply, now, timezone)
        case 477:
            until = parse_retry_after(reply.headers.get("retry-after"), now)
            text = f"{reply.where}: HubSpot is moving this account to another data centre; waiting"
            return RateLimited("migrating", text, until=until or now + _MIGRATION, status=477)
    return None


def _limited(reply: Reply, now: datetime, timezone: str) -> Fault:
    body = _body(reply)
    policy, message = str(body.get("policyName", "")).upper(), str(body.get("message", "")).lower()
    if policy == "DAILY" or "daily" in message:
        until = next_midnight(now, timezone)
        text = f"{reply.where}: the account's daily limit of requests is used up until midnight"
        return QuotaExhausted("daily_limit", text, until=until, status=429)
    asked = parse_retry_after(reply.headers.get("retry-after"), now)
    if asked is None and policy in _WINDOWS:
        asked = now + _WINDOWS[policy]
    text = f"{reply.where}: too many requests ({policy or 'no policy named'})"
    return RateLimited("rate_limited", text, until=asked, status=429)


def next_midnight(now: datetime, timezone: str) -> datetime:
    """When the next day begins in that time zone."""
    local = now.astimezone(ZoneInfo(timezone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return start.astimezone(now.tzinfo)


def _forbidden(reply: Reply) -> Fault | None:
    body = _body(reply)
    if body.get("category") != "MISSING_SCOPES":
        return None
    contexts = [body, *(body.get("errors") or [])]
    scopes = [
        str(scope)
        for each in contexts
        for name in ("requiredGranularScopes", "requiredScopes", "missingScopes")
        for scope in (each.get("context") or {}).get(name) or []
    ]
    wanted = " or ".join(dict.fromkeys(scopes)) or "(HubSpot does not say which)"
    text = f"{reply.where}: the token lacks the scope {wanted}; grant it to the app in HubSpot"
    return BadCredentials("missing_scope", text, status=403)


def _body(reply: Reply) -> dict[str, Any]:
    try:
        parsed = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
