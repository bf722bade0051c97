"""Where a website leads: what to ask next, what an answer means, and who has to wait for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from daemon.domain.hostnames import site_of
from daemon.domain.landing_pages import is_login_page, is_parking_page
from daemon.domain.resemblance import brand_of
from daemon.domain.web_addresses import Refusal, WebAddress, front_pages, read_location


class Outcome(StrEnum):
    """What is known of where a domain's website leads."""

    ASKED = "asked"  # nobody has looked yet
    LOOKING = "looking"
    NOT_IN_TIME = "not_in_time"  # what waited for it went on without
    STAYS = "stays"
    LEADS_ELSEWHERE = "leads_elsewhere"
    SHARED_HOST = "shared_host"
    PARKING_PAGE = "parking_page"
    LOGIN_PAGE = "login_page"
    ERROR_PAGE = "error_page"
    LOOP = "loop"
    TOO_MANY = "too_many"
    FORBIDDEN = "forbidden"  # it leads to an address that is not asked
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"


MOST_BRANDS: Final = 5
"""More brands than this share a portal, not an owner."""
PENDING: Final = frozenset({Outcome.ASKED, Outcome.LOOKING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where a website leads. ``leads_to`` is another registered domain, or None: none that tells.

    ``page`` is where the last answer came from; it is for people.
    """

    outcome: Outcome
    leads_to: str | None = None
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """What the store holds of one domain; ``checked_at`` is when it was asked or looked at."""

    domain: str
    leads_to: str | None
    outcome: Outcome
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectPolicy:
    """How long a push waits for a look at most, and how often a website is looked at again."""

    patience: timedelta
    recheck_every: timedelta


class Failure(StrEnum):
    """Why a request got no answer."""

    UNREACHABLE = "unreachable"  # no name, no connection, or no certificate that holds
    BROKEN = "broken"  # connected, and then something that is no HTTP
    FORBIDDEN = "forbidden"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """As much of an HTTP response as matters."""

    status: int
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, and how it came to it. ``others`` are front pages that are still to try."""

    domain: str
    method: str
    address: WebAddress
    others: Sequence[WebAddress]
    most: int
    seen: tuple[str, ...] = ()


Reply: TypeAlias = Answer | Failure

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_REFUSES_ROBOTS: Final = frozenset({403, 405, 406, 429, 503})
"""A page that only a browser gets to see is still somebody's page."""
_FIRST_ERROR: Final = 400
_ENDS: Final = {
    Failure.FORBIDDEN: Outcome.FORBIDDEN,
    Failure.TOO_SLOW: Outcome.TOO_SLOW,
    Failure.TOO_LARGE: Outcome.TOO_LARGE,
}


def first_step(domain: str, *, max_redirects: int) -> Ask:
    """The first request to the website of a registered domain."""
    first, *others = front_pages(domain)
    return Ask(domain=domain, method="HEAD", address=first, others=others, most=max_redirects)


def next_step(ask: Ask, reply: Reply) -> Ask | Landing:
    """What follows from the reply to a request: the next request, or the end."""
    if isinstance(reply, Failure):
        return _after_failure(ask, reply)
    if reply.status in _REDIRECTS and reply.location:
        return _follow(ask, reply.location)
    if reply.status >= _FIRST_ERROR and ask.method == "HEAD":
        return replace(ask, method="GET")  # refused as a method, or so to any robot
    return landing_of(ask.domain, ask.address, reply.status)


def _after_failure(ask: Ask, failure: Failure) -> Ask | Landing:
    if failure in _ENDS:
        return Landing(outcome=_ENDS[failure], page=ask.address.page)
    if failure is Failure.BROKEN and ask.method == "HEAD":
        return replace(ask, method="GET")
    if ask.seen or not ask.others:
        return Landing(outcome=Outcome.UNREACHABLE, page=ask.address.page)
    first, *others = ask.others
    return replace(ask, method="HEAD", address=first, others=others)


def _follow(ask: Ask, location: str) -> Ask | Landing:
    address = read_location(ask.address, location)
    if isinstance(address, Refusal):
        return Landing(outcome=Outcome.FORBIDDEN, page=ask.address.page)
    seen = (*ask.seen, ask.address.text)
    if address.text in seen:
        return Landing(outcome=Outcome.LOOP, page=address.page)
    if len(seen) > ask.most:
        return Landing(outcome=Outcome.TOO_MANY, page=ask.address.page)
    return replace(ask, method="HEAD", address=address, seen=seen)


def landing_of(domain: str, address: WebAddress, status: int) -> Landing:
    """What it means that the website of ``domain`` ends at this address, with this answer."""
    landing = site_of(address.text).domain
    if landing == domain:
        return Landing(outcome=Outcome.STAYS, page=address.page)
    if landing is None:
        outcome = Outcome.SHARED_HOST
    elif is_login_page(address, landing):
        outcome = Outcome.LOGIN_PAGE
    elif is_parking_page(address, landing, domain):
        outcome = Outcome.PARKING_PAGE
    elif status >= _FIRST_ERROR and status not in _REFUSES_ROBOTS:
        outcome = Outcome.ERROR_PAGE
    else:
        return Landing(outcome=Outcome.LEADS_ELSEWHERE, leads_to=landing, page=address.page)
    return Landing(outcome=outcome, page=address.page)


def is_crowded(domains: Iterable[str]) -> bool:
    """Whether the websites of so many brands lead to one that it is nobody's own: a portal.

    One company's own domains (``acme.de``, ``acme.fr``) are one brand.
    """
    return len({brand_of(domain) for domain in domains}) > MOST_BRANDS


def is_to_ask(known: Redirect | None, policy: RedirectPolicy, *, now: datetime) -> bool:
    """Whether a look at a website is to be asked for, given what is known of it."""
    return known is None or known.checked_at + policy.recheck_every <= now


def is_to_wait(known: Redirect | None, policy: RedirectPolicy, *, now: datetime) -> bool:
    """Whether what depends on it waits: a look is due or under way, and patience is not over."""
    if is_to_ask(known, policy, now=now):
        return True
    in_time = known is not None and known.checked_at + policy.patience > now
    return in_time and known is not None and known.outcome in PENDING
