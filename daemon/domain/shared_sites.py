"""Whether two companies that give one website are all the same told apart by the rest."""

from enum import StrEnum
from typing import Final

from daemon.domain.legal_names import normalise_name
from daemon.domain.resemblance import Traits, holds_brand, shared_acronyms, words_beside

_TELLING: Final = 4
"""Letters; a shorter word stands in many paths by chance."""


class Contradiction(StrEnum):
    """Why one website is not proof enough that two companies are one."""

    BRANCHES = "branches"  # franchisees or branches in two cities on the site of their brand
    PORTAL = "portal"  # the address is a page about the company on another's site
    CHANGED_HANDS = "changed_hands"  # two names and countries, one of which the domain is of


def contradiction_of(
    one: Traits, other: Traits, brand: str, name: str, website: str
) -> Contradiction | None:
    """What speaks against two companies of one website being one, or None.

    ``brand`` is that of the website's key, ``name`` and ``website`` are the found company's, whose
    traits are ``one``.
    """
    held = (holds_brand(one, brand), holds_brand(other, brand))
    if all(held):
        return Contradiction.BRANCHES if _are_branches(one, other, brand) else None
    if not _names_are_apart(one, other):
        return None
    if not any(held):
        return Contradiction.PORTAL if _is_page_about(name, website) else None
    return Contradiction.CHANGED_HANDS if _differ(one.country, other.country) else None


def _differ(place: str, other: str) -> bool:
    return bool(place and other) and place != other


def _are_branches(one: Traits, other: Traits, brand: str) -> bool:
    beside, known_beside = words_beside(one, brand), words_beside(other, brand)
    apart = bool(beside and known_beside) and beside.isdisjoint(known_beside)
    return apart and _differ(one.city, other.city)


def _names_are_apart(one: Traits, other: Traits) -> bool:
    """No word, acronym or part in common, in letters that can be compared."""
    if shared_acronyms(one, other):
        return False
    names, others = one.names, other.names
    if not names or not others or not all("".join(each).isascii() for each in names + others):
        return False
    joined, known_joined = map("".join, names), tuple(map("".join, others))
    if any(a in b or b in a for a in joined for b in known_joined):
        return False
    return {word for each in names for word in each}.isdisjoint(
        word for each in others for word in each
    )


def _is_page_about(name: str, website: str) -> bool:
    """Whether the path, not the host, holds the company's name."""
    _, _, address = website.rpartition("//")
    path = normalise_name(address.partition("/")[2].replace("-", " "))
    words = [word for word in normalise_name(name).split() if len(word) >= _TELLING]
    return bool(words) and sum(word in path for word in words) >= min(len(words), 2)
