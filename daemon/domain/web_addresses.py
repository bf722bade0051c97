"""Which addresses of the web may be asked: names in public, plain ports, never a place inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import idna

from daemon.domain.shared_hosts import PRIVATE_NETWORKS

PORTS: Final = {"http": 80, "https": 443}
_MAX_URL: Final = 4_000  # letters; the longest that servers and browsers commonly take is 8,000
_MAX_HOST: Final = 253  # RFC 1035
_NOT_IN_A_URL: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+([a-z0-9-]{1,63})")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
_KEPT: Final = "/?%:@!$&'()*+,;=~[]"

_PUBLIC_V6: Final = IPv6Network("2000::/3")
"""All that IANA has given out as global unicast; the NAT64 prefixes and mapped IPv4 lie outside."""
_NEVER_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_NEVER_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
)
"""From IANA's registries of special-purpose addresses, whatever Python's own list says of them."""
_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)


def is_public_address(text: str) -> bool:
    """Whether this IP address is one of the public internet's own; False for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NEVER_V4)
    return _is_public_v6(address)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    wrapped = (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP
    return not wrapped and not any(address in network for network in _NEVER_V6)


class Refusal(StrEnum):
    """Why an address is not asked."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    NO_NAME = "no_name"  # an IP address however it is written, or a name of a network inside


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """What may be asked: ``host`` is a name in A-labels; ``target`` is the path with the query."""

    scheme: str
    host: str
    port: int
    target: str = "/"

    @property
    def text(self) -> str:
        """The address as one writes it."""
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.target}"

    @property
    def page(self) -> str:
        """The address without its query, which may carry what is nobody's business."""
        return self.text.partition("?")[0]


def front_pages(domain: str) -> Sequence[WebAddress]:
    """Where the website of a registered domain may begin, in the order in which to try."""
    return tuple(
        WebAddress(scheme=scheme, host=host, port=PORTS[scheme])
        for scheme in ("https", "http")
        for host in (domain, f"www.{domain}")
    )


def read_location(base: WebAddress, location: str) -> WebAddress | Refusal:
    """Where a redirect from ``base`` leads: absolute or relative, its fragment left out."""
    if len(location) > _MAX_URL or _NOT_IN_A_URL.search(location):
        return Refusal.MALFORMED
    try:
        return _read(urljoin(base.text, location.strip()))
    except ValueError:  # brackets, ports and hosts that are none
        return Refusal.MALFORMED


def _read(url: str) -> WebAddress | Refusal:
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        return Refusal.SCHEME
    if "@" in parts.netloc:
        return Refusal.CREDENTIALS
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in PORTS.values():
        return Refusal.PORT
    host = _read_host(parts.hostname or "")
    if isinstance(host, Refusal):
        return host
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebAddress(
        scheme=parts.scheme,
        host=host,
        port=port,
        target=quote(target, safe=_KEPT, errors="replace"),
    )


def _read_host(written: str) -> str | Refusal:
    if ":" in written:
        return Refusal.NO_NAME
    name = written.removesuffix(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            return Refusal.MALFORMED
    top = name.rpartition(".")[2]
    if _NUMBER.fullmatch(top) or top in PRIVATE_NETWORKS:
        return Refusal.NO_NAME
    if len(name) > _MAX_HOST or not name:
        return Refusal.MALFORMED
    if "." not in name:
        return Refusal.NO_NAME
    return name if _HOST.fullmatch(name) else Refusal.MALFORMED
