"""Runs: every strategy in the same worlds, wave by wave."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.yields.planner import Planner
from benchmarks.yields.strategies import SIMPLE, Oracle, Simple, Strategy
from benchmarks.yields.worlds import World, WorldOptions, make_world, ranking
from daemon.domain.waves import PROBE

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


@dataclass(frozen=True, slots=True)
class Trial:
    """One strategy in one world: a yield for each wave."""

    strategy: str
    options: WorldOptions
    seed: int
    waves: list[Yield] = field(default_factory=list)


def strategies(seed: int) -> Iterator[tuple[str, Callable[[], Strategy]]]:
    """Every strategy by name; the planner and the oracle last."""
    for name, rule in SIMPLE.items():
        yield name, lambda rule=rule: Simple(rule, seed)  # type: ignore[misc]
    yield "planner", Planner
    yield "oracle", Oracle


def run(name: str, make: Callable[[], Strategy], options: WorldOptions, seed: int) -> Trial:
    """One strategy in a world made for it: its own pushes change the CRM."""
    world, weeks = make_world(options, seed)
    strategy = make()
    trial = Trial(name, options, seed)
    strategy.begin(world)
    seen: dict[int, set[str]] = {}
    try:
        for wave in range(WAVES):
            came_to = Yield()
            for search in range(options.searches):
                for wanted in _tasks(strategy, world, search, WANTED):
                    known = seen.setdefault(search, set())
                    task_seed = seed * 10_007 + wave * 101 + search
                    _task(strategy, world, search, wanted, task_seed, known, came_to)
            trial.waves.append(came_to)
            next(weeks)
            strategy.week(world)
    finally:
        if isinstance(strategy, Planner):
            strategy.close()
    return trial


def _tasks(strategy: Strategy, world: World, search: int, wanted: int) -> Sequence[int]:
    if isinstance(strategy, Planner) and strategy.probes(world, search, wanted):
        return (PROBE, wanted - PROBE)
    return (wanted,)


def _task(
    strategy: Strategy,
    world: World,
    search: int,
    wanted: int,
    task_seed: int,
    known: set[str],
    came_to: Yield,
) -> None:
    order = ranking(world, search, task_seed)
    excluded = set(strategy.choose(world, search, order, wanted))
    returned = [domain for domain in order if domain not in excluded][:wanted]
    new = [domain for domain in returned if domain not in world.held and domain not in known]
    came_to.paid += len(returned)
    came_to.wasted += len(returned) - len(new)
    known.update(returned)
    for domain in new:  # pushed to the CRM with the vendor's own text
        world.held[domain] = None
        world.companies[domain].crm_text = world.companies[domain].text
    strategy.learn(world, search, returned, new)
