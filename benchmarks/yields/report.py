"""The outcome as tables, bars and a page of the documentation."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.yields.trials import WANTED, WAVES, Trial, Yield

GOAL_LATER = 0.05
GOAL_FIRST = 0.5
SIMPLE_ONES = ("none", "random 1,000", "newest 1,000", "earlier results")
PLANNERS = ("planner", "planner, by country")
INFORMED = ("informed", "informed, by country")
STRATEGIES = (*SIMPLE_ONES, *PLANNERS, *INFORMED, "oracle")
_HEADS = (
    "World",
    "Best simple",
    "Planner",
    "By country",
    "Half?",
    "Planner, on average",
    "worst wave",
    "By country, on average",
    "worst wave",
    "Up to 5?",
)
_BAR = 40


def together(trials: Iterable[Trial], name: str) -> list[Yield]:
    """The waves of one strategy over all seeds, added up."""
    total = [Yield() for _ in range(WAVES)]
    for trial in trials:
        if trial.strategy == name:
            for wave, each in zip(total, trial.waves, strict=True):
                wave.paid += each.paid
                wave.wasted += each.wasted
    return total


def best_simple(trials: Sequence[Trial]) -> float:
    """The best simple strategy's waste in the first wave."""
    return min(together(trials, name)[0].share for name in SIMPLE_ONES)


def is_half(trials: Sequence[Trial], name: str) -> bool:
    """Whether a planner wastes half of that or less."""
    return together(trials, name)[0].share <= GOAL_FIRST * best_simple(trials)


def above_oracle(trials: Sequence[Trial], name: str) -> tuple[float, float]:
    """How far a planner is above the oracle from the second wave on: on average, and at worst."""
    planner, oracle = together(trials, name)[1:], together(trials, "oracle")[1:]
    gaps = [one.share - other.share for one, other in zip(planner, oracle, strict=True)]
    return _over_all(planner).share - _over_all(oracle).share, max(gaps)


def is_near(trials: Sequence[Trial], name: str) -> bool:
    """Whether that is little enough in each wave."""
    return above_oracle(trials, name)[1] <= GOAL_LATER


def show(console: Console, world: str, trials: Sequence[Trial]) -> None:
    """A table of one world: wasted share and cost of a new company, for each wave."""
    table = Table(title=world, box=None, pad_edge=False, title_justify="left")
    table.add_column("strategy")
    for wave in range(WAVES):
        table.add_column(f"wave {wave + 1}", justify="right")
    table.add_column("wasted over all waves")
    for name in STRATEGIES:
        waves = together(trials, name)
        cells = [f"{each.share:.1%} {each.cost_of_new:.2f}" for each in waves]
        table.add_row(name, *cells, _bar(_over_all(waves).share))
    console.print(table)


def page(results: dict[str, list[Trial]], *, seeds: int, first: int) -> str:
    """The page of the documentation."""
    lines = [
        "# What exclusions save",
        "",
        "Made by `make bench-yield`. In each made-up world, every strategy is run alone, over the",
        f"same {WAVES} weekly waves of three searches, {WANTED} results a task, {seeds} seeds from",
        f"{first} on. The planner was made in worlds of these kinds, with other seeds. A result is",
        "wasted when the CRM holds the company already or the search returned it before.",
        "",
        "- The *planner* is the daemon's own, on its own store; it sees what the daemon would see,",
        "  and lets a task go on where it thinks that better. *By country*, its searches name the",
        "  six countries of these worlds, so that each of them has exclusions of its own.",
        "- *Informed* knows of each trade how much of it the vendor would return, reads the trade",
        "  off every record that tells one, and need not exclude its own results. *By country*, it",
        "  also knows how many of the records of each country the vendor has in another. No",
        "  planner knows as much: what it wastes shows how little the records tell.",
        "- The *oracle* knows which companies the vendor is about to return.",
        "",
        "The worlds are described in `benchmarks/yields/worlds.py`; the planner knows nothing of",
        "them.",
        "",
        "Two goals: in the first wave at most half of the waste of the best simple strategy; from",
        "the second wave on, in each, at most 5 percentage points more than the oracle. The first",
        "columns are wasted shares of the first wave, the later ones points above the oracle over",
        "waves 2 to 6. Both goals are told for the planner, then for the planner by country.",
        "",
        f"| {' | '.join(_HEADS)} |",
        "|---|---:|---:|---:|---|---:|---:|---:|---:|---|",
        *(_line(world, trials) for world, trials in results.items()),
        "",
        *_counts(list(results.values())),
        "",
        "What is missing has several causes: records whose text says nothing or something wrong,",
        "which nothing in the store tells from others; look-alikes of which only the vendor knows",
        "that it does not return them; trades beside a search's own, of which few results told so",
        "far; and, in late waves, more known companies in a market than a task can exclude, of",
        "which only the oracle knows which the vendor would return next. By country, the last is",
        "rare; companies with offices in two countries, and wrong countries in the CRM, come in",
        "its place.",
    ]
    for world, trials in results.items():
        lines += ["", f"## {world}", "", *_table(trials), "", "```text", *_plot(trials), "```"]
    return "\n".join(lines) + "\n"


def _line(world: str, trials: Sequence[Trial]) -> str:
    first = [together(trials, name)[0].share for name in PLANNERS]
    cells = [world, *(f"{share:.1%}" for share in (best_simple(trials), *first))]
    cells.append(", ".join(_yes(is_half(trials, name)) for name in PLANNERS))
    for name in PLANNERS:
        cells += [f"{gap * 100:.1f}" for gap in above_oracle(trials, name)]
    cells.append(", ".join(_yes(is_near(trials, name)) for name in PLANNERS))
    return f"| {' | '.join(cells)} |"


def _counts(worlds: Sequence[Sequence[Trial]]) -> list[str]:
    halves = [sum(is_half(trials, name) for trials in worlds) for name in PLANNERS]
    near = [sum(is_near(trials, name) for trials in worlds) for name in (*PLANNERS, *INFORMED)]
    return [
        f"Of {len(worlds)} worlds, the first goal is reached in {halves[0]} by the planner and in",
        f"{halves[1]} by country, the second in {near[0]} and in {near[1]}. The informed one would",
        f"reach the second in {near[2]}, and by country in {near[3]}.",
    ]


def _table(trials: Sequence[Trial]) -> list[str]:
    heads = " | ".join(f"Wave {wave + 1}" for wave in range(WAVES))
    lines = [f"| Wasted (paid for each new one) | {heads} |", "|---|" + "---:|" * WAVES]
    for name in STRATEGIES:
        cells = " | ".join(
            f"{each.share:.1%} ({each.cost_of_new:.2f})" for each in together(trials, name)
        )
        lines.append(f"| {name} | {cells} |")
    return lines


def _plot(trials: Sequence[Trial]) -> list[str]:
    return [f"{name:21}{_bar(_over_all(together(trials, name)).share)}" for name in STRATEGIES]


def _over_all(waves: Sequence[Yield]) -> Yield:
    return Yield(paid=sum(w.paid for w in waves), wasted=sum(w.wasted for w in waves))


def _bar(share: float) -> str:
    return f"{'█' * round(share * _BAR)} {share:.1%}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
