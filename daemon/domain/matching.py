"""Is a found company one that is known already: certainly, probably, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.domain.blocking import blocking_keys, blocking_keys_of_record
from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.identities import site_keys
from daemon.domain.match_rules import RULES, Evidence, MatchKind, Pair
from daemon.domain.resemblance import MatchPolicy, Traits, traits_of
from daemon.domain.verdicts import Verdict, verdict_key, verdict_on

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was found out, by which rule, on which evidence, and about which known company."""

    kind: MatchKind
    rule: str
    evidence: Evidence = field(default_factory=dict)
    other: KnownCompany | None = None


NO_MATCH: Final = Match(kind=MatchKind.NEW, rule="nothing_alike")


def match_company(
    found: FoundCompany,
    identity: Identity,
    known: Sequence[KnownCompany],
    verdicts: Mapping[tuple[str, str], Verdict],
    policy: MatchPolicy,
    leads_to: str | None = None,
) -> Match:
    """The strongest match among the known companies, or :data:`NO_MATCH`.

    ``known[].domains`` are identity keys (:func:`daemon.domain.hostnames.domain_keys`);
    ``leads_to`` is the domain that the found company's website leads to. A person's verdict, kept
    under :func:`verdict_key` of two identity keys, beats every rule. The order of ``known`` does
    not matter.
    """
    traits = traits_of(found.name, site_keys(identity), found.country, found.city)
    ranked = [
        (strength, match)
        for company in known
        for strength, match in _matches(
            found, identity, traits, company, verdicts, policy, leads_to
        )
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
    leads_to: str | None,
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
    pair = Pair(
        found=found,
        identity=identity,
        traits=traits,
        known=known,
        known_traits=traits_of(known.name, known.domains, known.country, known.city),
        policy=policy,
        leads_to=leads_to,
    )
    for strength, (kind, rule, test) in enumerate(RULES):
        evidence_of_rule = test(pair)
        if evidence_of_rule is not None:
            yield strength, Match(kind=kind, rule=rule, evidence=evidence_of_rule, other=known)
            return
