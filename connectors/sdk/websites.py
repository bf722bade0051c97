"""The host in what people type as a website; enough to compare, not to decide whose domain it is.

The daemon decides that, with the public suffix list. A connector only needs to see whether a record
that the CRM gave for a domain is really at that domain.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import idna


def host_of(website: str) -> str:
    """The host of a website's text: lower case, A-labels, without ``www.``; "" where there is none.

    ``"HTTPS://www.Bücher.example:443/x"`` and ``"xn--bcher-kva.example."`` give the same.
    """
    text = website.strip().lower()
    try:
        host = urlsplit(text if "://" in text else f"//{text.lstrip('/')}").hostname or ""
    except ValueError:
        return ""
    return ascii_host(host.rstrip(".")).removeprefix("www.")


def ascii_host(host: str) -> str:
    """The host in A-labels; one that cannot be written so stays as it is."""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host


def hosts_above(host: str) -> Iterator[str]:
    """The host itself and each host above it, but not the last label alone."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def is_at(website: str, domain: str | None) -> bool:
    """Whether a website is at the domain or at a host below it."""
    return domain is not None and domain in hosts_above(host_of(website))
