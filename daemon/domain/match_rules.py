"""The rules by which a found company and a known one are the same, one function each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final, TypeAlias

from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.identities import site_keys
from daemon.domain.resemblance import (
    Agreement,
    MatchPolicy,
    Name,
    Traits,
    best_agreement,
    holds_brand,
    is_common_brand,
    is_local_trade,
    shared_acronyms,
    words_beside,
)
from daemon.domain.shared_sites import Contradiction, contradiction_of

Evidence: TypeAlias = Mapping[str, object]


class MatchKind(StrEnum):
    """How sure it is that a found company is a known one."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A found company beside a known one."""

    found: FoundCompany
    identity: Identity
    traits: Traits
    known: KnownCompany
    known_traits: Traits
    policy: MatchPolicy
    leads_to: str | None = None

    @property
    def site_keys(self) -> tuple[str, ...]:
        """The key of the found company's website, if it has one."""
        return site_keys(self.identity)

    @property
    def same_city(self) -> bool:
        """Both cities are known and one."""
        return bool(self.traits.city) and self.traits.city == self.known_traits.city

    @property
    def other_city(self) -> bool:
        """Both cities are known and differ."""
        both = bool(self.traits.city and self.known_traits.city)
        return both and not self.same_city

    @property
    def same_country(self) -> bool:
        """Both countries are known and one."""
        return bool(self.traits.country) and self.traits.country == self.known_traits.country

    @property
    def other_country(self) -> bool:
        """Both countries are known and differ."""
        return bool(self.traits.country and self.known_traits.country) and not self.same_country


def _same_identity(pair: Pair) -> Evidence | None:
    """One key; a name without a city proves it only among our own results, never in a CRM."""
    key = pair.identity.key
    if key != pair.known.identity:
        return None
    if key.startswith("name:") and key.endswith("|") and pair.known.connector:
        return None
    return None if _contradiction(pair) else {"key": key}


def _same_key(*kinds: str) -> Callable[[Pair], Evidence | None]:
    """A test for website keys of one kind ("host", "profile"); none given: plain domains."""

    def test(pair: Pair) -> Evidence | None:
        key = pair.identity.key
        kind, colon, _ = key.partition(":")
        if (kind if colon else "") not in (kinds or ("",)) or key not in pair.known.domains:
            return None
        return None if _contradiction(pair) else {"key": key}

    return test


def _contradiction(pair: Pair) -> Contradiction | None:
    """What speaks against one domain's being one company.

    Only beside a CRM's record: among our own results one key is one company.
    """
    key = pair.identity.key
    if key not in pair.known.domains or not pair.known.connector:
        return None
    names = (pair.found.name, pair.known.name)
    return contradiction_of(pair.traits, pair.known_traits, key, names, pair.found.website)


def _contradicted_domain(pair: Pair) -> Evidence | None:
    contradiction = _contradiction(pair)
    if contradiction is None:
        return None
    return {
        "key": pair.identity.key,
        "contradiction": contradiction.value,
        "known_name": pair.known.name,
        **_places(pair),
    }


def _same_profile(pair: Pair) -> Evidence | None:
    if not pair.found.profile_id or pair.found.profile_id != pair.known.profile_id:
        return None
    return {"profile_id": pair.found.profile_id, "known_domains": pair.known.domains}


def _same_profile_alone(pair: Pair) -> Evidence | None:
    """The vendor's profile, where no second website contradicts it."""
    return None if pair.site_keys and pair.known.domains else _same_profile(pair)


def _redirect(pair: Pair) -> Evidence | None:
    """The website of one leads to the other's, or those of both lead to one."""
    landing = set() if pair.leads_to is None else {pair.leads_to}
    shared = landing & {*pair.known.domains, *pair.known.leads_to}
    shared |= {*pair.site_keys} & {*pair.known.leads_to}
    if not shared:
        return None
    known = {"known_name": pair.known.name, "known_domains": pair.known.domains}
    return {"leads_to": min(shared), **known, **_places(pair)}


def _redirect_and_name(pair: Pair) -> Evidence | None:
    """The same, and the names agree; two countries may still be a mother and her daughter."""
    evidence = None if pair.other_country else _redirect(pair)
    if evidence is None:
        return None
    agreement, name = best_agreement(pair.traits, pair.known_traits, pair.policy)
    return {**evidence, "name": " ".join(name)} if agreement is Agreement.EXACT else None


def _same_brand(pair: Pair) -> Evidence | None:
    """One brand under two suffixes, unless it is a common word or the names go apart."""
    for brand in sorted(pair.traits.brands & pair.known_traits.brands):
        if pair.same_city or _brand_speaks(pair, brand):
            return {"brand": brand, "known_domains": pair.known.domains, **_places(pair)}
    return None


def _brand_speaks(pair: Pair, brand: str) -> bool:
    in_found, in_known = holds_brand(pair.traits, brand), holds_brand(pair.known_traits, brand)
    if any(is_common_brand(side, brand, pair.policy) for side in (pair.traits, pair.known_traits)):
        return False
    if len(brand) < pair.policy.min_brand_length:
        return in_found and in_known
    return pair.same_country or not (in_found and in_known and _names_go_apart(pair, brand))


def _names_go_apart(pair: Pair, brand: str) -> bool:
    """Two homonyms: each name adds something else to the brand, or one adds a town's trade."""
    beside, known_beside = words_beside(pair.traits, brand), words_beside(pair.known_traits, brand)
    if beside and known_beside:
        return beside.isdisjoint(known_beside)
    return pair.other_country and is_local_trade(beside | known_beside)


def _name_is_brand(pair: Pair) -> Evidence | None:
    """One's whole name is the other's brand (``SKF`` and skf.com), in one place."""
    near = pair.same_city or (pair.same_country and not pair.other_city)
    shared = (pair.traits.joined & pair.known_traits.brands) | (
        pair.traits.brands & pair.known_traits.joined
    )
    for brand in sorted(shared) if near else ():
        long_enough = pair.same_city or len(brand) >= pair.policy.min_brand_length
        if long_enough and not is_common_brand(pair.traits, brand, pair.policy):
            return {"brand": brand, "known_name": pair.known.name, **_places(pair)}
    return None


def _same_name(pair: Pair) -> Evidence | None:
    """One name in one city; in one country, or where a place is unknown, if it is distinctive."""
    agreement, name = best_agreement(pair.traits, pair.known_traits, pair.policy)
    if agreement is not Agreement.EXACT or pair.other_country:
        return None
    if not pair.same_city and (_is_of_two_towns(pair, name) or not _name_speaks(pair, name)):
        return None
    return {"name": " ".join(name), **_places(pair)}


def _is_of_two_towns(pair: Pair, name: Name) -> bool:
    """A town's trade under a family name or one word, in two towns: two companies of one name."""
    if not pair.other_city or not is_local_trade(name):
        return False
    own = [word for word in name if not is_local_trade((word,))]
    return sum(map(pair.policy.is_distinctive, own)) <= 1


def _name_speaks(pair: Pair, name: Name) -> bool:
    telling = sum(map(pair.policy.is_distinctive, name))
    if pair.same_country or not (pair.site_keys and pair.known.domains):
        return telling >= 1
    return telling >= len(name) > 1


def _misspelt_name(pair: Pair) -> Evidence | None:
    agreement, name = best_agreement(pair.traits, pair.known_traits, pair.policy)
    if agreement is not Agreement.NEAR or not pair.same_country or pair.other_city:
        return None
    return {"name": " ".join(name), "known_name": pair.known.name, **_places(pair)}


def _acronym(pair: Pair) -> Evidence | None:
    shared = shared_acronyms(pair.traits, pair.known_traits) if pair.same_city else ()
    return {"acronym": min(shared), "known_name": pair.known.name} if shared else None


def _longer_name(pair: Pair) -> Evidence | None:
    """One's name begins with the other's whole name, in one city (``Vestas``, ``Vestas Wind``).

    Nobody's trade of the town is added, and no second website speaks against it.
    """
    if not pair.same_city or (pair.site_keys and pair.known.domains):
        return None
    for one, other in product(pair.traits.names, pair.known_traits.names):
        short, long = sorted((one, other), key=len)
        added = long[len(short) :]
        if added and long[: len(short)] == short and _tells_apart(pair, short, added):
            return {"name": " ".join(short), "known_name": pair.known.name, **_places(pair)}
    return None


def _tells_apart(pair: Pair, name: Name, added: Name) -> bool:
    own_words = all(map(pair.policy.is_distinctive, name)) and " ".join(name) != pair.traits.city
    return own_words and not is_local_trade(name + added)


def _places(pair: Pair) -> Evidence:
    return {"country": pair.known.country, "city": pair.known.city}


RULES: Final[tuple[tuple[MatchKind, str, Callable[[Pair], Evidence | None]], ...]] = (
    (MatchKind.CERTAIN, "same_identity", _same_identity),
    (MatchKind.CERTAIN, "same_domain", _same_key()),
    (MatchKind.CERTAIN, "same_host", _same_key("host")),
    (MatchKind.CERTAIN, "same_page", _same_key("profile")),
    (MatchKind.CERTAIN, "same_profile_id", _same_profile_alone),
    (MatchKind.CERTAIN, "redirect_and_name", _redirect_and_name),
    (MatchKind.PROBABLE, "same_domain_other_company", _contradicted_domain),
    (MatchKind.PROBABLE, "same_profile_id_other_domain", _same_profile),
    (MatchKind.PROBABLE, "redirect", _redirect),
    (MatchKind.PROBABLE, "same_brand", _same_brand),
    (MatchKind.PROBABLE, "same_name", _same_name),
    (MatchKind.PROBABLE, "name_is_brand", _name_is_brand),
    (MatchKind.PROBABLE, "misspelt_name", _misspelt_name),
    (MatchKind.PROBABLE, "acronym", _acronym),
    (MatchKind.PROBABLE, "longer_name", _longer_name),
)
"""In the order of their strength: the first that holds decides."""
