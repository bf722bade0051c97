"""The words by which a search is told from others, and by which its results are alike."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Final

from daemon.domain.relevance import Example, Vocabulary
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import COUNTRY
from daemon.domain.word_lists import words_in

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST: Final = 3
_TELLING: Final = log(2)
"""Twice as often among the examples as elsewhere."""
_SHORTEST_OF_OTHER_SCRIPTS: Final = 2

_STOP_WORDS: Final = words_in("""
about above across after again all along also among and any are around based been before being
between both but can com could did does doing down during each either etc even every few find
for from further get gives good had has have having help helps her here his how including into
its itself just least less like look looking made mainly make makes many may more most much must
near net new not now off offer offers offering one only org other our out over own per please
provide provides providing same search should since some such than that the their them then
there these they this those through too under until upon use used uses using very via was well
were what when where which while who whom whose why will with within without would www you your
business businesses companies company firm firms group organisation organisations organization
organizations corporation gmbh inc llc ltd founded employees headquartered located works aber
als auch auf aus bei das dem den der des die durch ein eine einem einen einer eines für hat ihr
ihre ist kann mit nach oder sich sie sind und unser unsere von vor wir wird zum zur avec dans
des elle est les leur nos notre nous par pas pour que qui sont sur une vos votre vous con del
desde donde ella ellos este esta las los más para pero por que sin sobre son una alle anche che
con dal dei del della delle gli nel nella non per più questo sono una
""")


def words_of(text: str) -> list[str]:
    """The words of a text that can say something, in its order: no stop words, no numbers."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return list(filter(_says_something, _WORD.findall(plain.casefold())))


@lru_cache(maxsize=100_000)  # thousands of texts are read for a plan, most of the same words
def _says_something(word: str) -> bool:
    shortest = _SHORTEST if word.isascii() else _SHORTEST_OF_OTHER_SCRIPTS
    return len(word) >= shortest and not word.isdigit() and word not in _STOP_WORDS


def query_words(definition: SearchDefinition) -> tuple[str, ...]:
    """What a search asks for, word by word: its query first, then its criteria; each once."""
    texts = [definition.query.replace(COUNTRY, " ")]
    for criterion in definition.criteria:
        texts += [criterion.name, criterion.criterion]
    return tuple(dict.fromkeys(word for text in texts for word in words_of(text)))


def words_of_examples(
    examples: Sequence[Example], vocabulary: Vocabulary, *, at_most: int = 50
) -> dict[str, float]:
    """Words that tell several examples from all texts, each with the share of examples that has it.

    Of too many, those by which most examples are found are taken.
    """
    counted: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for example in examples:
        counted.update(example.words)
        for word in example.words:
            weights[word] = weights.get(word, 0.0) + example.weight
    total = sum(example.weight for example in examples)
    enough = max(3, len(examples) * 0.04)
    telling = {
        word: weights[word] * says
        for word, count in counted.items()
        if count >= enough and (says := vocabulary.evidence.get(word, 0.0)) > _TELLING
    }
    best = sorted(telling, key=lambda word: (-telling[word], word))[:at_most]
    return {word: weights[word] / total for word in best}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word to look for, and how much finding it says."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPolicy:
    """``most`` terms at all; together they may stand in so many documents, which is the work.

    That is ``share`` of the documents, but ``fewest`` at least and ``greatest`` at most. The first
    term alone may stand in twice as many; a word beyond that is not worth looking for.
    """

    most: int = 16
    share: float = 0.1
    fewest: int = 20_000
    greatest: int = 100_000

    def postings(self, documents: int) -> int:
        """In how many documents all terms together may stand."""
        return min(self.greatest, max(self.fewest, round(documents * self.share)))


def terms_of_query(
    asked: Sequence[str], frequencies: Mapping[str, int], *, documents: int, policy: TermPolicy
) -> tuple[Term, ...]:
    """The words that a search asks for, the rarest first, as far as looking for them is affordable.

    ``frequencies`` is in how many documents each word stands; one that stands in none is of no use.
    """
    weights = {
        word: log(1 + documents / frequencies[word]) for word in asked if frequencies.get(word)
    }
    return _chosen(weights, frequencies, documents, policy)


def terms_of_returned(
    returned: Mapping[str, float],
    frequencies: Mapping[str, int],
    *,
    documents: int,
    policy: TermPolicy,
) -> tuple[Term, ...]:
    """The words that stand in many more of a search's results than of all documents.

    A word weighs by the share of the results that it explains, and by how much more often it stands
    in them: what several kinds of results have in common counts as well as what one kind has.
    """
    weights: dict[str, float] = {}
    for word, share in returned.items():
        everywhere = frequencies.get(word, 0) / max(documents, 1)
        if everywhere and share > 2 * everywhere:
            weights[word] = share * log(share / everywhere)
    return _chosen(weights, frequencies, documents, policy)


def _chosen(
    weights: Mapping[str, float],
    frequencies: Mapping[str, int],
    documents: int,
    policy: TermPolicy,
) -> tuple[Term, ...]:
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(_affordable(ranked, frequencies, documents, policy))


def _affordable(
    ranked: Sequence[tuple[str, float]],
    frequencies: Mapping[str, int],
    documents: int,
    policy: TermPolicy,
) -> list[Term]:
    chosen: list[Term] = []
    left = policy.postings(documents)
    for word, weight in ranked:
        if len(chosen) >= policy.most:
            break
        if frequencies[word] > (left if chosen else 2 * left):
            continue
        left -= frequencies[word]
        chosen.append(Term(word=word, weight=weight))
    return chosen


def search_likeness(one: SearchDefinition, other: SearchDefinition) -> float:
    """How alike two searches are by their words, from 0 to 1: the cosine of their word counts.

    Words of the query count twice as much as those of the criteria.
    """
    first, second = _bag(one), _bag(other)
    shared = sum(weight * second[word] for word, weight in first.items() if word in second)
    lengths = sqrt(sum(w * w for w in first.values()) * sum(w * w for w in second.values()))
    return shared / lengths if lengths else 0.0


def _bag(definition: SearchDefinition) -> dict[str, float]:
    bag = dict.fromkeys(query_words(definition), 1.0)
    bag.update(dict.fromkeys(words_of(definition.query.replace(COUNTRY, " ")), 2.0))
    return bag
