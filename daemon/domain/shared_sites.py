"""Whether two companies that give one website are all the same told apart by the rest."""

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daemon.domain.institutions import are_institutions, is_part_of_institution
from daemon.domain.legal_names import bears_legal_form, normalise_name
from daemon.domain.own_words import (
    host_and_path,
    is_own_page,
    operator_of,
    own_words,
    telling_words,
)
from daemon.domain.resemblance import (
    Agreement,
    MatchPolicy,
    Traits,
    best_agreement,
    brand_of,
    is_local_trade,
    shared_acronyms,
    words_beside,
)
from daemon.domain.site_marks import AGENT, BRANCH, DAUGHTER, GROUP_SITE, SPIN_OFF

_TELLING: Final = 4
"""Letters; a shorter word or domain is like many by chance."""
_OF_A_PERSON: Final = 2
"""Words: as many as a first and a family name."""


class Contradiction(StrEnum):
    """Why one website is not proof enough that two companies are one."""

    BRANCHES = "branches"  # franchisees or branches on the site of their brand
    AGENTS = "agents"  # two owners, agents or spin-offs on the site of one brand
    DAUGHTERS = "daughters"  # companies of one group on its site
    PORTAL = "portal"  # the address is about the company on another's site
    CHANGED_HANDS = "changed_hands"  # two names and places, of which the domain is one's
    INSTITUTION = "institution"  # a clinic, union or spin-off on the site of a university
    ONE_ACCOUNT = "one_account"  # two sites that one account has at a site builder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sharing:
    """Two companies that give one domain, and what each name keeps for itself."""

    one: Traits
    other: Traits
    key: str
    names: tuple[str, str]
    website: str
    own: frozenset[str]
    others_own: frozenset[str]

    @property
    def brand(self) -> str:
        """What the domain is called."""
        return brand_of(self.key)

    @property
    def other_city(self) -> bool:
        """Both cities are known, and neither is a part of the other."""
        city, other = self.one.city, self.other.city
        return bool(city and other) and city not in other and other not in city

    @property
    def other_country(self) -> bool:
        """Both countries are known and differ."""
        country, other = self.one.country, self.other.country
        return bool(country and other) and country != other

    @property
    def has_own_page(self) -> bool:
        """The address is about the one and not about the other."""
        return is_own_page(self.own, self.key, self.website)

    @property
    def forms(self) -> bool:
        """Both are registered under these names."""
        countries = (self.one.country, self.other.country)
        return all(map(bears_legal_form, self.names, countries))

    @property
    def is_of_its_city(self) -> bool:
        """Its city tells the one from the other, which is named after something else."""
        return self.one.city in self.own and telling_words(self.others_own) > 0

    @property
    def is_with_a_branch(self) -> bool:
        """One of the two calls itself a branch, and the other does not."""
        marks = [BRANCH.search(normalise_name(name)) is None for name in self.names]
        return marks[0] != marks[1]

    def bears(self, *marks: re.Pattern[str]) -> bool:
        """Whether one of the names has one of the marks."""
        texts = tuple(map(normalise_name, self.names))
        return any(mark.search(text) for mark in marks for text in texts)


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
    if is_part_of_institution(one, other, key, names, website):
        return Contradiction.INSTITUTION
    sharing = _Sharing(
        one=one,
        other=other,
        key=key,
        names=names,
        website=website,
        own=own_words(one, other, brand),
        others_own=own_words(other, one, brand),
    )
    return _of_operators(sharing) or _of_names(sharing)


def _of_operators(sharing: _Sharing) -> Contradiction | None:
    """Two owners or companies that run shops of one brand; or one, in another place."""
    operator = _operator_beside(sharing.names[0], sharing.other, sharing.brand)
    other = _operator_beside(sharing.names[1], sharing.one, sharing.brand)
    if operator and other:
        return Contradiction.AGENTS if operator.isdisjoint(other) else None
    apart = sharing.other_city or (bool(operator) and sharing.has_own_page)
    return Contradiction.AGENTS if (operator or other) and apart else None


def _operator_beside(name: str, other: Traits, brand: str) -> frozenset[str]:
    """Who runs the one's shop, in words, unless the other is called after them."""
    operator = frozenset(operator_of(name, brand).split())
    return operator if operator.isdisjoint(itertools.chain(*other.names)) else frozenset()


def _of_names(sharing: _Sharing) -> Contradiction | None:
    """One name that only says more than the other is that of the same company."""
    one, other = sharing.one, sharing.other
    if shared_acronyms(one, other):
        return None
    if best_agreement(one, other, MatchPolicy())[0] is not Agreement.NONE:
        return None
    held = (_begins_with(one, sharing.brand), _begins_with(other, sharing.brand))
    if _names_are_apart(one, other) and not all(held):
        return _of_apart(sharing, *held)
    if sharing.own and sharing.others_own:
        return _of_one_brand(sharing, is_theirs=any(held))
    return _of_longer_name(sharing, *held)


def _of_longer_name(sharing: _Sharing, is_ones: bool, is_others: bool) -> Contradiction | None:
    """One name only says more than the other: it may be an agent's, or a registered one."""
    longer = (sharing.own, sharing.others_own)
    for name, words, is_brand in zip(sharing.names, longer, (is_ones, is_others), strict=True):
        marks = (AGENT,) if is_brand else (AGENT, SPIN_OFF)
        text = normalise_name(name)
        if telling_words(words) and any(mark.search(text) for mark in marks):
            return Contradiction.AGENTS
    registered = bears_legal_form(sharing.names[0], sharing.one.country)
    apart = registered and (sharing.other_city or sharing.forms)
    return Contradiction.DAUGHTERS if apart and sharing.has_own_page else None


def _of_one_brand(sharing: _Sharing, *, is_theirs: bool) -> Contradiction | None:
    """The names have something in common, and each keeps something else."""
    if sharing.bears(AGENT, SPIN_OFF):
        return Contradiction.AGENTS
    if sharing.is_with_a_branch:
        return None
    if sharing.other_city or sharing.has_own_page or sharing.is_of_its_city:
        return Contradiction.BRANCHES
    label = sharing.key.partition(".")[0]
    if sharing.forms or GROUP_SITE.search(label) or sharing.bears(DAUGHTER):
        return Contradiction.DAUGHTERS
    telling = min(telling_words(sharing.own), telling_words(sharing.others_own))
    if telling and not is_theirs and len(sharing.brand) >= _TELLING:
        return Contradiction.PORTAL
    return Contradiction.AGENTS if telling >= _OF_A_PERSON else None


def _of_apart(sharing: _Sharing, is_ones: bool, is_others: bool) -> Contradiction | None:
    """The names have nothing in common; the domain may be named like one of the two."""
    if not is_ones and sharing.has_own_page:
        return Contradiction.PORTAL
    if _is_additional(sharing) or are_institutions(*sharing.names):
        return None
    if is_ones or is_others:
        is_ones_branch = sharing.one.city in sharing.own or sharing.has_own_page
        moved = sharing.other_country or (sharing.other_city and (is_others or is_ones_branch))
        return Contradiction.CHANGED_HANDS if moved else None
    elsewhere = sharing.other_country or sharing.other_city
    return Contradiction.PORTAL if elsewhere or len(sharing.brand) >= _TELLING else None


def _is_additional(sharing: _Sharing) -> bool:
    """The other has a website of its own name besides: this one was added to it on purpose."""
    return len(sharing.other.brands) > 1


def _begins_with(traits: Traits, brand: str) -> bool:
    """Whether the brand is a name's, its first words', or those of its beginning's initials."""
    if not brand:
        return False
    words = (name[at:] for name in traits.names + traits.aliases for at in range(len(name)))
    if any("".join(each).startswith(brand) for each in (*words, *traits.joined)):
        return True
    if any(
        len(word) >= _TELLING and word in brand and not is_local_trade((word,))
        for name in traits.names
        for word in name
    ):
        return True
    return any(initials.startswith(brand) for initials in traits.initials)


def _go_apart(one: Traits, other: Traits, brand: str) -> bool:
    beside, known_beside = words_beside(one, brand), words_beside(other, brand)
    return bool(beside and known_beside) and beside.isdisjoint(known_beside)


def _are_two_sites(one: Traits, other: Traits, brand: str, website: str) -> bool:
    """Two names on one account's host: one has a path of its own there, or it is neither's."""
    _, path = host_and_path(website)
    if path and _go_apart(one, other, brand):
        return True
    held = _begins_with(one, brand) or _begins_with(other, brand)
    return len(brand) >= _TELLING and not held and _names_are_apart(one, other)


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
