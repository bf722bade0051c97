"""How the simulated vendor reduces an exclusion to a registered domain: its rule, not ours."""

import functools
import ipaddress
from urllib.parse import urlsplit

import idna
from publicsuffixlist import PublicSuffixList


@functools.cache
def _suffixes() -> PublicSuffixList:
    # Without the private section: ``x.github.io`` becomes ``github.io``, the worst that may happen.
    return PublicSuffixList(only_icann=True, accept_unknown=False)


@functools.lru_cache(maxsize=65_536)
def registered_domain(entry: str) -> str | None:
    """The registered domain of a domain or URL, as an A-label; None where there is none.

    ``https://www.Acme.com/about`` is ``acme.com`` (the vendor's own example), and
    ``linkedin.com/company/x`` is ``linkedin.com``.
    """
    text = entry.strip()
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return None
    host = (host or "").rstrip(".")
    if not host or _is_address(host):
        return None
    try:
        ascii_host = idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return None
    found: str | None = _suffixes().privatesuffix(ascii_host)
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
