"""Ways to choose at most a thousand exclusions."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from benchmarks.yields.worlds import COUNTRIES, Company, World

CAP = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What to exclude from a new task; or let the search's last task go on as it was created."""

    excluded: Sequence[str] = ()
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One task to plan: so many results of a search, of one country or of all.

    ``order`` is what the vendor would return; only the oracle may look at it.
    """

    search: int
    country: str | None
    wanted: int
    order: Sequence[str]


class Strategy(Protocol):
    """Chooses, and is told what came of it."""

    def begin(self, world: World) -> None:
        """The world as it is before the first task."""

    def tasks(self, world: World, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        """The tasks that are to give so many results together: each with its country, or all."""

    def choose(self, world: World, ask: Ask) -> Choice:
        """The domains to exclude."""

    def learn(self, world: World, ask: Ask, returned: Sequence[str], new: Sequence[str]) -> None:
        """What the task returned, and which of it was new and is in the CRM now."""

    def week(self, world: World) -> None:
        """A week has passed."""

    def close(self) -> None:
        """Nothing more will be asked."""


class _Remembering:
    """Asks for all countries at once, and keeps what each search returned."""

    def __init__(self) -> None:
        self.returned: dict[int, dict[str, None]] = {}

    def begin(self, world: World) -> None:
        """Nothing to prepare."""

    def tasks(self, world: World, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        """One task."""
        del world, search
        return [(None, wanted)]

    def learn(self, world: World, ask: Ask, returned: Sequence[str], new: Sequence[str]) -> None:
        """Keep what was returned, the latest last."""
        del world, new
        self.returned.setdefault(ask.search, {}).update(dict.fromkeys(returned))

    def week(self, world: World) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to give back."""

    def own(self, ask: Ask) -> Collection[str]:
        """What this search returned."""
        return self.returned.get(ask.search, {})


class Simple(_Remembering):
    """A rule that looks at the CRM and at what the search returned before."""

    def __init__(
        self, rule: Callable[[World, Collection[str], Random], list[str]], seed: int
    ) -> None:
        super().__init__()
        self._rule = rule
        self._chance = Random(seed)  # noqa: S311 - a strategy is to be repeatable

    def choose(self, world: World, ask: Ask) -> Choice:
        """What the rule says."""
        return Choice(self._rule(world, self.own(ask), self._chance))


def _nothing(world: World, returned: Collection[str], chance: Random) -> list[str]:
    del world, returned, chance
    return []


def _at_random(world: World, returned: Collection[str], chance: Random) -> list[str]:
    del returned
    held = list(world.held)
    return chance.sample(held, min(CAP, len(held)))


def _newest(world: World, returned: Collection[str], chance: Random) -> list[str]:
    del returned, chance
    return list(world.held)[-CAP:]


def _earlier(world: World, returned: Collection[str], chance: Random) -> list[str]:
    del world, chance
    return list(reversed(list(returned)))[:CAP]


SIMPLE = {
    "none": _nothing,
    "random 1,000": _at_random,
    "newest 1,000": _newest,
    "earlier results": _earlier,
}
"""What people do by hand."""


class Informed(_Remembering):
    """Knows of every trade how much the vendor would return: more than any planner could.

    It reads the trade off each record without error, where the record tells one at all, and its own
    earlier results cost it no exclusion. It knows nothing of single companies. ``by_country``: it
    also knows how many of the records of each country, told or not, the vendor has in another.
    """

    def __init__(self, *, by_country: bool = False) -> None:
        super().__init__()
        self._by_country = by_country

    def tasks(self, world: World, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        """One task, or one for each country, by how many companies it has."""
        if not self._by_country:
            return super().tasks(world, search, wanted)
        return [(country, round(wanted * share)) for country, share in COUNTRIES.items()]

    def choose(self, world: World, ask: Ask) -> Choice:
        """The records of those kinds of which the vendor would return the greatest share."""
        own = self.own(ask)
        held = [world.companies[domain] for domain in world.held if domain not in own]

        def kind(company: Company) -> tuple[int | None, str | None]:
            return company.told, company.crm_country if ask.country else None

        records = Counter(map(kind, held))
        come = [company for company in held if company.suits(ask.search, ask.country)]
        would_come = Counter(map(kind, come))
        asked = set(world.queries[ask.search].split())

        def likely(company: Company) -> tuple[float, int]:
            share = would_come[kind(company)] / records[kind(company)]
            return share, sum(word in asked for word in company.crm_text.split())

        best = sorted(held, key=likely, reverse=True)[:CAP]
        return Choice([*own, *(company.domain for company in best)])


class Oracle(_Remembering):
    """Knows what the vendor would return: excludes exactly what would be wasted."""

    def choose(self, world: World, ask: Ask) -> Choice:
        """Known companies in the order in which they would come back."""
        seen, left = self.own(ask), ask.wanted
        excluded: list[str] = []
        for domain in ask.order:
            if left == 0 or len(excluded) == CAP:
                break
            if domain in world.held or domain in seen:
                excluded.append(domain)
            else:
                left -= 1
        return Choice(excluded)
