"""Gather from the store everything that is known of the domains that a task may exclude."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

from daemon.config.definitions import definition_from_json
from daemon.db.planning import Held
from daemon.db.store import Transaction
from daemon.domain.countries import normalise_country
from daemon.domain.exclusions import Candidate, ExclusionWeights
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
    words_of_examples,
)
from daemon.domain.relevance import Example, Vocabulary, learn_vocabulary
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import WHOLE, in_segment

ALIKE = 2_500
"""So many of the documents that are most like a search are looked at, for each list of terms; and
so many of all of them become candidates."""
RETURNED_TEXTS = 400
"""So many of a search's latest results tell which words its results share."""
COUNTRIES = 4
"""Where one country is asked for, so many times as many are looked at: most are in others."""
FEEDBACK = 150
"""So many of the records that are most like the query stand in for results."""
ENOUGH_RETURNED = 60
"""With so many results, records no longer stand in for them."""
TOLD = 0.7
"""A word of the query that the likest records have not twice as often as any is not told yet."""
ANY_TEXTS = 1_500
"""So many texts tell how common a word is."""
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


class Gathering:
    """Everything that is known of the candidates, by domain."""

    def __init__(
        self,
        unit: Transaction,
        search_id: int,
        definition: SearchDefinition,
        *,
        cap: int,
        weights: ExclusionWeights,
        segment: str = WHOLE,
    ) -> None:
        self._unit = unit
        self._search_id = search_id
        self._segment = segment
        self._definition = in_segment(definition, segment)
        self._cap = cap
        self._weights = weights
        self._within = None if segment == WHOLE else frozenset([normalise_country(segment)])
        self._prior = FilterPrior(self._definition)
        self._vocabulary = Vocabulary({})
        self._likeness: Mapping[int, float] = {}
        self._relevance: dict[int, float] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self.similar: dict[int, float] = {}
        self.terms: tuple[Term, ...] = ()
        self.learned = 0

    def candidates(self, *, without: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """Every domain once, with all that was gathered of it."""
        return tuple(
            Candidate(domain=domain, **known)
            for domain, known in self._known.items()
            if domain not in without
        )

    def gather(self) -> None:
        """Own list, earlier results, likeness, similar searches, and the rest by recency."""
        for text in self._definition.exclude_domains:
            domain = normalise_exclusion(text)
            if domain is not None:
                self._update(domain, own_list=True)
        rows = self._unit.planning.returned(self._search_id, self._segment)
        for row in rows:
            relevance = 1.0 if row.relevance is None else row.relevance / 100
            self._update(
                row.domain,
                returned_by_search=row.times,
                returned_at=row.at,
                relevance=max(0.0, min(1.0, relevance)),
                elsewhere=not row.in_segment and self._is_elsewhere(row.country),
            )
        self.learned = len(rows)
        connectors = self._definition.push_to
        if connectors:
            self._gather_alike(connectors)
            self._gather_landings(rows, connectors)
            self._gather_similar(connectors)
            self._gather_rest(connectors)

    def _gather_landings(self, rows: Sequence[Any], connectors: Sequence[str]) -> None:
        """Where a returned website leads may come back as well; it is left out if a CRM has it."""
        returned = {row.domain: row for row in rows}
        led = {
            found.leads_to: returned[domain]
            for domain, found in self._unit.redirects.of(returned).items()
            if found.leads_to is not None and found.leads_to not in returned
        }
        for held in self._unit.planning.holding(sorted(led), connectors):
            if held.domain in led:
                self._hold([held])
                self._update(held.domain, returned_by_search=1, returned_at=led[held.domain].at)

    def _gather_alike(self, connectors: Sequence[str]) -> None:
        asked = query_words(self._definition)
        documents = self._unit.documents
        number = documents.count()
        frequencies = self._frequencies(asked, number)
        self._likeness = self._look_for(
            terms_of_query(asked, frequencies, documents=number, policy=_TERMS)
        )
        anywhere = [frozenset(words_of(text)) for text in documents.any_texts(number=ANY_TEXTS)]
        examples = self._examples_of_returned()
        missing = 1 - len(examples) / ENOUGH_RETURNED
        if missing > 0:
            examples += self._examples_of_records(self._likeness, missing)
            # A query may ask for several things, and one of them have all the likest records.
            told = learn_vocabulary(examples, anywhere, ()).evidence
            untold = [word for word in asked if told.get(word, 0.0) < TOLD]
            of_rest = terms_of_query(untold, frequencies, documents=number, policy=_TERMS)
            examples += self._examples_of_records(self._look_for(of_rest), missing)
        self._vocabulary = learn_vocabulary(examples, anywhere, asked)
        alike = dict.fromkeys(self._likeness)
        for of_kind in self._kinds(examples, number):
            alike.update(dict.fromkeys(self._look_for(of_kind)))
        asked_for = list(alike)
        if self._within is not None:
            asked_for = self._unit.documents.in_countries(asked_for, self._within)
        self._read(asked_for)
        best = nlargest(ALIKE, asked_for, key=lambda document: (self._says(document), document))
        self._hold(self._unit.planning.held(best, connectors))

    def _examples_of_returned(self) -> list[Example]:
        texts = self._unit.planning.texts_of_returned(self._search_id, limit=RETURNED_TEXTS)
        return [Example(frozenset(words_of(text))) for text in texts]

    def _examples_of_records(self, found: Mapping[int, float], missing: float) -> list[Example]:
        """The likest records found, each by how like the whole query it is."""
        likest = list(found)[:FEEDBACK]
        texts = self._unit.documents.texts(likest)
        return [
            Example(frozenset(words_of(texts[document])), missing * likeness * likeness)
            for document in likest
            if document in texts and (likeness := self._likeness.get(document, 0.0))
        ]

    def _kinds(self, examples: Sequence[Example], number: int) -> Iterator[Sequence[Term]]:
        """A search may mean several kinds of companies: each is looked for by its own words."""
        left = examples
        for _ in range(KINDS):
            if len(left) < max(FEWEST_OF_A_KIND, SMALLEST_KIND * len(examples)):
                break
            shared = words_of_examples(left, self._vocabulary)
            of_kind = terms_of_returned(
                shared, self._frequencies(shared, number), documents=number, policy=_TERMS
            )
            if not of_kind:
                break
            yield of_kind
            told = {term.word for term in of_kind}
            left = [one for one in left if len(one.words & told) < SAYS_ITS_KIND]

    def _frequencies(self, words: Iterable[str], documents: int) -> dict[str, int]:
        at_most = 2 * _TERMS.postings(documents) + 1
        return self._unit.documents.likeness.frequencies(list(words), at_most=at_most)

    def _look_for(self, terms: Sequence[Term]) -> dict[int, float]:
        self.terms = (*self.terms, *terms)
        reach = ALIKE if self._within is None else ALIKE * COUNTRIES
        return dict(self._unit.documents.likeness.rank(terms, limit=reach))

    def _read(self, documents: Sequence[int]) -> None:
        """Tell of each document what its words say."""
        unread = [one for one in documents if one not in self._relevance]
        for document, text in self._unit.documents.texts(unread).items():
            relevance = self._vocabulary.relevance(frozenset(words_of(text)))
            self._relevance[document] = round(relevance, 6)

    def _says(self, document: int) -> float:
        return self._weights.likeness * self._likeness.get(
            document, 0.0
        ) + self._weights.kinship * self._relevance.get(document, 0.0)

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

    def _gather_rest(self, connectors: Sequence[str]) -> None:
        planning = self._unit.planning
        self._hold(planning.on_their_way(connectors))
        self._hold(planning.bare(connectors, limit=self._cap, within=self._within))
        newest = planning.newest(connectors, limit=self._cap)
        self._hold(newest, read=False)  # no word was found in those that were not read yet

    def _hold(self, rows: Iterable[Held], *, read: bool = True) -> None:
        held = list(rows)
        if read:
            self._read(list(dict.fromkeys(one.document for one in held)))
        for one in held:
            known = self._known.get(one.domain, {})
            likeness = self._likeness.get(one.document, 0.0)
            kinship = self._relevance.get(one.document, 0.0)
            self._update(
                one.domain,
                prior=self._prior.of(one.country, one.size),
                bare=bool(one.bare),
                # Records may differ on a company, and the vendor may be with any of them.
                elsewhere=known.get("elsewhere", True) and self._is_elsewhere(one.country),
                seen_at=one.seen_at,
                likeness=max(known.get("likeness", likeness), likeness),
                kinship=max(known.get("kinship", kinship), kinship),
            )

    def _is_elsewhere(self, country: str | None) -> bool:
        known = normalise_country(country)
        return self._within is not None and known != "" and known not in self._within

    def _update(self, domain: str, **known: Any) -> None:
        self._known.setdefault(domain, {}).update(known)


def _decay(at: datetime, now: datetime) -> float:
    age = max(now - at, timedelta(0))
    return float(0.5 ** (age / HALF_LIFE))
