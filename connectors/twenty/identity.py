"""Which record is which company: ids out of keys, and addresses however they are spelled; pure."""

import re
from uuid import UUID, uuid5

from connectors.sdk.records import CompanyRef
from connectors.sdk.websites import ascii_host

NAMESPACE = UUID("5b1a3f0c-6c54-4f0e-9a53-8d2f6b1f7a40")
"""Never to be changed: every id that was ever given to Twenty depends on it."""

_HOST = re.compile(r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^@/?#]*@)?([^:/?#\s]+)", re.IGNORECASE)
_HOST_KEY = "host:"


def record_id_of(key: str) -> str:
    """The id that the record of this company has in Twenty if we made it."""
    return str(uuid5(NAMESPACE, key))


def is_record_id(text: str) -> bool:
    """Whether it can be an id in Twenty at all; asking for anything else fails the request."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def host_of_company(company: CompanyRef) -> str | None:
    """The host by which the company is found among addresses; None: it has none."""
    if company.domain is not None:
        return ascii_host(company.domain)
    if company.key.startswith(_HOST_KEY):
        return ascii_host(company.key.removeprefix(_HOST_KEY))
    return None


def address_of(host: str) -> str:
    """The one spelling in which we write a host. Twenty stores it with a slash at its end."""
    return f"https://{host}"


def leads_to(address: str, host: str) -> bool:
    """Whether an address, however it is spelled, is of this host or of one below it."""
    found = _HOST.match(address.strip())
    if found is None:
        return False
    other = ascii_host(found[1])
    return other == host or other.endswith(f".{host}")
