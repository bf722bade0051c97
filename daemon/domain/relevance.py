"""What the words of a text say for or against its being what a search is after.

A word speaks for a text as far as it stands in more of the examples than of all texts, and against
it where it is known from elsewhere and from no example. The examples are what the search returned
and, as long as that is little, the texts that are most like its query: they use the other words of
the same trade.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import log, sqrt
from typing import Final

_SHRINK: Final = 10.0
"""A word's share of the examples is drawn to its share of all texts by so many examples' weight."""
_FEWEST: Final = 3
"""A word of fewer examples is a name, or chance; what the query asks for needs no example."""
_ASKED: Final = 3.0
"""A word of the query counts as if so many examples had it."""
_ELSEWHERE: Final = 2
"""A word of so many texts, and of no examples, is another trade's."""
_FOREIGN: Final = -1.0
_STRONGEST: Final = 6.0
_USUAL_LENGTH: Final = 8.0
_HALFWAY: Final = 8.0
"""Evidence of so many log-odds is half of what there can be: words of a trade go together, and what
the fifth says was nearly said by the first four."""
_COMPOUND: Final = 5
_SPEAKING: Final = 1.0
_NAME_ONLY: Final = 6
"""Compounds are taken apart in texts of so few words: elsewhere plain words tell enough."""


@dataclass(frozen=True, slots=True)
class Example:
    """The words of a text that shows what a search is after, and how surely it does, up to 1."""

    words: frozenset[str]
    weight: float = 1.0


class Vocabulary:
    """What each word says, in log-odds; a word that is not known says nothing."""

    def __init__(self, evidence: Mapping[str, float]) -> None:
        self.evidence = evidence
        self._parts = tuple(
            sorted(
                word
                for word, says in evidence.items()
                if says >= _SPEAKING and len(word) >= _COMPOUND
            )
        )

    def relevance(self, words: Collection[str]) -> float:
        """How far a text's words (each once) speak for it, from -1 over 0 (nothing) to 1."""
        says = sum(map(self.evidence.get, words, repeat(0.0)))
        if len(words) <= _NAME_ONLY:
            says += sum(map(self._compound, words))
        says *= sqrt(_USUAL_LENGTH / (_USUAL_LENGTH / 2 + len(words)))
        return says / (_HALFWAY + abs(says))

    def _compound(self, word: str) -> float:
        """What the best part of a word says: names and domains write words together."""
        if len(word) <= _COMPOUND or word in self.evidence:
            return 0.0
        return max((self.evidence[part] for part in self._parts if part in word), default=0.0)


def learn_vocabulary(
    examples: Sequence[Example], elsewhere: Iterable[Collection[str]], asked: Collection[str]
) -> Vocabulary:
    """What words say for a search, from examples of it and from any texts (each word once in each).

    ``asked`` are the words of its query.
    """
    everywhere: Counter[str] = Counter()
    texts = 0
    for text in elsewhere:
        everywhere.update(text)
        texts += 1
    weights = dict.fromkeys(asked, _ASKED)
    number: Counter[str] = Counter()
    for example in examples:
        number.update(example.words)
        for word in example.words:
            weights[word] = weights.get(word, 0.0) + example.weight
    total = sum(example.weight for example in examples) + (_ASKED if asked else 0.0)
    kept = {word for word, count in number.items() if count >= _FEWEST}.union(asked)
    evidence = {}
    for word in kept:
        share = (everywhere[word] + 0.5) / (texts + 1)
        among = (weights[word] + _SHRINK * share) / (total + _SHRINK)
        evidence[word] = max(_FOREIGN, min(_STRONGEST, log(among / share)))
    foreign = max(_FOREIGN, log(_SHRINK / (total + _SHRINK)))
    for word, count in everywhere.items():
        if count >= _ELSEWHERE and word not in kept:
            evidence[word] = foreign
    return Vocabulary(evidence)
