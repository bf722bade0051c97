"""Put together what the store knows for the plan of one task, and plan it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from daemon.config.definitions import definition_from_json
from daemon.db.learning import PlanSample
from daemon.db.planning import Held
from daemon.db.store import Transaction
from daemon.domain.exclusions import (
    SIGNALS,
    Candidate,
    ExclusionPlan,
    ExclusionPolicy,
    ExclusionWeights,
    plan_exclusions,
    probability_of,
    signals_of,
)
from daemon.domain.hostnames import normalise_exclusion
from daemon.domain.priors import FilterPrior
from daemon.domain.query_terms import (
    Term,
    TermPolicy,
    query_words,
    search_likeness,
    terms_of_query,
    terms_of_returned,
    words_of,
    words_of_returned,
)
from daemon.domain.searches import SearchDefinition

ALIKE = 3_000
"""So many of the documents that are most like a search are looked at."""
RETURNED_TEXTS = 400
"""So many of a search's latest results tell which words its results share."""
KINDS = 3
"""So many kinds of companies are told apart among what a search returned."""
SMALLEST_KIND = 0.08
FEWEST_OF_A_KIND = 6
"""Fewer results than this (as a share, and at least) are no kind of their own."""
SAYS_ITS_KIND = 2
"""A result that has so many of a kind's words is of that kind."""
SIMILAR = 0.15
"""Searches that are less alike than this have nothing to tell each other."""
HALF_LIFE = timedelta(days=180)
_TERMS = TermPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what it was made from.

    ``expected_misses`` is how many of the candidates that the cap leaves out would come back;
    ``learned`` is how many companies this search and similar ones returned before.
    """

    plan: ExclusionPlan
    candidates: Sequence[Candidate]
    policy: ExclusionPolicy
    terms: Sequence[Term]
    similar: Mapping[int, float]
    mirrored: int
    learned: int
    weights_version: int

    @property
    def expected_misses(self) -> float:
        """How many known companies would be expected to come back all the same."""
        chosen = set(self.plan.domains)
        return sum(
            probability_of(candidate, self.policy)
            for candidate in self.candidates
            if candidate.domain not in chosen
        )


def plan_task(
    unit: Transaction,
    search_id: int,
    definition: SearchDefinition,
    *,
    cap: int,
    refused: frozenset[str] = frozenset(),
) -> Planned:
    """The exclusions for the next task of a search; reads only.

    ``refused`` are domains that need not or cannot be sent, beside those that the vendor refused.
    """
    fitted = unit.learning.weights()
    policy = ExclusionPolicy(
        now=unit.now,
        cap=cap,
        weights=weights_of(fitted.weights if fitted else None),
        refused=unit.tasks.refused_domains() | refused,
        half_life=HALF_LIFE,
    )
    gathered = _Gathering(unit, search_id, definition, cap)
    gathered.gather()
    candidates = gathered.candidates()
    return Planned(
        plan=plan_exclusions(candidates, policy=policy),
        candidates=candidates,
        policy=policy,
        terms=gathered.terms,
        similar=gathered.similar,
        mirrored=unit.planning.mirrored(definition.push_to),
        learned=gathered.learned,
        weights_version=fitted.version if fitted else 0,
    )


def weights_of(stored: Mapping[str, float] | None) -> ExclusionWeights:
    """Stored weights, as far as this program knows them; its own for the rest."""
    if stored is None:
        return ExclusionWeights()
    return ExclusionWeights(**{name: stored[name] for name in SIGNALS if name in stored})


def samples_of(planned: Planned, *, first: int = 400, rest: int = 300) -> list[PlanSample]:
    """Candidates of a plan to learn from: those in it, and those that the cap left out.

    Of those left out, the ``first`` are all kept, since what comes back is mostly among them; the
    others stand for their neighbours in rank.
    """
    chosen = set(planned.plan.domains)
    scored = [
        (-probability_of(one, planned.policy), one.domain, one)
        for one in planned.candidates
        if not one.own_list
    ]
    ranked = [one for _, _, one in sorted(scored, key=lambda pair: pair[:2])]
    inside = [one for one in ranked if one.domain in chosen]
    outside = [one for one in ranked if one.domain not in chosen]
    return [
        *_thinned(inside, rest, planned.policy, excluded=True),
        *_thinned(outside[:first], first, planned.policy, excluded=False),
        *_thinned(outside[first:], rest, planned.policy, excluded=False),
    ]


def _thinned(
    group: Sequence[Candidate], most: int, policy: ExclusionPolicy, *, excluded: bool
) -> list[PlanSample]:
    step = max(1, -(-len(group) // max(most, 1)))
    return [
        PlanSample(
            domain=one.domain,
            signals=tuple(round(value, 6) for value in signals_of(one, policy)),
            stands_for=float(min(step, len(group) - place)),
            excluded=excluded,
        )
        for place, one in list(enumerate(group))[::step]
    ]


class _Gathering:
    """Everything that is known of the candidates, by domain."""

    def __init__(
        self, unit: Transaction, search_id: int, definition: SearchDefinition, cap: int
    ) -> None:
        self._unit = unit
        self._search_id = search_id
        self._definition = definition
        self._cap = cap
        self._prior = FilterPrior(definition)
        self._known: dict[str, dict[str, Any]] = {}
        self.similar: dict[int, float] = {}
        self.terms: tuple[Term, ...] = ()
        self.learned = 0

    def candidates(self) -> tuple[Candidate, ...]:
        """Every domain once, with all that was gathered of it."""
        return tuple(Candidate(domain=domain, **known) for domain, known in self._known.items())

    def gather(self) -> None:
        """Own list, earlier results, similar searches, likeness, and the rest by recency."""
        for text in self._definition.exclude_domains:
            domain = normalise_exclusion(text)
            if domain is not None:
                self._update(domain, own_list=True)
        rows = self._unit.planning.returned(self._search_id)
        for row in rows:
            relevance = 1.0 if row.relevance is None else row.relevance / 100
            self._update(
                row.domain,
                returned_by_search=row.times,
                returned_at=row.at,
                relevance=max(0.0, min(1.0, relevance)),
            )
        self.learned = len(rows)
        connectors = self._definition.push_to
        if connectors:
            self._gather_similar(connectors)
            self._gather_alike(connectors)
            self._gather_rest(connectors)

    def _gather_similar(self, connectors: Sequence[str]) -> None:
        self.similar = self._similar_searches()
        rows = self._unit.planning.returned_by(list(self.similar), connectors)
        counted: dict[str, float] = {}
        for row in rows:
            weight = self.similar[row.search_id] * _decay(row.at, self._unit.now)
            counted[row.domain] = counted.get(row.domain, 0.0) + weight
        for domain, weight in counted.items():
            self._update(domain, returned_by_similar=round(weight, 6))
        self.learned += len(counted)
        missing = [domain for domain, known in self._known.items() if "seen_at" not in known]
        self._hold(self._unit.planning.holding(missing, connectors))

    def _similar_searches(self) -> dict[int, float]:
        """Other searches by how alike they are: by their words, or by what they returned."""
        planning = self._unit.planning
        others = {
            search_id: search_likeness(self._definition, definition_from_json(definition))
            for search_id, definition in planning.other_searches(self._search_id)
        }
        shared = planning.shared_results(self._search_id)
        if shared:
            counts = planning.count_returned([self._search_id, *shared])
            for search_id, number in shared.items():
                smaller = min(counts[self._search_id], counts[search_id])
                overlap = number / (smaller + 10)  # a handful of results proves little
                others[search_id] = max(others.get(search_id, 0.0), overlap)
        return {search_id: value for search_id, value in others.items() if value >= SIMILAR}

    def _gather_alike(self, connectors: Sequence[str]) -> None:
        documents = self._unit.documents
        number = documents.count()
        asked = query_words(self._definition)
        of_query = terms_of_query(
            asked, self._frequencies(asked, number), documents=number, policy=_TERMS
        )
        self._look_for("likeness", of_query, connectors)
        texts = self._unit.planning.texts_of_returned(self._search_id, limit=RETURNED_TEXTS)
        left = [set(words_of(text)) for text in texts]
        for _ in range(KINDS):
            # A search may mean several kinds of companies: each is looked for by its own words.
            if len(left) < max(FEWEST_OF_A_KIND, SMALLEST_KIND * len(texts)):
                break
            returned = words_of_returned(left)
            of_kind = terms_of_returned(
                returned, self._frequencies(returned, number), documents=number, policy=_TERMS
            )
            if not of_kind:
                break
            self._look_for("kinship", of_kind, connectors)
            told = {term.word for term in of_kind}
            left = [words for words in left if len(words & told) < SAYS_ITS_KIND]

    def _frequencies(self, words: Iterable[str], documents: int) -> dict[str, int]:
        at_most = 2 * _TERMS.postings(documents) + 1
        return self._unit.documents.likeness.frequencies(list(words), at_most=at_most)

    def _look_for(self, signal: str, terms: Sequence[Term], connectors: Sequence[str]) -> None:
        self.terms = (*self.terms, *terms)
        ranked = dict(self._unit.documents.likeness.rank(terms, limit=ALIKE))
        for held in self._unit.planning.held(list(ranked), connectors):
            self._hold([held])
            known = self._known[held.domain]
            known[signal] = max(known.get(signal, 0.0), round(ranked[held.document], 6))

    def _gather_rest(self, connectors: Sequence[str]) -> None:
        planning = self._unit.planning
        self._hold(planning.on_their_way(connectors))
        self._hold(planning.bare(connectors, limit=self._cap))
        self._hold(planning.newest(connectors, limit=self._cap))

    def _hold(self, rows: Iterable[Held]) -> None:
        for held in rows:
            self._update(
                held.domain,
                prior=self._prior.of(held.country, held.size),
                bare=bool(held.bare),
                seen_at=held.seen_at,
            )

    def _update(self, domain: str, **known: Any) -> None:
        self._known.setdefault(domain, {}).update(known)


def _decay(at: datetime, now: datetime) -> float:
    age = max(now - at, timedelta(0))
    return float(0.5 ** (age / HALF_LIFE))
