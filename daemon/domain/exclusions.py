"""Which domains a task is told to leave out: the likeliest to come back, within the cap."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import nlargest
from typing import Final, TypeAlias

from daemon.domain.hostnames import normalise_exclusion


class ExclusionReason(StrEnum):
    """Why a domain is in the plan."""

    OWN_LIST = "own_list"  # the search's own exclude_domains
    RETURNED = "returned"  # an earlier task of this search returned it
    SIMILAR = "similar"  # tasks of similar searches returned it
    ALIKE = "alike"  # its record is like the query
    UNTOLD = "untold"  # its record does not say what it does, so it may
    RECENT = "recent"  # nothing speaks for it but that it is new
    FOUND = "found"  # the task that goes on found it before, and does not return it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A domain that may be excluded, with what is known about it.

    ``returned_by_search`` is how many earlier tasks of this search returned it, the last time at
    ``returned_at`` with a ``relevance`` from 0 to 1; ``returned_by_similar`` the weighted number of
    tasks of similar searches that did. ``likeness`` to the query goes from 0 to 1, ``kinship`` to
    what the search returned, and to the records most like its query, from -1 (it speaks of other
    things) to 1, as ``prior`` does (the search's filters rule it out, or ask for it). ``bare``:
    the record does not say what it does. ``elsewhere``: the task asks for one country, and the
    company is known to be in another.
    ``seen_at`` is when the record was last changed or seen.
    """

    domain: str
    returned_by_search: int = 0
    returned_at: datetime | None = None
    relevance: float = 1.0
    returned_by_similar: float = 0.0
    likeness: float = 0.0
    kinship: float = 0.0
    prior: float = 0.0
    bare: bool = False
    elsewhere: bool = False
    seen_at: datetime | None = None
    own_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionWeights:
    """How much each thing speaks for a domain coming back, in log-odds; may be fitted.

    ``bias`` alone is the log-odds of a domain about which nothing is known.
    """

    bias: float = -6.0
    returned: float = 12.0
    similar: float = 2.0
    likeness: float = 2.0
    kinship: float = 8.0
    prior: float = 1.0
    bare: float = 0.5


SIGNALS: Final = ("bias", "returned", "similar", "likeness", "kinship", "prior", "bare")
"""The order of the signals of a candidate, which is that of the weights; the first is always 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionPolicy:
    """The limits of a plan. ``refused`` are domains that the vendor refused once.

    ``half_life`` is the time in which an earlier return loses half of its weight.
    """

    now: datetime
    cap: int = 1000
    weights: ExclusionWeights = field(default_factory=ExclusionWeights)
    refused: frozenset[str] = frozenset()
    half_life: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One domain of a plan. ``rank`` begins at 1; ``score`` is how probably it would come back."""

    domain: str
    rank: int
    reason: ExclusionReason
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionPlan:
    """What to send, best first, and what it was chosen from.

    ``considered`` counts the candidates, ``skipped`` those that turned out to be doubles, refused
    or not sendable, ``left_out`` those for which the cap left no room.
    """

    entries: tuple[Exclusion, ...]
    considered: int
    skipped: int
    left_out: int

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains alone, best first."""
        return tuple(entry.domain for entry in self.entries)

    @property
    def expected_hits(self) -> float:
        """How many of the entries would be expected to come back, were they not excluded."""
        return sum(entry.score for entry in self.entries)


_Ranked: TypeAlias = tuple[int, float, datetime, str, int]
"""Tier, log-odds, recency, domain, place among the candidates: compared in this order."""

_OWN, _OTHER = 1, 0
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_HEADROOM: Final = 64


def plan_exclusions(candidates: Iterable[Candidate], *, policy: ExclusionPolicy) -> ExclusionPlan:
    """The domains to exclude: at most ``cap``, each once, sendable, never a refused one.

    First the search's own list, then the likeliest by what its earlier tasks and similar searches
    returned, by likeness and by filters, then the most recent; equals by name. The order of the
    candidates does not matter.
    """
    pool = candidates if isinstance(candidates, Sequence) else tuple(candidates)
    entries: list[Exclusion] = []
    chosen: set[str] = set()
    skipped = 0
    for _, log_odds, _, name, place in _best_first(pool, policy):
        domain = normalise_exclusion(name)
        if domain is None or domain in chosen or domain in policy.refused:
            skipped += 1
            continue
        if len(entries) >= policy.cap:
            break
        chosen.add(domain)
        reason = _reason(pool[place], policy)
        entries.append(
            Exclusion(
                domain=domain, rank=len(entries) + 1, reason=reason, score=probability(log_odds)
            )
        )
    left_out = len(pool) - len(entries) - skipped
    return ExclusionPlan(
        entries=tuple(entries), considered=len(pool), skipped=skipped, left_out=left_out
    )


def _best_first(pool: Sequence[Candidate], policy: ExclusionPolicy) -> Iterator[_Ranked]:
    """All candidates, best first; only as many are sorted as are likely to be asked for."""
    wanted = policy.cap + _HEADROOM
    yield from nlargest(wanted, _ranked(pool, policy))
    # Reached only where many of the best were doubles, refused or not sendable.
    yield from sorted(_ranked(pool, policy), reverse=True)[wanted:]


def _ranked(pool: Sequence[Candidate], policy: ExclusionPolicy) -> Iterator[_Ranked]:
    """One comprehension without calls for the bulk: a mirror of a million must rank in a second."""
    weights = policy.weights
    bias, likeness, kinship = weights.bias, weights.likeness, weights.kinship
    prior, bare = weights.prior, weights.bare
    return (
        (
            _OWN if candidate.own_list else _OTHER,
            log_odds_of(candidate, policy),
            candidate.seen_at or _NEVER,
            candidate.domain,
            place,
        )
        if candidate.own_list
        or candidate.returned_by_search
        or candidate.returned_by_similar
        or candidate.elsewhere
        else (
            _OTHER,
            bias
            + likeness * candidate.likeness
            + kinship * candidate.kinship
            + prior * candidate.prior
            + bare * candidate.bare,
            candidate.seen_at or _NEVER,
            candidate.domain,
            place,
        )
        for place, candidate in enumerate(pool)
    )


def signals_of(candidate: Candidate, policy: ExclusionPolicy) -> tuple[float, ...]:
    """What speaks for a candidate coming back, in the order of :data:`SIGNALS`."""
    times = math.log2(1 + candidate.returned_by_search)
    # What came back with a high relevance is the likelier to be among the best again.
    relevance = 0.5 + 0.5 * candidate.relevance
    return (
        1.0,
        times * relevance * _decay(candidate, policy),
        math.log2(1 + candidate.returned_by_similar),
        candidate.likeness,
        candidate.kinship,
        candidate.prior,
        float(candidate.bare),
    )


def log_odds_of(candidate: Candidate, policy: ExclusionPolicy) -> float:
    """How probably a candidate would come back, in log-odds.

    Where one country is asked for, a company of another is as likely as one of which nothing is
    known, or less.
    """
    log_odds = sum(
        float(getattr(policy.weights, name)) * signal
        for name, signal in zip(SIGNALS, signals_of(candidate, policy), strict=True)
    )
    # Whatever else speaks for it: once it has come back all the same, it is elsewhere no more.
    return min(log_odds, policy.weights.bias) if candidate.elsewhere else log_odds


def probability_of(candidate: Candidate, policy: ExclusionPolicy) -> float:
    """How probably a candidate would come back, from 0 to 1."""
    return probability(log_odds_of(candidate, policy))


def _decay(candidate: Candidate, policy: ExclusionPolicy) -> float:
    """What is left of an earlier return's weight; a return at an unknown time counts in full."""
    if candidate.returned_at is None:
        return 1.0
    age = max(policy.now - candidate.returned_at, timedelta(0))
    return float(0.5 ** (age / policy.half_life))


def probability(log_odds: float) -> float:
    """The logistic function, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(max(log_odds, -700.0))
    return odds / (1 + odds)


def _reason(candidate: Candidate, policy: ExclusionPolicy) -> ExclusionReason:
    if candidate.own_list:
        return ExclusionReason.OWN_LIST
    _, returned, similar, likeness, kinship, prior, bare = (
        getattr(policy.weights, name) * signal
        for name, signal in zip(SIGNALS, signals_of(candidate, policy), strict=True)
    )
    speaking = (
        (returned, ExclusionReason.RETURNED),
        (similar, ExclusionReason.SIMILAR),
        (max(likeness, kinship) + max(prior, 0.0), ExclusionReason.ALIKE),
        (bare, ExclusionReason.UNTOLD),
    )
    weight, reason = max(speaking, key=lambda pair: pair[0])
    return reason if weight > 0 else ExclusionReason.RECENT
