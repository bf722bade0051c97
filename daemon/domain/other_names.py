"""Several names in one text: which words say that another name follows, and what is no name at all.

Former, present and trading names (``vormals``, ``now``, ``t/a`` …), names in brackets, and owners
(``Inh. Max Müller``), who are people and no part of the name.
"""

import re
from itertools import pairwise
from typing import Final

from daemon.domain.word_lists import phrases_in, words_in

_MARKS: Final = words_in(
    """
    aka anciennement dba devenu devenue ehem ehemalige ehemaliger ehemaliges ehemals fka formerly
    fruher hodn nka previously vorm vormals
    """
)
_PAIRS: Final = phrases_in(
    """
    bekannt als | bekend als | business as | conocida como | conocido como | connu sous |
    connue sous | conosciuta come | firmierend als | firmiert als | handelend als | handelnd als |
    known as | operating as | rebranded as | rebranded to | renamed as | renamed from | renamed to |
    trading as | trading under
    """
)
_AROUND: Final = words_in("also as currently doing known now")
_BEFORE: Final = frozenset(first for first, _ in _PAIRS)
"""What is left at the end of the name before a pair."""

_SLASHED_MARK: Final = re.compile(r"(?<!\w)(?:[afn]/k/a|d/b/a|[to]/as?)(?!\w)", re.IGNORECASE)
_NOW_OR_THEN: Final = re.compile(
    r"[(,;]\s*(?:agora|ahora|aiemmin|ancien|ancienne|antes|anteriormente|antiga|antigo|antigua"
    r"|antiguo|bisher|dawniej|desormais|désormais|dříve|endine|ent\.|entinen|eski|ex|fost|fosta"
    r"|früher|già|jetzt|korábban|later|nee|née|now|nu|nun|nyk\.|nyt|obecnie|ora|poprzednio"
    r"|precedemment|precedentemente|précédemment|ranee|ranije|renamed|teraz|thans|tidigare"
    r"|tidligere|voorheen|was|wcześniej|бывш\w*|ранее|раніше|πρώην)[\s:-]",
    re.IGNORECASE,
)
"""Words for another name that mean it only behind a bracket or a comma."""

_OWNER: Final = re.compile(
    r"[\s,;(-]+(?:inh\.|inhaber(?:in)?\b|titolare\b|v/\s?(?=\w)|c/o\s).*",
    re.IGNORECASE | re.DOTALL,
)
_PARTNERS: Final = re.compile(r"(\bs\.?\s?[an]\.?\s?[cs]\.?)\s+di\s\S.*", re.IGNORECASE | re.DOTALL)
"""Italian partnerships name their partners behind the form: ``Rossi snc di Rossi Mario & C.``."""

_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_NO_NAME_BEGINS: Final = words_in(
    """
    a acquired an bei by closed division ein eine filiale former in inactive member merged near old
    owned part powered subsidiary teil une
    """
)
_MOST_WORDS: Final = 6


_HINT: Final = re.compile(r"[(\[,;/]|\s(?:inh|tito|di\s)", re.IGNORECASE)
"""Without any of these nothing is to be done, and most names have none."""


def marked(name: str) -> str:
    """A text without its owner, and with one and the same word before every other name."""
    if _HINT.search(name) is None:
        return name
    name = _PARTNERS.sub(r"\1", _OWNER.sub("", name) or name)
    return _NOW_OR_THEN.sub(" formerly ", _SLASHED_MARK.sub(" formerly ", name))


def has_marks(words: list[str]) -> bool:
    """Whether the words of a marked text hold more than one name."""
    return not _MARKS.isdisjoint(words) or any(pair in _PAIRS for pair in pairwise(words))


def split_at_marks(words: list[str]) -> list[list[str]]:
    """The names that a marked text holds: ``Meta (formerly Facebook)`` holds two."""
    names: list[list[str]] = [[]]
    for place, word in enumerate(words):
        pair = (words[place - 1], word) if place else ("", word)
        if word in _MARKS or pair in _PAIRS:
            names.append([])
        else:
            names[-1].append(word)
    return [name for name in map(_stripped, names) if name]


def _stripped(words: list[str]) -> list[str]:
    while words and words[-1] in _AROUND | _BEFORE:
        words = words[:-1]
    while words and words[0] in _AROUND:
        words = words[1:]
    return words


def in_and_out_of_brackets(name: str) -> tuple[str, ...]:
    """The text without its brackets, and what stands in them as far as it may be a name."""
    inside = [text.strip() for text in _BRACKETS.findall(name)]
    if not inside:
        return ()
    outside = _BRACKETS.sub(" ", name).strip()
    return tuple(filter(None, (outside, *filter(_may_be_a_name, inside))))


def _may_be_a_name(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= _MOST_WORDS and words[0].casefold() not in _NO_NAME_BEGINS
