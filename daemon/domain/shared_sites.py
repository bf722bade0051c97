"""Whether two companies that give one website are all the same told apart by the rest."""

import re
from enum import StrEnum
from typing import Final

from daemon.domain.legal_names import normalise_name
from daemon.domain.resemblance import (
    Agreement,
    MatchPolicy,
    Traits,
    best_agreement,
    brand_of,
    holds_brand,
    shared_acronyms,
    words_beside,
)
from daemon.domain.word_lists import words_in

_TELLING: Final = 4
"""Letters; a shorter word stands in many paths by chance."""

_ACADEMIC_DOMAIN: Final = re.compile(
    r"\.edu$|\.(?:edu|ac)\.[a-z]{2}$"
    r"|^(?:.*-)?(?:uni|univ|universit\w*|hochschule|college)(?:-.*)?\."
    r"|^(?:fh|hs|th|tu)-\w+\.|^uni[a-z]{2}\.(?:it|ch)$"
    r"|^(?:aalto|dtu|epfl|ethz|kth|kuleuven|lmu|ntnu|polimi|polito|tudelft|tuwien|tum|wur)\."
)
"""Domains below which an institution of learning lets others have pages."""
_ACADEMIC_NAME: Final = re.compile(
    r"\b(?:\w*universi\w*|universytet\w*|uniwersytet\w*|yliopisto|egyetem|hochschule|\w+hochschule"
    r"|hogeschool|hogskola\w*|hojskole|polytechni\w*|politechnika|politecnico|politecnica)\b"
)
_UNITS: Final = re.compile(
    r"\b(?:(\w*klini(?:k|c)\w*|\w*hospital\w*|\w*krankenhaus|\w*sjukhus\w*|sygehus|sykehus"
    r"|\w*ziekenhuis|nemocnice|szpital|umc|\w*medizin\w*|medical|medicine|health)"
    r"|(studie\w+werk|student\w*|guild|asta|stura|fachschaft\w*|junior)"
    r"|(alumni\w*|absolvent\w*|friends|freunde\w*|forderverein|foundation)"
    r"|(labs?|labor\w*)"
    r"|(spin ?off|spinout|start ?up\w*|grunder\w*|incubator|accelerator|inkubator|innovations?"
    r"|ventures?|transfer|enterprises?|science park)"
    r"|(librar\w+|\w*bibliothe\w*|bibliote\w+|press|verlag|museum\w*|archiv\w*)"
    r"|(sports?|athletics|hochschulsport|unisport|radio|orchest\w+|choir|mensa|kita|kindergarten)"
    r"|(\w*weiterbildung|executive|business school|law school))\b"
)
"""What is on an institution's site and has a name and a till of its own, one kind a group."""
_PLAIN_HOSTS: Final = words_in(
    """
    de en es fr global home int international intl it new nl old portal pt web www www1 www2 www3
    """
)


class Contradiction(StrEnum):
    """Why one website is not proof enough that two companies are one."""

    BRANCHES = "branches"  # franchisees or branches in two cities on the site of their brand
    PORTAL = "portal"  # the address is a page about the company on another's site
    CHANGED_HANDS = "changed_hands"  # two names and countries, one of which the domain is of
    INSTITUTION = "institution"  # a clinic, union or spin-off on the site of a university
    ONE_ACCOUNT = "one_account"  # two sites that one account has at a site builder


def contradiction_of(
    one: Traits, other: Traits, key: str, names: tuple[str, str], website: str
) -> Contradiction | None:
    """What speaks against two companies of one website being one, or None.

    ``key`` is that of their common website, ``names`` are theirs as written, ``website`` is the
    text of the one's.
    """
    brand = brand_of(key)
    if key.startswith("host:"):
        return Contradiction.ONE_ACCOUNT if _are_two_sites(one, other, brand, website) else None
    if ":" in key:
        return None
    if _is_part_of_institution(one, other, key, names, website):
        return Contradiction.INSTITUTION
    held = (holds_brand(one, brand), holds_brand(other, brand))
    if all(held):
        return Contradiction.BRANCHES if _are_branches(one, other, brand) else None
    return _of_apart(one, other, names[0], website, is_ones=any(held))


def _of_apart(
    one: Traits, other: Traits, name: str, website: str, *, is_ones: bool
) -> Contradiction | None:
    """``is_ones``: the domain is named like one of the two."""
    if not _names_are_apart(one, other):
        return None
    if is_ones:
        return Contradiction.CHANGED_HANDS if _differ(one.country, other.country) else None
    return Contradiction.PORTAL if _is_page_about(name, website) else None


def _differ(place: str, other: str) -> bool:
    return bool(place and other) and place != other


def _are_branches(one: Traits, other: Traits, brand: str) -> bool:
    return _go_apart(one, other, brand) and _differ(one.city, other.city)


def _go_apart(one: Traits, other: Traits, brand: str) -> bool:
    beside, known_beside = words_beside(one, brand), words_beside(other, brand)
    return bool(beside and known_beside) and beside.isdisjoint(known_beside)


def _are_two_sites(one: Traits, other: Traits, brand: str, website: str) -> bool:
    """Two names on one account's host, of which one has a path of its own there."""
    _, path = _host_and_path(website)
    return bool(path) and _go_apart(one, other, brand)


def _is_part_of_institution(
    one: Traits, other: Traits, key: str, names: tuple[str, str], website: str
) -> bool:
    """Whether one is a clinic, a union, a laboratory … of the other, with a name of its own."""
    name, known_name = map(normalise_name, names)
    academic = _ACADEMIC_DOMAIN.search(key) or any(map(_ACADEMIC_NAME.search, (name, known_name)))
    if not academic or shared_acronyms(one, other):
        return False
    if best_agreement(one, other, MatchPolicy())[0] is not Agreement.NONE:
        return False
    brand = brand_of(key)
    if _units_in(name) != _units_in(known_name) and brand not in one.joined | other.joined:
        return True
    host, _ = _host_and_path(website)
    labels = host.removesuffix(key).strip(".").split(".")
    return any(label and label not in _PLAIN_HOSTS for label in labels) or (
        not holds_brand(one, brand) and _is_page_about(names[0], website)
    )


def _units_in(name: str) -> frozenset[int | None]:
    return frozenset(found.lastindex for found in _UNITS.finditer(name))


def _host_and_path(website: str) -> tuple[str, str]:
    """In lower case, the path without slashes at its ends."""
    address = website.strip().lower().rpartition("//")[2]
    host, _, path = address.partition("/")
    return host.rpartition("@")[2].partition(":")[0], path.strip("/")


def _names_are_apart(one: Traits, other: Traits) -> bool:
    """No word, acronym or part in common, in letters that can be compared."""
    if shared_acronyms(one, other):
        return False
    names, others = one.names + one.aliases, other.names + other.aliases
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
    _, path = _host_and_path(website)
    path = normalise_name(path.replace("-", " "))
    words = [word for word in normalise_name(name).split() if len(word) >= _TELLING]
    return bool(words) and sum(word in path for word in words) >= min(len(words), 2)
