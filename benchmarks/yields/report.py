"""The outcome as tables, bars and a page of the documentation."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.yields.trials import WANTED, WAVES, Trial, Yield

GOAL_LATER = 0.05
GOAL_FIRST = 0.5
SIMPLE_ONES = ("none", "random 1,000", "newest 1,000", "earlier results")
STRATEGIES = (*SIMPLE_ONES, "planner", "informed", "oracle")
_HEADS = (
    "World",
    "Planner, wave 1",
    "Best simple",
    "Half?",
    "Points above oracle, worst wave",
    "Up to 5?",
    "Points above informed",
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


def first_goal(trials: Sequence[Trial]) -> tuple[float, float, bool]:
    """The planner's and the best simple strategy's waste in the first wave; is it half or less."""
    planner = together(trials, "planner")[0].share
    simple = min(together(trials, name)[0].share for name in SIMPLE_ONES)
    return planner, simple, planner <= GOAL_FIRST * simple


def attainable(trials: Sequence[Trial]) -> float:
    """How far the planner is above what records could tell at most, from the second wave on."""
    planner, informed = (
        _over_all(together(trials, name)[1:]).share for name in ("planner", "informed")
    )
    return planner - informed


def later_goal(trials: Sequence[Trial]) -> tuple[float, bool]:
    """How far the planner is above the oracle from the second wave on, and is it little enough."""
    waves = zip(together(trials, "planner")[1:], together(trials, "oracle")[1:], strict=True)
    gap = max(planner.share - oracle.share for planner, oracle in waves)
    return gap, gap <= GOAL_LATER


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
        f"{first} on, none of which was looked at while the planner was made. A result is wasted",
        "when the CRM holds the company already or the search returned it before.",
        "",
        "- The *planner* is the daemon's own, on its own store; it sees what the daemon would see,",
        "  and lets a task go on where it thinks that better.",
        "- *Informed* knows of each trade how much of it the vendor would return, reads the trade",
        "  off every record that tells one, and need not exclude its own results: the most that",
        "  records could tell.",
        "- The *oracle* knows which companies the vendor is about to return.",
        "",
        "The worlds are described in `benchmarks/yields/worlds.py`; the planner knows nothing of",
        "them.",
        "",
        "Two goals: in the first wave at most half of the waste of the best simple strategy; from",
        "the second wave on, in each, at most 5 percentage points more than the oracle. The last",
        "column is how many points more than *informed* the planner wasted, over waves 2 to 6.",
        "",
        f"| {' | '.join(_HEADS)} |",
        "|---|---:|---:|---|---:|---|---:|",
    ]
    for world, trials in results.items():
        planner, simple, first = first_goal(trials)
        gap, later = later_goal(trials)
        cells = (world, f"{planner:.1%}", f"{simple:.1%}", _yes(first), f"{gap * 100:.1f}")
        above = attainable(trials) * 100
        lines.append(f"| {' | '.join(cells)} | {_yes(later)} | {above:.1f} |")
    reached = [(first_goal(trials)[2], later_goal(trials)[1]) for trials in results.values()]
    lines += [
        "",
        f"The first goal is reached in {sum(one for one, _ in reached)} of the {len(reached)}",
        f"worlds, the second in {sum(two for _, two in reached)}.",
        "",
        "What is missing has three causes: records whose text says nothing or something wrong,",
        "which nothing in the store tells from others; look-alikes of which only the vendor knows",
        "that it does not return them; and, in late waves, more known companies in a market than a",
        "task can exclude, of which only the oracle knows which the vendor would return next.",
    ]
    for world, trials in results.items():
        lines += ["", f"## {world}", "", *_table(trials), "", "```text", *_plot(trials), "```"]
    return "\n".join(lines) + "\n"


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
    return [f"{name:16}{_bar(_over_all(together(trials, name)).share)}" for name in STRATEGIES]


def _over_all(waves: Sequence[Yield]) -> Yield:
    return Yield(paid=sum(w.paid for w in waves), wasted=sum(w.wasted for w in waves))


def _bar(share: float) -> str:
    return f"{'█' * round(share * _BAR)} {share:.1%}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
