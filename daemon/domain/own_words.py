"""What each of two names keeps for itself, and whether a page is about it alone."""

import re
from itertools import takewhile
from typing import Final
from urllib.parse import unquote

from rapidfuzz import fuzz

from daemon.domain.common_words import ADDED_WORDS, LOCAL_TRADES, SMALL_WORDS
from daemon.domain.legal_names import bears_legal_form, normalise_name, skeleton_of
from daemon.domain.resemblance import MatchPolicy, Traits
from daemon.domain.site_marks import AGENT, IDLE_WORDS, OWNER, PARTS, PLAIN_PATHS

_POLICY: Final = MatchPolicy()
_SHORTEST: Final = 3
"""Letters; a shorter word makes no name another one."""
_TELLING: Final = 4
"""Letters; a shorter word stands in many addresses by chance."""
_NO_FORM: Final = "acme"
_STEM: Final = 5
_STEM_SHARE: Final = 0.6
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_IDLE: Final = frozenset(map(skeleton_of, ADDED_WORDS | SMALL_WORDS | IDLE_WORDS))
_TRADES: Final = frozenset(map(skeleton_of, LOCAL_TRADES))
_PLAIN_PATHS: Final = frozenset(map(skeleton_of, PLAIN_PATHS))


def own_words(one: Traits, other: Traits, brand: str) -> frozenset[str]:
    """The words of one's names that neither the other's names nor the brand of the site have.

    Another form of the same word (``Stomatologia``, ``stomatologiczny``) is no word of its own.
    """
    theirs = {word for name in other.names for word in name}
    joined = {"".join(name) for name in other.names} | {brand}
    return frozenset(
        word
        for name in one.names
        for word in name
        if len(word) >= _SHORTEST
        and word not in _IDLE
        and AGENT.fullmatch(word) is None
        and word not in other.initials
        and not any(word in each for each in joined)
        and not any(_are_alike(word, each) for each in theirs | {brand})
    )


def _are_alike(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if short == long or (len(short) >= _TELLING and long.startswith(short)):
        return True
    stem = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(short, long, strict=False))
    )
    if stem >= max(_STEM, _STEM_SHARE * len(long)):
        return True
    long_enough = len(short) >= _POLICY.min_typo_length
    return long_enough and fuzz.ratio(word, other) >= _POLICY.typo_ratio


def host_and_path(website: str) -> tuple[str, str]:
    """In lower case, the path without slashes at its ends."""
    address = website.strip().lower().rpartition("//")[2]
    host, _, path = address.partition("/")
    return host.rpartition("@")[2].partition(":")[0], path.strip("/")


def is_own_page(words: frozenset[str], key: str, website: str) -> bool:
    """Whether the path, or what stands before the domain, holds one of the words."""
    host, path = host_and_path(website)
    before = host.removesuffix(key) if host.endswith(key) else ""
    text = _NOT_WORDS.sub(" ", f"{before} {unquote(path)}")
    text = skeleton_of(normalise_name(text))
    return any(len(word) >= _TELLING and word in text for word in words - _PLAIN_PATHS)


def telling_words(words: frozenset[str]) -> int:
    """How many of the words are neither trades nor words of dictionaries; names of people are."""
    return len(words - _TRADES - _POLICY.generic_words)


def operator_of(name: str, brand: str) -> str:
    """Who runs the shop of a brand: its owner, or a second company in the text, or "".

    ``Century 21 Vieux Port (SARL Immo Massilia)`` gives ``immo massilia``.
    """
    owner = OWNER.search(name)
    if owner is not None:
        return skeleton_of(normalise_name(owner[1]))
    parts = [part for part in PARTS.split(name) if _is_name(part)]
    for part in parts if len(parts) > 1 else ():
        words = skeleton_of(normalise_name(part)).split()
        if bears_legal_form(part) and not any(word in brand or brand in word for word in words):
            return " ".join(words)
    return ""


def _is_name(part: str) -> bool:
    """Whether a part of a name is more than a legal form (``GmbH & Co. KG``)."""
    return normalise_name(f"{_NO_FORM} {part}") != _NO_FORM
