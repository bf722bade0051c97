"""Is a found company one that is known already: certainly, probably, or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from daemon.domain.blocking import blocking_keys, blocking_keys_of_record
from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.identities import site_keys
from daemon.domain.resemblance import (
    Agreement,
    MatchPolicy,
    Name,
    Traits,
    best_agreement,
    brand_of,
    holds_brand,
    is_common_brand,
    shared_acronyms,
    traits_of,
    words_beside,
)
from daemon.domain.shared_sites import Contradiction, contradiction_of
from daemon.domain.verdicts import Verdict, verdict_key, verdict_on

Evidence: TypeAlias = Mapping[str, object]

__all__ = [
    "NO_MATCH",
    "Match",
    "MatchKind",
    "MatchPolicy",
    "Verdict",
    "blocking_keys",
    "blocking_keys_of_record",
    "match_company",
    "verdict_key",
]


class MatchKind(StrEnum):
    """How sure it is that a found company is a known one."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was found out, by which rule, on which evidence, and about which known company."""

    kind: MatchKind
    rule: str
    evidence: Evidence = field(default_factory=dict)
    other: KnownCompany | None = None


NO_MATCH: Final = Match(kind=MatchKind.NEW, rule="nothing_alike")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A found company beside a known one."""

    found: FoundCompany
    identity: Identity
    traits: Traits
    known: KnownCompany
    known_traits: Traits
    policy: MatchPolicy

    @property
    def site_keys(self) -> tuple[str, ...]:
        return site_keys(self.identity)

    @property
    def same_city(self) -> bool:
        return bool(self.traits.city) and self.traits.city == self.known_traits.city

    @property
    def other_city(self) -> bool:
        """Both cities are known and differ."""
        both = bool(self.traits.city and self.known_traits.city)
        return both and not self.same_city

    @property
    def same_country(self) -> bool:
        return bool(self.traits.country) and self.traits.country == self.known_traits.country

    @property
    def other_country(self) -> bool:
        """Both countries are known and differ."""
        return bool(self.traits.country and self.known_traits.country) and not self.same_country


def _same_identity(pair: _Pair) -> Evidence | None:
    """One key; a name without a city proves it only among our own results, never in a CRM."""
    key = pair.identity.key
    if key != pair.known.identity:
        return None
    if key.startswith("name:") and key.endswith("|") and pair.known.connector:
        return None
    return None if _contradiction(pair) else {"key": key}


def _same_key(*kinds: str) -> Callable[[_Pair], Evidence | None]:
    """A test for website keys of one kind ("host", "profile"); none given: plain domains."""

    def test(pair: _Pair) -> Evidence | None:
        key = pair.identity.key
        kind, colon, _ = key.partition(":")
        if (kind if colon else "") not in (kinds or ("",)) or key not in pair.known.domains:
            return None
        return None if _contradiction(pair) else {"key": key}

    return test


def _contradiction(pair: _Pair) -> Contradiction | None:
    """What speaks against one domain's being one company.

    Only beside a CRM's record: among our own results one key is one company.
    """
    key = pair.identity.key
    if ":" in key or key not in pair.known.domains or not pair.known.connector:
        return None
    return contradiction_of(
        pair.traits, pair.known_traits, brand_of(key), pair.found.name, pair.found.website
    )


def _contradicted_domain(pair: _Pair) -> Evidence | None:
    contradiction = _contradiction(pair)
    if contradiction is None:
        return None
    return {
        "key": pair.identity.key,
        "contradiction": contradiction.value,
        "known_name": pair.known.name,
        **_places(pair),
    }


def _same_profile(pair: _Pair) -> Evidence | None:
    if not pair.found.profile_id or pair.found.profile_id != pair.known.profile_id:
        return None
    return {"profile_id": pair.found.profile_id, "known_domains": pair.known.domains}


def _same_profile_alone(pair: _Pair) -> Evidence | None:
    """The vendor's profile, where no second website contradicts it."""
    return None if pair.site_keys and pair.known.domains else _same_profile(pair)


def _same_brand(pair: _Pair) -> Evidence | None:
    """One brand under two suffixes, unless it is a common word or the names go apart."""
    for brand in sorted(pair.traits.brands & pair.known_traits.brands):
        if pair.same_city or _brand_speaks(pair, brand):
            return {"brand": brand, "known_domains": pair.known.domains, **_places(pair)}
    return None


def _brand_speaks(pair: _Pair, brand: str) -> bool:
    in_found, in_known = holds_brand(pair.traits, brand), holds_brand(pair.known_traits, brand)
    if any(is_common_brand(side, brand, pair.policy) for side in (pair.traits, pair.known_traits)):
        return False
    if len(brand) < pair.policy.min_brand_length:
        return in_found and in_known
    return pair.same_country or not (in_found and in_known and _names_go_apart(pair, brand))


def _names_go_apart(pair: _Pair, brand: str) -> bool:
    """Each name adds something to the brand, and nothing of it is the same: two homonyms."""
    beside, known_beside = words_beside(pair.traits, brand), words_beside(pair.known_traits, brand)
    return bool(beside and known_beside) and beside.isdisjoint(known_beside)


def _same_name(pair: _Pair) -> Evidence | None:
    """One name in one city; in one country, or where a place is unknown, if it is distinctive."""
    agreement, name = best_agreement(pair.traits, pair.known_traits, pair.policy)
    if agreement is not Agreement.EXACT or pair.other_country:
        return None
    if not pair.same_city and not _name_speaks(pair, name):
        return None
    return {"name": " ".join(name), **_places(pair)}


def _name_speaks(pair: _Pair, name: Name) -> bool:
    telling = sum(map(pair.policy.is_distinctive, name))
    if pair.same_country or not (pair.site_keys and pair.known.domains):
        return telling >= 1
    return telling >= len(name) > 1


def _misspelt_name(pair: _Pair) -> Evidence | None:
    agreement, name = best_agreement(pair.traits, pair.known_traits, pair.policy)
    if agreement is not Agreement.NEAR or not pair.same_country or pair.other_city:
        return None
    return {"name": " ".join(name), "known_name": pair.known.name, **_places(pair)}


def _acronym(pair: _Pair) -> Evidence | None:
    shared = shared_acronyms(pair.traits, pair.known_traits) if pair.same_city else ()
    return {"acronym": min(shared), "known_name": pair.known.name} if shared else None


def _places(pair: _Pair) -> Evidence:
    return {"country": pair.known.country, "city": pair.known.city}


_RULES: Final[tuple[tuple[MatchKind, str, Callable[[_Pair], Evidence | None]], ...]] = (
    (MatchKind.CERTAIN, "same_identity", _same_identity),
    (MatchKind.CERTAIN, "same_domain", _same_key()),
    (MatchKind.CERTAIN, "same_host", _same_key("host")),
    (MatchKind.CERTAIN, "same_page", _same_key("profile")),
    (MatchKind.CERTAIN, "same_profile_id", _same_profile_alone),
    (MatchKind.PROBABLE, "same_domain_other_company", _contradicted_domain),
    (MatchKind.PROBABLE, "same_profile_id_other_domain", _same_profile),
    (MatchKind.PROBABLE, "same_brand", _same_brand),
    (MatchKind.PROBABLE, "same_name", _same_name),
    (MatchKind.PROBABLE, "misspelt_name", _misspelt_name),
    (MatchKind.PROBABLE, "acronym", _acronym),
)
"""In the order of their strength: the first that holds decides."""


def match_company(
    found: FoundCompany,
    identity: Identity,
    known: Sequence[KnownCompany],
    verdicts: Mapping[tuple[str, str], Verdict],
    policy: MatchPolicy,
) -> Match:
    """The strongest match among the known companies, or :data:`NO_MATCH`.

    ``known[].domains`` are identity keys (:func:`daemon.domain.hostnames.domain_keys`). A person's
    verdict, kept under :func:`verdict_key` of two identity keys, beats every rule. The order of
    ``known`` does not matter.
    """
    traits = traits_of(found.name, site_keys(identity), found.country, found.city)
    ranked = [
        (strength, match)
        for company in known
        for strength, match in _matches(found, identity, traits, company, verdicts, policy)
    ]
    return min(ranked, key=_rank)[1] if ranked else NO_MATCH


def _rank(ranked: tuple[int, Match]) -> tuple[int, str, str, str]:
    strength, match = ranked
    other = match.other
    if other is None:
        return (strength, "", "", "")
    return (strength, other.connector or "", other.record_id or "", other.identity)


def _matches(
    found: FoundCompany,
    identity: Identity,
    traits: Traits,
    known: KnownCompany,
    verdicts: Mapping[tuple[str, str], Verdict],
    policy: MatchPolicy,
) -> Iterator[tuple[int, Match]]:
    """The strongest match with one known company and its strength (lower is stronger), if any."""
    verdict, keys = verdict_on(found, identity, known, verdicts) if verdicts else (None, ())
    if verdict is Verdict.SAME:
        evidence: Evidence = {"verdict_on": keys}
        yield (
            -1,
            Match(kind=MatchKind.CERTAIN, rule="person_said_same", evidence=evidence, other=known),
        )
    if verdict is not None:
        return
    pair = _Pair(
        found=found,
        identity=identity,
        traits=traits,
        known=known,
        known_traits=traits_of(known.name, known.domains, known.country, known.city),
        policy=policy,
    )
    for strength, (kind, rule, test) in enumerate(_RULES):
        evidence_of_rule = test(pair)
        if evidence_of_rule is not None:
            yield strength, Match(kind=kind, rule=rule, evidence=evidence_of_rule, other=known)
            return
