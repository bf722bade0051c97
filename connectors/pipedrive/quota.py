"""Pipedrive's two limits, told apart: requests in two seconds, and tokens of the day; pure.

Each request costs tokens of a budget that the whole company shares; when it is used up, everything
is answered 429 until midnight, and who persists gets 403 with a web page (vendor's documents). The
headers ``x-daily-ratelimit-token-*`` are not documented and now and then missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from connectors.sdk.faults import QuotaExhausted, RateLimited, WaitUntil
from connectors.sdk.rates import RateHeaders, RateModel
from connectors.sdk.replies import Reply, parse_retry_after

DEAREST = 20
"""Tokens of the dearest request that we send, a search; with fewer left, some are refused."""
REQUESTS_PER_WINDOW = 20
"""Of the smallest plan, for an API token; the headers raise it for the others."""
SEARCHES_PER_WINDOW = 10
WINDOW_SECONDS = 2
HEADERS = RateHeaders(
    limit="x-ratelimit-limit", remaining="x-ratelimit-remaining", reset_seconds="x-ratelimit-reset"
)
_BLOCKED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The state of the day's budget; None: not told."""

    left: float | None = None
    limit: float | None = None

    def __str__(self) -> str:
        """For instance ``0 of 30000 left``."""
        if self.left is None:
            return "how many are left was not told"
        total = "" if self.limit is None else f" of {self.limit:.0f}"
        return f"{self.left:.0f}{total} left"


def tokens_in(headers: Mapping[str, str]) -> Tokens:
    """What a reply tells of the budget."""
    return Tokens(
        left=_number(headers, "x-daily-ratelimit-token-remaining"),
        limit=_number(headers, "x-daily-ratelimit-token-limit"),
    )


def next_midnight(now: datetime, zone: str) -> datetime:
    """When the next day begins in the zone, in UTC."""
    local = now.astimezone(ZoneInfo(zone))
    tomorrow = (local + timedelta(days=1)).date()
    start = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone))
    return start.astimezone(UTC)


def used_up(vendor: str, tokens: Tokens, until: datetime, *, kept: int = 0) -> QuotaExhausted:
    """The fault when the day's budget is gone, or gone but for what is kept for others."""
    gone = "used up" if not kept else f"used up but for the {kept} that are kept for others"
    message = (
        f"{vendor}: the day's API tokens of this Pipedrive account are {gone} ({tokens}); nothing "
        f"is sent before {until:%Y-%m-%d %H:%M} UTC, when the new day's budget begins. All "
        "integrations of the company share it: see Company settings, API usage"
    )
    return QuotaExhausted("daily_tokens", message, until=until)


def short_of_tokens(vendor: str, tokens: Tokens, until: datetime, *, kept: int) -> WaitUntil | None:
    """The fault to be met by the next request, when a reply says that little is left."""
    if tokens.left is None or tokens.left >= DEAREST + kept:
        return None
    return used_up(vendor, tokens, until, kept=kept)


def judge_limits(
    reply: Reply, *, now: datetime, zone: str, used_up_until: datetime | None
) -> WaitUntil | None:
    """The fault of a reply that is about a limit; None: it is about something else.

    ``used_up_until`` is set when the budget is known to be gone until then.
    """
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _judge_429(reply, now=now, zone=zone)
    if reply.status != HTTPStatus.FORBIDDEN or not reply.is_html:
        return None
    until = max(now + _BLOCKED, used_up_until or now)
    message = (
        f"{reply.where} answered 403 with a web page: Pipedrive shuts out who goes on after its "
        f"429s, or a proxy stands between; nothing is sent before {until:%Y-%m-%d %H:%M} UTC"
    )
    kind = RateLimited if used_up_until is None else QuotaExhausted
    return kind("blocked", message, until=until, status=reply.status)


def _judge_429(reply: Reply, *, now: datetime, zone: str) -> WaitUntil:
    tokens = tokens_in(reply.headers)
    asked = parse_retry_after(reply.headers.get("retry-after"), now)
    in_window = _number(reply.headers, "x-ratelimit-remaining")
    if tokens.left is not None:
        is_daily = tokens.left < DEAREST
    else:
        # The window has room and still it says no: then it is the day's budget.
        is_daily = asked is None and in_window is not None and in_window >= 1
    if is_daily:
        until = asked or next_midnight(now, zone)
        return used_up(reply.where.vendor, tokens, until)
    reset = _number(reply.headers, "x-ratelimit-reset")
    if asked is None and reset is not None:
        asked = now + timedelta(seconds=reset)
    message = f"{reply.where} answered 429: too many requests in {WINDOW_SECONDS} seconds"
    return RateLimited("rate_limited", message, until=asked, status=reply.status)


def window_model(ceiling: float | None) -> RateModel:
    """The limit of all requests, corrected by the headers."""
    return RateModel(
        limit=REQUESTS_PER_WINDOW,
        per_seconds=WINDOW_SECONDS,
        headers=HEADERS,
        ceiling_per_second=ceiling,
    )


def search_model() -> RateModel:
    """The limit of searches, which is the same on all plans."""
    return RateModel(limit=SEARCHES_PER_WINDOW, per_seconds=WINDOW_SECONDS)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers[name])
    except (KeyError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None
