"""The companies that a sandbox's CRM holds before the first search: overlapping, and messy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gcd

import idna

from daemon.sandbox.chance import Draws, mix
from daemon.sandbox.names import spell_website
from daemon.sandbox.worlds import World, WorldCompany

_MOST_KNOWN = 0.8  # of a CRM's records, however small it is


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCompany:
    """One record to seed a simulated CRM with, as people typed it.

    ``index`` is the company's number in the world (at or beyond its size: a stranger).
    """

    index: int
    name: str
    domain: str | None
    website: str | None
    additional_domains: tuple[str, ...]
    country: str | None
    city: str | None
    industry: str | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelling:
    """How one record tells its domains."""

    domain: str | None = None
    website: str | None = None
    additional_domains: tuple[str, ...] = ()


def make_crm(
    world: World,
    *,
    seed: int,
    size: int,
    known_share: float = 0.5,
    duplicate_share: float = 0.0,
) -> Iterator[CrmCompany]:
    """``size`` records, made one by one; the same for the same arguments.

    About ``known_share`` of the world's companies are among them (fewer where the CRM is too
    small); the others are strangers that no search finds. ``duplicate_share`` of the records are
    other records over again, spelled another way.
    """
    known = min(round(world.size * known_share), round(size * _MOST_KNOWN))
    order = _shuffled(world.size, seed)
    strangers = world.size
    previous: int | None = None
    for position in range(size):
        draws = Draws(seed, position)
        before, after = position * known // size, (position + 1) * known // size
        if previous is not None and draws.chance(duplicate_share):
            index = previous
        elif after > before:
            index = order(before)
        else:
            index, strangers = strangers, strangers + 1
        previous = index
        yield _record(world.company(index), draws)


def _shuffled(size: int, seed: int) -> Callable[[int], int]:
    """Every number below ``size`` once, in an order that needs no list."""
    step = mix(seed) % max(size, 1) | 1
    while gcd(step, size) > 1:
        step += 2
    start = mix(seed + 1)
    return lambda at: (start + at * step) % size


def _record(company: WorldCompany, draws: Draws) -> CrmCompany:
    spelling = _spelling(company, draws)
    return CrmCompany(
        index=company.index,
        name=company.name.upper() if draws.chance(0.05) else company.name,
        domain=spelling.domain,
        website=spelling.website,
        additional_domains=spelling.additional_domains,
        country=company.country if draws.chance(0.8) else None,
        city=company.city if draws.chance(0.7) else None,
        industry=company.industry if draws.chance(0.6) else None,
        description=company.description if draws.chance(0.5) else None,
    )


def _spelling(company: WorldCompany, draws: Draws) -> _Spelling:
    domain, also = company.domain, company.aliases
    if domain is None:
        return _Spelling(website=company.website or None)
    if also and draws.chance(0.5):
        return _Spelling(domain=also[0], additional_domains=(domain,))
    style = draws.below(16)
    if style < len(_MESSY):
        return _Spelling(domain=_MESSY[style](domain), additional_domains=also)
    if style in _ONLY_WEBSITE:
        website = spell_website(domain, draws.below(16))
        return _Spelling(website=website, additional_domains=also)
    if style == _ONLY_ADDITIONAL:
        return _Spelling(additional_domains=(*also, f"WWW.{domain}"))
    usual = company.website if draws.chance(0.5) else None
    return _Spelling(domain=domain, website=usual, additional_domains=also)


_MESSY: tuple[Callable[[str], str], ...] = (
    lambda domain: f"www.{domain}",
    lambda domain: domain.upper(),
    lambda domain: f"https://www.{domain}/",
    lambda domain: str(idna.decode(domain)),
    lambda domain: f" {domain}. ",
)
_ONLY_WEBSITE = frozenset({5, 6, 7})
_ONLY_ADDITIONAL = 8
