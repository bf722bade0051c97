"""Which company a result is: one stable key, from the strongest thing that tells."""

from daemon.domain.companies import FoundCompany, Identity
from daemon.domain.hostnames import Site, key_of_site, site_of
from daemon.domain.legal_names import normalise_name

NO_WEBSITE_OF_ITS_OWN = ("profile:", "extruct:", "name:")
"""Prefixes of the keys of companies whose website gives neither domain nor host."""


def _name_key(found: FoundCompany) -> str:
    # A name that is nothing but a legal form, or empty, must not make one company of many.
    name = normalise_name(found.name) or found.name.strip().casefold() or found.result_id
    return f"name:{name}|{normalise_name(found.city or '')}"


def _keys(found: FoundCompany, site: Site) -> tuple[str, ...]:
    of_site = key_of_site(site)
    return (
        *((of_site,) if of_site else ()),
        *((f"extruct:{found.profile_id}",) if found.profile_id else ()),
        _name_key(found),
    )


def identify(found: FoundCompany) -> Identity:
    """The company's identity: its domain, else host, else page, else vendor's profile, else name.

    ``reason`` says why the website gives no domain.
    """
    site = site_of(found.website)
    return Identity(key=_keys(found, site)[0], domain=site.domain, reason=site.reason)


def identity_keys(found: FoundCompany) -> tuple[str, ...]:
    """Every key under which the company may be known, the strongest first; never empty.

    The first is the key of :func:`identify`. The vendor's profile and the name with the city are
    weaker: they find a candidate and prove nothing where both sides have a domain.
    """
    return _keys(found, site_of(found.website))


def has_own_website(identity: Identity) -> bool:
    """Whether a domain or a host of its own identifies the company."""
    return not identity.key.startswith(NO_WEBSITE_OF_ITS_OWN)


def site_keys(identity: Identity) -> tuple[str, ...]:
    """The identity's key where it comes from the website: a domain, a host or a page; else none."""
    return () if identity.key.startswith(("extruct:", "name:")) else (identity.key,)
