"""A made-up world of companies: any size, the same for the same seed, made as it is asked for."""

import functools
import re
from array import array
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from daemon.sandbox.chance import Draws, Weighted, mix, mix_text
from daemon.sandbox.names import BRANDS, brand_of, domain_of, website_of
from daemon.sandbox.vocabulary import Vocabulary, load_vocabulary

_WORD = re.compile(r"[^\W_]+")
_SHORT_STEM = 3
_LARGEST_TOPIC = 6  # times as large as the smallest
_DEFAULT_FIT = 0.5  # of a company in a query that names nothing the world knows
_SIXTEEN_BITS = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldCompany:
    """One company. ``domain`` is its registered domain as an A-label, None where it has none.

    ``aliases`` are other registered domains of the same company. ``website`` is how it is usually
    written: without a domain it is a profile page, a host under somebody else's domain, or junk.
    """

    index: int
    name: str
    domain: str | None
    website: str
    aliases: tuple[str, ...]
    topic: str
    kind: str
    industry: str
    country: str
    state: str
    city: str
    size: str
    founding_year: int
    description: str
    full_description: str
    profile_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A company that a query means. ``fit`` is between 0 and 1."""

    index: int
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """What a query asks for: topics with their weight, and kinds and countries if it names any."""

    topics: dict[int, float]
    kinds: frozenset[int]
    countries: frozenset[int]


class _Marks(NamedTuple):
    """Sixteen bits of a company for each thing that a query can ask about."""

    topic: int
    kind: int
    country: int
    taste: int


class World:
    """``size`` companies, numbered from 0.

    Companies beyond ``size`` exist too, but no query finds them: strangers that a CRM may hold.
    """

    def __init__(self, *, seed: int, size: int, vocabulary: Vocabulary) -> None:
        self.seed = seed
        self.size = size
        self._base = mix(seed)
        self._vocabulary = vocabulary
        count = len(vocabulary.topics)
        self._topics = Weighted([_LARGEST_TOPIC - 5 * at // count for at in range(count)])
        self._kinds = Weighted([kind.share for kind in vocabulary.kinds])
        self._countries = Weighted([country.share for country in vocabulary.countries])
        self._sizes = Weighted([share for _, share in vocabulary.sizes])

    def company(self, index: int) -> WorldCompany:
        """The company with this number; made anew at each call, always alike."""
        words, marks = self._vocabulary, self._marks(index)
        topic = words.topics[self._topics.index(marks.topic)]
        kind = words.kinds[self._kinds.index(marks.kind)]
        country = words.countries[self._countries.index(marks.country)]
        draws = Draws(self._base, index)
        brand = brand_of(self.seed, index)
        city, state = draws.choice(country.cities)
        name = f"{brand.capitalize()} {topic.noun} {draws.choice(country.forms)}".strip()
        domain, aliases = domain_of(brand, topic, country, draws)
        website = website_of(brand, domain, draws)
        offer, second = draws.choice(topic.offers), draws.choice(topic.offers)
        size = words.sizes[self._sizes.index(draws.bits())][0]
        founded = 1950 + max(draws.below(75), draws.below(75))
        described = f"{name} {kind.verb} {offer}."
        return WorldCompany(
            index=index,
            name=name,
            domain=domain,
            website=website,
            aliases=aliases,
            topic=topic.key,
            kind=kind.key,
            industry=topic.industry,
            country=country.name,
            state=state,
            city=city,
            size=size,
            founding_year=founded,
            description=described,
            full_description=(
                f"{described} Founded in {founded} in {city}, {country.name}, with {size} "
                f"employees, it also works on {second}."
            ),
            profile_id=uuid_of(draws.number(), draws.number()) if draws.chance(0.85) else None,
        )

    def search(self, query: str) -> list[Match]:
        """Every company that the query means, the best first.

        A query means the topics whose words stand in it. One that names none means two topics of
        its own, less well, so that any query finds something.
        """
        meaning = self._meaning(query)
        salt = mix_text(query)
        matches = [
            Match(index=index, fit=fit)
            for topic, weight in meaning.topics.items()
            for index in self._members[topic]
            if (fit := self._fit(index, weight, meaning, salt)) > 0
        ]
        return sorted(matches, key=lambda match: (-match.fit, match.index))

    @functools.cached_property
    def _members(self) -> "list[array[int]]":
        members = [array("L") for _ in self._vocabulary.topics]
        pick = self._topics.index
        for index in range(self.size):
            members[pick(mix(self._base ^ index) & _SIXTEEN_BITS)].append(index)
        return members

    def _meaning(self, query: str) -> _Meaning:
        words = [word for word in _WORD.findall(query.lower()) if word not in self._empty_words]
        terms = {*words, *(f"{one}-{two}" for one, two in pairwise(words))}
        vocabulary = self._vocabulary
        hits = {at: _hits(terms, topic.stems) for at, topic in enumerate(vocabulary.topics)}
        best = max(hits.values())
        if best:
            topics = {at: 0.4 + 0.4 * count / best for at, count in hits.items() if count}
        else:
            draws = Draws(mix_text(" ".join(sorted(words))))
            topics = {draws.below(len(hits)): _DEFAULT_FIT for _ in range(2)}
        return _Meaning(
            topics=topics,
            kinds=_named(terms, [kind.stems for kind in vocabulary.kinds]),
            countries=_named(terms, [country.stems for country in vocabulary.countries]),
        )

    @property
    def _empty_words(self) -> frozenset[str]:
        return self._vocabulary.empty_words

    def _fit(self, index: int, weight: float, meaning: _Meaning, salt: int) -> float:
        marks = self._marks(index)
        if meaning.countries and self._countries.index(marks.country) not in meaning.countries:
            return 0.0
        kind = float(self._kinds.index(marks.kind) in meaning.kinds) if meaning.kinds else 0.5
        noise = (mix(salt ^ index) & _SIXTEEN_BITS) / _SIXTEEN_BITS
        taste = marks.taste / _SIXTEEN_BITS
        return weight * (0.55 + 0.2 * kind + 0.15 * taste + 0.1 * noise)

    def _marks(self, index: int) -> _Marks:
        mixed = mix(self._base ^ index)
        return _Marks(
            mixed & _SIXTEEN_BITS,
            mixed >> 16 & _SIXTEEN_BITS,
            mixed >> 32 & _SIXTEEN_BITS,
            mixed >> 48,
        )


def make_world(seed: int, companies: int) -> World:
    """A world of so many companies; nothing is computed until it is asked for.

    Raises:
        ValueError: there are not so many names.
    """
    if not 0 <= companies <= BRANDS // 2:
        raise ValueError(f"a world holds from 0 to {BRANDS // 2} companies")
    return World(seed=seed, size=companies, vocabulary=load_vocabulary())


def _hits(terms: set[str], stems: tuple[str, ...]) -> int:
    return sum(any(_means(term, stem) for term in terms) for stem in stems)


def _means(term: str, stem: str) -> bool:
    return term == stem if len(stem) <= _SHORT_STEM else term.startswith(stem)


def _named(terms: set[str], stems_of: list[tuple[str, ...]]) -> frozenset[int]:
    return frozenset(at for at, stems in enumerate(stems_of) if _hits(terms, stems))


def uuid_of(number: int, second: int) -> str:
    """A UUID (version 4 in form) out of two 64-bit numbers."""
    text = f"{number:016x}{second:016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
