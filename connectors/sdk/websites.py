"""The host in what people type as a website; enough to compare, not to decide whose domain it is.

The daemon decides that, with the public suffix list. A connector only needs to see whether a record
that the CRM gave for a domain is really at that domain.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import idna

from connectors.sdk.records import CrmRecord


def host_of(website: str) -> str:
    """The host of a website's text: lower case, A-labels, without ``www.``; "" where there is none.

    ``"HTTPS://www.Bücher.example:443/x"`` and ``"xn--bcher-kva.example."`` give the same.
    """
    return _whole_host(website).removeprefix("www.")


def _whole_host(website: str) -> str:
    text = website.strip()
    try:
        host = urlsplit(text if "://" in text else f"//{text.lstrip('/')}").hostname or ""
    except ValueError:
        return ""
    return ascii_host(host)


def ascii_host(host: str) -> str:
    """The host in lower case and A-labels; one that cannot be written so keeps its letters."""
    plain = host.strip().rstrip(".").lower()
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return plain


def spellings(domain: str | None) -> tuple[str, ...]:
    """A domain in A-labels and, where that differs, as people read it; none of None."""
    if domain is None:
        return ()
    plain = ascii_host(domain)
    try:
        return tuple(dict.fromkeys((plain, idna.decode(plain))))
    except idna.IDNAError:
        return (plain,)


def hosts_above(host: str) -> Iterator[str]:
    """The host itself and each host above it, but not the last label alone."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def is_at(website: str, domain: str | None) -> bool:
    """Whether a website is at the domain or at a host below it."""
    # With its "www.", which may be the domain's own first label.
    return domain is not None and ascii_host(domain) in hosts_above(_whole_host(website))


def has_website_at(record: CrmRecord, domain: str | None) -> bool:
    """Whether one of the record's websites is at the domain or at a host below it."""
    return any(is_at(website, domain) for website in record.websites)
