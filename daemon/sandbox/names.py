"""What the sandbox's companies are called, and how people write their websites."""

from collections.abc import Callable

import idna

from daemon.sandbox.chance import Draws, mix
from daemon.sandbox.vocabulary import Country, Topic

_SYLLABLES = tuple(consonant + vowel for consonant in "bdfgklmnprstvwxz" for vowel in "aeio")
_IN_A_BRAND = 4
BRANDS = len(_SYLLABLES) ** _IN_A_BRAND
"""So many brands there are, no two alike: 64 syllables of two letters, four in each."""

_UMLAUTS = str.maketrans({"a": "ä", "o": "ö"})
_SPEAKS_UMLAUT = frozenset({"Germany", "Austria", "Switzerland", "Sweden"})
_HOSTS = ("{brand}.github.io", "https://{brand}.myshopify.com/", "www.{brand}.wixsite.com")
_PAGES = (
    "https://www.linkedin.com/company/{brand}",
    "linkedin.com/company/{brand}/about/",
    "https://www.facebook.com/{brand}",
)
_JUNK = ("", "n/a", "http://10.0.0.{octet}/", "localhost", "-")

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda host: f"https://www.{host}",
    lambda host: f"https://{host}/",
    lambda host: host,
    lambda host: f"www.{host}",
    lambda host: f"http://www.{host}/index.html",
    lambda host: f"https://{host}/en/about?utm_source=search",
    lambda host: f"https://{host.upper()}",
    lambda host: f"HTTPS://WWW.{host.capitalize()}/",
    lambda host: f"https://{host}:443/",
    lambda host: f"https://shop.{host}/#top",
    lambda host: f" {host}. ",
)


def brand_of(seed: int, index: int) -> str:
    """The brand of one company: no two indices below ``BRANDS`` share one."""
    # An odd factor and a power of two: every index meets another number.
    place = (index * 0x9E3779B1 + mix(seed)) % BRANDS
    parts = []
    for _ in range(_IN_A_BRAND):
        place, at = divmod(place, len(_SYLLABLES))
        parts.append(_SYLLABLES[at])
    return "".join(parts)


def domain_of(
    brand: str, topic: Topic, country: Country, draws: Draws
) -> tuple[str | None, tuple[str, ...]]:
    """The registered domain (None for some companies), and other domains of the same company."""
    suffix, form = draws.choice(country.suffixes), draws.below(20)
    label = brand
    if form < 4:
        label = f"{brand}-{topic.noun.lower()}"
    elif form == 4 and country.name in _SPEAKS_UMLAUT:
        label = brand.translate(_UMLAUTS)
    domain = f"{idna.encode(label).decode() if not label.isascii() else label}.{suffix}"
    aliases = (f"{brand}-group.com",) if draws.chance(0.06) else ()
    return (None, ()) if draws.chance(0.04) else (domain, aliases)


def website_of(brand: str, domain: str | None, draws: Draws) -> str:
    """How the website is usually written."""
    if domain is not None:
        return spell_website(domain, draws.below(len(_SPELLINGS)))
    place = draws.below(4)
    if place == 0:
        return draws.choice(_HOSTS).format(brand=brand)
    if place == 1:
        return draws.choice(_JUNK).format(octet=draws.below(256))
    return draws.choice(_PAGES).format(brand=brand)


def spell_website(domain: str, style: int) -> str:
    """One of the ways in which people write the website of a registered domain."""
    host = domain
    if "xn--" in domain and style % 2:
        host = idna.decode(domain)
    return _SPELLINGS[style % len(_SPELLINGS)](host)
