"""Ways to choose at most a thousand exclusions."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from benchmarks.yields.worlds import Company, World

CAP = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What to exclude from a new task; or let the search's last task go on as it was created."""

    excluded: Sequence[str] = ()
    goes_on: bool = False


class Strategy(Protocol):
    """Chooses, and is told what came of it."""

    def begin(self, world: World) -> None:
        """The world as it is before the first task."""

    def choose(self, world: World, search: int, order: Sequence[str], wanted: int) -> Choice:
        """The domains to exclude; only the oracle may look at ``order``."""

    def learn(self, world: World, search: int, returned: Sequence[str], new: Sequence[str]) -> None:
        """What the task returned, and which of it was new and is in the CRM now."""

    def week(self, world: World) -> None:
        """A week has passed."""


class Simple:
    """A rule that looks at the CRM and at what the search returned before."""

    def __init__(
        self, rule: Callable[[World, Sequence[str], Random], list[str]], seed: int
    ) -> None:
        self._rule = rule
        self._chance = Random(seed)  # noqa: S311 - a strategy is to be repeatable
        self._returned: dict[int, list[str]] = {}

    def begin(self, world: World) -> None:
        """Nothing to prepare."""

    def choose(self, world: World, search: int, order: Sequence[str], wanted: int) -> Choice:
        """What the rule says."""
        del order, wanted
        return Choice(self._rule(world, self._returned.get(search, []), self._chance))

    def learn(self, world: World, search: int, returned: Sequence[str], new: Sequence[str]) -> None:
        """Keep what was returned."""
        del world, new
        self._returned.setdefault(search, []).extend(returned)

    def week(self, world: World) -> None:
        """Nothing to do."""


def _nothing(world: World, returned: Sequence[str], chance: Random) -> list[str]:
    del world, returned, chance
    return []


def _at_random(world: World, returned: Sequence[str], chance: Random) -> list[str]:
    del returned
    held = list(world.held)
    return chance.sample(held, min(CAP, len(held)))


def _newest(world: World, returned: Sequence[str], chance: Random) -> list[str]:
    del returned, chance
    return list(world.held)[-CAP:]


def _earlier(world: World, returned: Sequence[str], chance: Random) -> list[str]:
    del world, chance
    return list(dict.fromkeys(reversed(returned)))[:CAP]


SIMPLE = {
    "none": _nothing,
    "random 1,000": _at_random,
    "newest 1,000": _newest,
    "earlier results": _earlier,
}
"""What people do by hand."""


class Informed:
    """The most that records could tell: it knows of every trade how much the vendor would return.

    It reads the trade off each record without error, where the record tells one at all, and its own
    earlier results cost it no exclusion. It knows nothing of single companies.
    """

    def __init__(self) -> None:
        self._returned: dict[int, set[str]] = {}

    def begin(self, world: World) -> None:
        """Nothing to prepare."""

    def choose(self, world: World, search: int, order: Sequence[str], wanted: int) -> Choice:
        """The records of those trades of which the vendor would return the greatest share."""
        del order, wanted
        own = self._returned.get(search, set())
        held = [world.companies[domain] for domain in world.held if domain not in own]
        records = Counter(company.told for company in held)
        would_come = Counter(company.told for company in held if search in company.fit)
        asked = set(world.queries[search].split())

        def likely(company: Company) -> tuple[float, int]:
            share = would_come[company.told] / records[company.told]
            return share, sum(word in asked for word in company.crm_text.split())

        best = sorted(held, key=likely, reverse=True)[:CAP]
        return Choice([*own, *(company.domain for company in best)])

    def learn(self, world: World, search: int, returned: Sequence[str], new: Sequence[str]) -> None:
        """Keep what was returned."""
        del world, new
        self._returned.setdefault(search, set()).update(returned)

    def week(self, world: World) -> None:
        """Nothing to do."""


class Oracle:
    """Knows what the vendor would return: excludes exactly what would be wasted."""

    def __init__(self) -> None:
        self._returned: dict[int, set[str]] = {}

    def begin(self, world: World) -> None:
        """Nothing to prepare."""

    def choose(self, world: World, search: int, order: Sequence[str], wanted: int) -> Choice:
        """Known companies in the order in which they would come back."""
        seen = self._returned.get(search, set())
        excluded: list[str] = []
        left = wanted
        for domain in order:
            if left == 0 or len(excluded) == CAP:
                break
            if domain in world.held or domain in seen:
                excluded.append(domain)
            else:
                left -= 1
        return Choice(excluded)

    def learn(self, world: World, search: int, returned: Sequence[str], new: Sequence[str]) -> None:
        """Keep what was returned."""
        del world, new
        self._returned.setdefault(search, set()).update(returned)

    def week(self, world: World) -> None:
        """Nothing to do."""
