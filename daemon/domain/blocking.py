"""Short strings under which a store finds the companies that could match, without reading all."""

from collections.abc import Sequence
from typing import Final

from daemon.domain.companies import FoundCompany, Identity
from daemon.domain.countries import normalise_country
from daemon.domain.identities import site_keys
from daemon.domain.resemblance import (
    SHORTEST_BRAND,
    MatchPolicy,
    Name,
    Traits,
    beginning_of,
    brand_of,
    letters_of,
    possible_acronyms,
    traits_of,
)

_POLICY: Final = MatchPolicy()


def blocking_keys(found: FoundCompany, identity: Identity) -> tuple[str, ...]:
    """Short strings under which to look for known companies that could match a found one.

    A known company that shares none with it, nor one of its identity keys, matches by no rule;
    what a person said is looked up by identity, not here.
    """
    return blocking_keys_of_record(
        found.name, site_keys(identity), found.profile_id, found.country, found.city
    )


def blocking_keys_of_record(
    name: str,
    domain_keys: Sequence[str],
    profile_id: str | None,
    country: str | None,
    city: str | None,
) -> tuple[str, ...]:
    """The strings under which a store indexes a known company, for :func:`blocking_keys`.

    ``d:`` a website's key, ``b:`` a brand or a name written as one, ``p:`` the vendor's profile,
    ``n:`` the letters of a whole name, ``n:…|country`` how it begins, in a country, and
    ``i:…|city`` what could be its acronym and ``w:…|city`` its first word, in a city.
    ``domain_keys`` are those of all the record's websites, and its identity where that is one of
    them.
    """
    keys: dict[str, None] = {}
    for key in domain_keys:
        keys["d:" + key] = None
        brand = brand_of(key)
        if brand:
            keys["b:" + brand] = None
    if profile_id:
        keys["p:" + profile_id] = None
    traits = traits_of(name, (), country, city)
    for words in traits.names + traits.aliases:
        _add_name_keys(keys, words, country)
    for joined in sorted(traits.joined):
        if len(joined) >= SHORTEST_BRAND:
            keys["b:" + joined] = None
    if traits.city:
        _add_city_keys(keys, traits)
    return tuple(keys)


def _add_name_keys(keys: dict[str, None], words: Name, country: str | None) -> None:
    if words:
        keys["n:" + letters_of(words)] = None
        if country:
            keys[f"n:{beginning_of(words)}|{normalise_country(country)}"] = None


def _add_city_keys(keys: dict[str, None], traits: Traits) -> None:
    for words in traits.names:
        if words and _POLICY.is_distinctive(words[0]):
            keys[f"w:{words[0]}|{traits.city}"] = None
    for acronym in sorted(possible_acronyms(traits)):
        keys[f"i:{acronym}|{traits.city}"] = None
