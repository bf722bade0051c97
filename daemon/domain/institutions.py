"""A university's site, on which its clinics, unions, spin-offs and laboratories have pages."""

import re
from typing import Final

from daemon.domain.legal_names import normalise_name
from daemon.domain.own_words import host_and_path
from daemon.domain.resemblance import (
    Agreement,
    MatchPolicy,
    Traits,
    best_agreement,
    brand_of,
    holds_brand,
    shared_acronyms,
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


def are_institutions(*names: str) -> bool:
    """Whether each name is that of an institution of learning, in whatever language."""
    return all(map(_ACADEMIC_NAME.search, map(normalise_name, names)))


def is_part_of_institution(
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
    host, _ = host_and_path(website)
    labels = host.removesuffix(key).strip(".").split(".")
    return any(label and label not in _PLAIN_HOSTS for label in labels) or (
        not holds_brand(one, brand) and _is_page_about(names[0], website)
    )


def _units_in(name: str) -> frozenset[int | None]:
    return frozenset(found.lastindex for found in _UNITS.finditer(name))


def _is_page_about(name: str, website: str) -> bool:
    """Whether the path, not the host, holds the company's name."""
    _, path = host_and_path(website)
    path = normalise_name(path.replace("-", " "))
    words = [word for word in normalise_name(name).split() if len(word) >= _TELLING]
    return bool(words) and sum(word in path for word in words) >= min(len(words), 2)
