"""What a website's text tells about whose it is: a registered domain, a host, a page, or nothing.

Total functions: whatever stands in a CRM's website field, they answer and never raise.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote

import idna

from daemon.domain.shared_hosts import (
    LINK_SHORTENERS,
    MAIL_HOSTS,
    MAIL_OF_PORTALS,
    PRIVATE_NETWORKS,
    SHARED_HOSTS,
    SharedHost,
)
from daemon.domain.suffixes import PLAIN_TOP_LEVELS, TWO_LABEL_SUFFIXES, Section, owner_of


class SiteKind(StrEnum):
    """How much a website's text tells."""

    DOMAIN = "domain"  # a registered domain: identifies, and may be sent as an exclusion
    HOST = "host"  # a host below a shared suffix: identifies, is never sent
    PROFILE = "profile"  # a page on a shared host: identifies, is never sent
    NONE = "none"  # nothing; the reason says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What one website text says.

    ``domain`` is lower case and in A-labels. ``profile`` is normalised
    (``linkedin.com/company/x``). ``reason`` is in words, for a person, and "" where there is a
    domain.
    """

    kind: SiteKind
    domain: str | None = None
    host: str | None = None
    profile: str | None = None
    reason: str = ""


EMPTY: Final = "empty"
IP_ADDRESS: Final = "an IP address"
ONE_LABEL: Final = "a name of one label"
SUFFIX_ITSELF: Final = "a public suffix itself"
NOT_A_HOST: Final = "not a host name"
MAIL_PROVIDER: Final = "a mail provider"
SHORTENER: Final = "a link shortener"
PRIVATE_NETWORK: Final = "a name of a private network"
NO_PAGE: Final = "a shared host, without the page that tells whose it is"
OWN_HOST: Final = "a host below a shared suffix"
OWN_PAGE: Final = "a page on a shared host"

_MAX_TOKENS: Final = 32  # a description in the website field is not read to its end
_MAX_HOST: Final = 253  # RFC 1035
_MAX_PAGE: Final = 200

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN: Final = re.compile(
    rf"(?:https?://)?(?:www\.)?((?:{_LABEL}\.)+([a-z]{{2,63}}))(?:$|[/?#,;\s])"
)
_SEPARATORS: Final = re.compile(r"[\s,;|<>\"，；、]+")  # noqa: RUF001 - Asian commas do separate addresses
_SCHEMES: Final = re.compile(
    r"(?:(?:(?:[a-z][a-z0-9+.\-]*)?:)?//+|(?:https?|ftp|mailto)(?::/*|;/+|//+))+", re.IGNORECASE
)
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))
_EDGES: Final = "'()[]{}*!.“”‘’«»`"  # noqa: RUF001 - typographic quotes stand around pasted addresses
_END_OF_AUTHORITY: Final = re.compile(r"[/?#]")
_PORT: Final = re.compile(r":\d*$")
_SUBDOMAIN_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_OWNER_LABEL: Final = re.compile(_LABEL)
_TOP_LEVEL: Final = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
_WWW: Final = re.compile(r"www\d?\.")

_TOP_LEVELS: Final = PLAIN_TOP_LEVELS - PRIVATE_NETWORKS
_ANY_SUFFIX: Final = frozenset(name[:-2] for name in SHARED_HOSTS if name.endswith(".*"))
_NEEDS_CARE: Final = (
    frozenset(owner_of(name)[0] or name for name in SHARED_HOSTS)
    | TWO_LABEL_SUFFIXES
    | LINK_SHORTENERS
    | MAIL_HOSTS
)
"""Registered domains about which more must be asked than their suffix."""


def _none(reason: str) -> Site:
    return Site(kind=SiteKind.NONE, reason=reason)


def _plain_domain(text: str) -> str | None:
    """The registered domain of a text that needs no care, which is nearly every one; else None."""
    found = _PLAIN.match(text) or _PLAIN.match(text.strip().lower())
    if found is None:
        return None
    host, top = found.groups()
    if top not in _TOP_LEVELS:
        return None
    if host.count(".") > 1:
        owner, section = owner_of(host)
        if owner is None or section is not Section.ICANN or len(host) > _MAX_HOST:
            return None
        host = owner
    if host in _NEEDS_CARE or host.partition(".")[0] in _ANY_SUFFIX:
        return None
    return host


def site_of(text: str | None) -> Site:
    """What a website's text tells: the first address in it that gives a domain decides.

    Any scheme or none, port, path, query, fragment, userinfo, trailing dot, capitals, ``www.``,
    national letters and several addresses in one text are understood. Never raises.
    """
    if not text:
        return _none(EMPTY)
    domain = _plain_domain(text)
    if domain is not None:
        return Site(kind=SiteKind.DOMAIN, domain=domain)
    return _careful_site(text)


def _careful_site(text: str) -> Site:
    tokens = [token for token in _SEPARATORS.split(text.translate(_INVISIBLE)) if token]
    best: Site | None = None
    for token in tokens[:_MAX_TOKENS]:
        site = _site_of_address(token, alone=len(tokens) == 1)
        if site.kind is SiteKind.DOMAIN:
            return site
        if best is None or (best.kind is SiteKind.NONE and site.kind is not SiteKind.NONE):
            best = site
    return best or _none(EMPTY)


def _site_of_address(token: str, *, alone: bool) -> Site:
    """``alone``: nothing else stands in the text, so that even an unlisted suffix is believed."""
    address = token.strip(_EDGES).replace("\\", "/")
    scheme = _SCHEMES.match(address)
    bare = address if scheme is None else address[scheme.end() :]
    end = _END_OF_AUTHORITY.search(bare)
    authority, path = (bare, "") if end is None else (bare[: end.start()], bare[end.start() :])
    _, at, host_and_port = authority.rpartition("@")
    if "[" in host_and_port or host_and_port.count(":") > 1:
        return _none(IP_ADDRESS if _is_ipv6(host_and_port) else NOT_A_HOST)
    host = _ascii_host(_PORT.sub("", host_and_port))
    if host is None:
        return _none(NOT_A_HOST)
    problem = _problem_of(host)
    if problem:
        return _none(problem)
    is_mail = bool(at) and "//" not in address
    return _site_of_host(
        _WWW.sub("", host, count=1) if host.count(".") > 1 else host,
        path,
        full_host=host,
        is_mail=is_mail,
        alone=alone,
    )


def _is_ipv6(text: str) -> bool:
    inside = re.sub(r"^\[|\](?::\d*)?$", "", text).partition("%")[0]
    try:
        ip_address(inside)
    except ValueError:
        return False
    return True


def _ascii_host(text: str) -> str | None:
    """The host in lower-case A-labels, or None where it cannot be one."""
    host = unquote(text) if "%" in text else text
    if len(host) > _MAX_HOST:
        return None
    ascii_host = host if host.isascii() else _a_labels(host)
    return None if ascii_host is None else ascii_host.strip(". \t\r\n").lower()


def _a_labels(host: str) -> str | None:
    """UTS 46 as browsers do it; what IDNA 2008 refuses (emoji, say) is encoded all the same."""
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        folded = unicodedata.normalize("NFKC", host.casefold())
    if any(unicodedata.category(letter)[0] in "CZ" for letter in folded):
        return None
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in re.split(r"[.。]", folded)
    )


def _problem_of(host: str) -> str:
    """Why a host cannot be anybody's, or ""."""
    if not host:
        return EMPTY
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return IP_ADDRESS
    if not all(_SUBDOMAIN_LABEL.fullmatch(label) for label in labels):
        return NOT_A_HOST
    if labels[-1] in PRIVATE_NETWORKS:
        return PRIVATE_NETWORK
    if len(labels) == 1:
        return SUFFIX_ITSELF if host in PLAIN_TOP_LEVELS else ONE_LABEL
    return "" if _TOP_LEVEL.fullmatch(labels[-1]) else NOT_A_HOST


def _site_of_host(host: str, path: str, *, full_host: str, is_mail: bool, alone: bool) -> Site:
    owner, section = owner_of(host)
    shared = _shared_host(host, owner)
    if shared is not None:
        return _site_on_shared(shared, owner or host, path)
    if owner is None:
        owner, section = owner_of(full_host)  # www.co.uk: "www" is what was registered
        if owner is None or section is not Section.ICANN:
            return _bare_suffix(host)
    problem = _problem_of_owner(owner, is_mail=is_mail)
    if problem:
        return _none(problem)
    if section is Section.UNLISTED and (not alone or _WWW.match(owner)):
        return _none(NOT_A_HOST)
    if section in {Section.ICANN, Section.UNLISTED}:
        return Site(kind=SiteKind.DOMAIN, domain=owner)
    return Site(kind=SiteKind.HOST, host=owner, reason=OWN_HOST)


def _problem_of_owner(owner: str, *, is_mail: bool) -> str:
    """Why a registered domain is nobody's own, or ""."""
    if not _OWNER_LABEL.fullmatch(owner.partition(".")[0]):
        return NOT_A_HOST
    if owner in MAIL_HOSTS or (is_mail and owner in MAIL_OF_PORTALS):
        return MAIL_PROVIDER
    return SHORTENER if owner in LINK_SHORTENERS else ""


def _bare_suffix(host: str) -> Site:
    """A site builder's own name is its own website; a suffix of the list is nobody's."""
    if owner_of(host)[1] is Section.CUSTOMERS:
        return Site(kind=SiteKind.HOST, host=host, reason=OWN_HOST)
    return _none(SUFFIX_ITSELF)


def _shared_host(host: str, owner: str | None) -> SharedHost | None:
    shared = SHARED_HOSTS.get(host)
    if shared is not None or owner is None:
        return shared
    return SHARED_HOSTS.get(owner) or SHARED_HOSTS.get(owner.partition(".")[0] + ".*")


def _site_on_shared(shared: SharedHost, host: str, path: str) -> Site:
    found = shared.pages.match(path.lstrip("/"))
    if found is not None:
        parts = [shared.name, *(part for part in found.groups() if part)]
        page = unicodedata.normalize("NFC", unquote("/".join(parts))).casefold()
        return Site(kind=SiteKind.PROFILE, profile=page[:_MAX_PAGE], reason=OWN_PAGE)
    if shared.own_site and not path.strip("/"):
        return Site(kind=SiteKind.HOST, host=host, reason=OWN_HOST)
    return _none(NO_PAGE)


def key_of_site(site: Site) -> str | None:
    """The identity key: the domain itself, ``host:…`` or ``profile:…``; None for a site of NONE."""
    if site.domain is not None:
        return site.domain
    if site.host is not None:
        return "host:" + site.host
    return None if site.profile is None else "profile:" + site.profile


def domain_keys(texts: Iterable[str]) -> tuple[str, ...]:
    """The identity keys of a record's websites, each once, in their order."""
    keys: dict[str, None] = {}
    for text in texts:
        if text:
            key = _plain_domain(text) or key_of_site(_careful_site(text))
            if key is not None:
                keys[key] = None
    return tuple(keys)


def normalise_exclusion(text: str | None) -> str | None:
    """The registered domain that may be sent to the vendor as an exclusion, or None.

    The vendor cuts every entry down to its registered domain, so that nothing on a shared host is
    sent, and refuses a whole request for one entry that is no domain.
    """
    return site_of(text).domain
