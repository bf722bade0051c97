"""What two companies have in common apart from a domain: their names, brands and places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Final

from rapidfuzz import fuzz

from daemon.domain.cities import compared_city
from daemon.domain.common_words import (
    ADDED_WORDS,
    GENERIC_WORDS,
    LOCAL_TRADES,
    SAME_WORDS,
    SMALL_WORDS,
    SURNAMES,
)
from daemon.domain.countries import normalise_country
from daemon.domain.legal_names import aliases_of, names_of, normalise_name, skeleton_of

Name = tuple[str, ...]
"""The words of a name in the form for comparing, without regional and corporate additions."""


def _skeletons(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(skeleton_of, words))


_FIRST_LETTERS: Final = 4
_SECOND_LETTERS: Final = 2
_LONG: Final = 6  # letters; a longer word is no acronym
SHORTEST_BRAND: Final = 2
"""Letters; a name that is shorter is looked up as no brand."""
_SHORT: Final = 3  # letters; evened out, ``aa`` and ``ae`` would be one brand
_ADDED: Final = _skeletons(ADDED_WORDS | SMALL_WORDS)
_SMALL: Final = SMALL_WORDS | {"for", "fur", "pour", "para", "per", "i", "y", "e", "og", "och"}
_TRADES: Final = _skeletons(LOCAL_TRADES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPolicy:
    """When a resemblance counts.

    ``generic_words`` are words that say little; ``min_brand_length`` and ``min_word_length`` are
    in letters: shorter brands and words say little too. ``typo_ratio`` (0 to 100) is how alike two
    words of at least ``min_typo_length`` letters are when one is a misspelling of the other.
    """

    generic_words: frozenset[str] = _skeletons(GENERIC_WORDS | SURNAMES)
    min_brand_length: int = 4
    min_word_length: int = 4
    typo_ratio: float = 84.0
    min_typo_length: int = 6

    def is_distinctive(self, word: str) -> bool:
        """Whether sharing this word says something."""
        long_enough = len(word) >= self.min_word_length or not word.isascii()
        return long_enough and not word.isdigit() and word not in self.generic_words


class Agreement(Enum):
    """How well two names agree."""

    EXACT = "exact"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """One company as it is compared. Places are normalised; "" where nothing is known.

    ``aliases`` stand within brackets or around them, and may be no names. ``joined`` are the names
    written as brands. ``acronyms`` are the names that are one word as short as an acronym.
    """

    brands: frozenset[str]
    names: tuple[Name, ...]
    aliases: tuple[Name, ...]
    joined: frozenset[str]
    initials: frozenset[str]
    acronyms: frozenset[str]
    country: str
    city: str


def _core(words: list[str]) -> Name:
    if not _ADDED.isdisjoint(words):
        return tuple(word for word in words if word not in _ADDED) or tuple(words)
    return tuple(words)


def brand_of(key: str) -> str:
    """The label that names the company in an identity key, in the form for comparing.

    ``acme-tools.co.uk``, ``host:acme-tools.github.io`` and
    ``profile:linkedin.com/company/acme-tools`` all give ``acmetols``; other keys give "".
    """
    kind, colon, rest = key.partition(":")
    if not colon:
        label = key.partition(".")[0]
    elif kind == "host":
        label = rest.partition(".")[0]
    elif kind == "profile":
        label = rest.rpartition("/")[2].lstrip("@")
    else:
        return ""
    if label.startswith("xn--") or not label.isascii():
        label = normalise_name(_decoded(label))
    label = label.replace("-", "").replace("_", "").replace(".", "").replace(" ", "")
    return "" if label.isdigit() else _as_brand(label)


def _as_brand(label: str) -> str:
    return skeleton_of(label) if len(label) > _SHORT else label


def _decoded(label: str) -> str:
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def traits_of(name: str, keys: Iterable[str], country: str | None, city: str | None) -> Traits:
    """What is compared of one company. ``keys`` are the identity keys of its websites."""
    code, town = normalise_country(country), compared_city(city)
    written = [one.split() for one in names_of(name, code)]
    whole = [_spelt(words) for words in written]
    names = tuple(map(_core, whole))
    aliases = (_core(_spelt(alias.split())) for alias in aliases_of(name, code))
    return Traits(
        brands=frozenset(filter(None, map(brand_of, keys))),
        names=names,
        aliases=tuple(each for each in aliases if each not in names and _is_no_place(each, town)),
        joined=frozenset(_as_brand("".join(words)) for words in written)
        | {"".join(words) for words in names},
        initials=frozenset(each for words in (*written, *whole) for each in _all_initials(words)),
        acronyms=frozenset(
            words[0] for words in written if len(words) == 1 and _SHORT <= len(words[0]) <= _LONG
        ),
        country=code,
        city=town,
    )


def _spelt(words: Iterable[str]) -> list[str]:
    """Words as they are compared: shortened ones, numbers and spellings are evened out."""
    return skeleton_of(" ".join(SAME_WORDS.get(word, word) for word in words)).split()


def _is_no_place(alias: Name, city: str) -> bool:
    return not _ADDED.issuperset(alias) and " ".join(alias) != city


def agreement_of(one: Name, other: Name, policy: MatchPolicy) -> Agreement:
    """Whether two names are the same: word by word, one misspelling allowed, numbers never.

    ``red bull`` agrees with ``redbull`` and with ``bull red``; ``fund ii`` not with ``fund iii``.
    """
    if not one or not other:
        return Agreement.NONE
    if "".join(one) == "".join(other) or sorted(one) == sorted(other):
        return Agreement.EXACT
    if len(one) != len(other):
        return Agreement.NONE
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if beginning_of(one) != beginning_of(other):
        return Agreement.NONE
    if len(differing) == 1 and _is_misspelling(*differing[0], policy):
        return Agreement.NEAR
    return Agreement.NONE


def _is_misspelling(word: str, other: str, policy: MatchPolicy) -> bool:
    if min(len(word), len(other)) < policy.min_typo_length or not (word + other).isalpha():
        return False
    return fuzz.ratio(word, other) >= policy.typo_ratio


def best_agreement(one: Traits, other: Traits, policy: MatchPolicy) -> tuple[Agreement, Name]:
    """The best agreement among all names of both, and the name of the first that agrees."""
    best: tuple[Agreement, Name] = (Agreement.NONE, ())
    for name, second in (
        *product(one.names, other.names),
        *product(one.names, other.aliases),
        *product(one.aliases, other.names),
    ):
        agreement = agreement_of(name, second, policy)
        if agreement is Agreement.EXACT:
            return agreement, name
        if agreement is Agreement.NEAR:
            best = (agreement, name)
    return best


def beginning_of(name: Name) -> str:
    """How a name begins, whatever the order of its first letters: misspelt names share it."""
    first = "".join(sorted(name[0][:_FIRST_LETTERS]))
    return first + name[1][:_SECOND_LETTERS] if len(name) > 1 else first


def letters_of(name: Name) -> str:
    """All letters of a name in their order in the alphabet: names that agree exactly share it."""
    return "".join(sorted("".join(name)))


def initials_of(words: Sequence[str]) -> str:
    """The first letters of a name's words (``international business machines``: ``ibm``)."""
    return "".join(word[0] for word in words if word != "and")


def _all_initials(words: Sequence[str]) -> Iterable[str]:
    """With the small words and without them (``massachusetts institute of technology``)."""
    yield initials_of(words)
    if not _SMALL.isdisjoint(words):
        yield initials_of([word for word in words if word not in _SMALL])


def shared_acronyms(one: Traits, other: Traits) -> frozenset[str]:
    """One's whole name that is the initials of the other's (``Zeta Kabel Lager``: ``zkl``)."""
    return (one.acronyms & other.initials) | (other.acronyms & one.initials)


def possible_acronyms(traits: Traits) -> frozenset[str]:
    """Under which acronyms a company may be known: two that share one share one of these."""
    return traits.acronyms | {each for each in traits.initials if _SHORT <= len(each) <= _LONG}


def holds_brand(traits: Traits, brand: str) -> bool:
    """Whether one of the names holds the brand, in one word, several, or as their initials."""
    return brand in traits.initials or any(brand in name for name in traits.joined)


def is_common_brand(traits: Traits, brand: str, policy: MatchPolicy) -> bool:
    """Whether a brand is a word, or made of words, that many companies have in their names."""
    if brand in policy.generic_words:
        return True
    for name in traits.names:
        words = [word for word in name if word in brand]
        if "".join(words) == brand and policy.generic_words.issuperset(words):
            return True
    return False


def words_beside(traits: Traits, brand: str) -> frozenset[str]:
    """What the names say beside the brand."""
    return frozenset(
        word for name in traits.names for word in name if word not in brand and brand not in word
    )


def is_local_trade(words: Iterable[str]) -> bool:
    """Whether a name, or what it adds to a brand, tells a trade that is plied in one town."""
    return not _TRADES.isdisjoint(words)
