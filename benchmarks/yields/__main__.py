"""``python -m benchmarks.yields``: run the grid, print it, write the page."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.yields.grid import GRID, LARGEST
from benchmarks.yields.report import page, show
from benchmarks.yields.trials import Trial, run, strategies
from benchmarks.yields.worlds import WorldOptions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "yield.md"

FIRST = 9_001
"""The planner was made with smaller ones: nobody had looked at a world of these."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Every world of the grid with every seed, in as many processes as there are processors."""
    parser = argparse.ArgumentParser(prog="bench-yield", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="worlds of each kind")
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--only", default="", help="only kinds whose name has this text")
    parser.add_argument("--largest", action="store_true", help="a CRM of a million as well")
    parser.add_argument("--write", type=Path, default=PAGE, help="where the page is written")
    chosen = parser.parse_args(arguments)
    grid = GRID | ({"largest CRM (1,000,000)": LARGEST} if chosen.largest else {})
    grid = {name: options for name, options in grid.items() if chosen.only in name}
    console = Console()
    results: dict[str, list[Trial]] = {}
    with ProcessPoolExecutor() as pool:
        for name, options in grid.items():
            seeds = range(chosen.first, chosen.first + chosen.seeds)
            trials = pool.map(partial(_one_seed, options), seeds)
            results[name] = [trial for some in trials for trial in some]
            show(console, name, results[name])
            chosen.write.parent.mkdir(parents=True, exist_ok=True)
            chosen.write.write_text(
                page(results, seeds=chosen.seeds, first=chosen.first), encoding="utf-8"
            )
    console.print(f"Written to {chosen.write}.")


def _one_seed(options: WorldOptions, seed: int) -> list[Trial]:
    return [run(name, make, options, seed) for name, make in strategies(seed)]


if __name__ == "__main__":
    main()
