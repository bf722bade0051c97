"""Runs: every strategy in the same worlds, wave by wave."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from benchmarks.yields.planner import Planner
from benchmarks.yields.strategies import SIMPLE, Ask, Informed, Oracle, Simple, Strategy
from benchmarks.yields.worlds import World, WorldOptions, make_world, ranking

WAVES = 6
WANTED = 100


@dataclass(slots=True)
class Yield:
    """What one wave came to, over all searches."""

    paid: int = 0
    wasted: int = 0

    @property
    def share(self) -> float:
        """The wasted share of what was paid."""
        return self.wasted / self.paid if self.paid else 0.0

    @property
    def cost_of_new(self) -> float:
        """Paid results for each new company."""
        return self.paid / max(1, self.paid - self.wasted)


@dataclass(slots=True)
class _Task:
    """The vendor's last task of a search: its candidates in order, and what it shows by now.

    A task that goes on looks at the candidates that it was created with, the cautious guess.
    """

    order: Sequence[str]
    excluded: frozenset[str]
    shown: set[str] = field(default_factory=set)

    def show(self, wanted: int) -> list[str]:
        """The next results."""
        left = (one for one in self.order if one not in self.excluded and one not in self.shown)
        found = list(islice(left, wanted))
        self.shown.update(found)
        return found


@dataclass(frozen=True, slots=True)
class Trial:
    """One strategy in one world: a yield for each wave."""

    strategy: str
    options: WorldOptions
    seed: int
    waves: list[Yield] = field(default_factory=list)


def strategies(seed: int) -> Iterator[tuple[str, Callable[[], Strategy]]]:
    """Every strategy by name; the planner and those that know more than it could last."""
    for name, rule in SIMPLE.items():
        yield name, lambda rule=rule: Simple(rule, seed)  # type: ignore[misc]
    yield "planner", Planner
    yield "planner, by country", lambda: Planner(by_country=True)
    yield "informed", Informed
    yield "informed, by country", lambda: Informed(by_country=True)
    yield "oracle", Oracle


def run(name: str, make: Callable[[], Strategy], options: WorldOptions, seed: int) -> Trial:
    """One strategy in a world made for it: its own pushes change the CRM."""
    world, weeks = make_world(options, seed)
    strategy = make()
    trial = Trial(name, options, seed)
    strategy.begin(world)
    lives = [_Life() for _ in range(options.searches)]
    try:
        for wave in range(WAVES):
            came_to = Yield()
            for search in range(options.searches):
                luck = seed * 10_007 + wave * 101 + search
                for country, wanted in strategy.tasks(world, search, WANTED):
                    ask = Ask(
                        search=search,
                        country=country,
                        wanted=wanted,
                        order=ranking(world, search, luck, country),
                    )
                    lives[search].run(strategy, world, ask, came_to)
            trial.waves.append(came_to)
            next(weeks)
            strategy.week(world)
    finally:
        strategy.close()
    return trial


@dataclass(slots=True)
class _Life:
    """What a search has had: its last task for each country, and every company it returned."""

    tasks: dict[str | None, _Task] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def run(self, strategy: Strategy, world: World, ask: Ask, came_to: Yield) -> None:
        """One paid task, or one more piece of the last one."""
        choice = strategy.choose(world, ask)
        if not choice.goes_on:
            self.tasks[ask.country] = _Task(ask.order, frozenset(choice.excluded))
        returned = self.tasks[ask.country].show(ask.wanted)
        new = [one for one in returned if one not in world.held and one not in self.known]
        came_to.paid += len(returned)
        came_to.wasted += len(returned) - len(new)
        self.known.update(returned)
        for domain in new:  # pushed to the CRM with what the vendor says of it
            world.held[domain] = None
            company = world.companies[domain]
            company.crm_text, company.told = company.text, company.trade
            company.crm_country = company.country
        strategy.learn(world, ask, returned, new)
