"""``python -m tests.simulation --seeds 1000``: many lives, one line for each that goes wrong."""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.driver import Story, simulate
from tests.simulation.process import StoreFile

_EVERY = 50


def main() -> int:
    """Live through the seeds; 1 when anything was wrong in one of them."""
    options = _options()
    seeds = (
        [options.seed]
        if options.seed is not None
        else range(options.first, options.first + options.seeds)
    )
    failed, began = 0, time.monotonic()
    with TemporaryDirectory(dir=_fast_folder()) as folder:
        file = StoreFile(Path(folder))
        for number, seed in enumerate(seeds, start=1):
            story = simulate(seed, file)
            if options.seed is not None:
                sys.stdout.write("\n".join(story.trace) + "\n")
            if story.problems:
                failed += 1
                _tell(story)
            if number % _EVERY == 0 or number == len(seeds):
                rate = number / (time.monotonic() - began)
                _say(f"{number} of {len(seeds)} seeds, {failed} failed, {rate:.1f} a second")
        file.close()
    return 1 if failed else 0


def _tell(story: Story) -> None:
    _say(
        f"seed {story.seed} FAILED; replay it with: python -m tests.simulation --seed {story.seed}"
    )
    for problem in story.problems[:10]:
        _say(f"    {problem}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _fast_folder() -> Path | None:
    """Memory that looks like a folder, where there is such a thing."""
    memory = Path("/dev", "shm")
    return memory if memory.is_dir() else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one, with everything that happens")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
