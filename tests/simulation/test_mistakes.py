from pathlib import Path

import pytest

from tests.simulation.driver import simulate
from tests.simulation.mistakes import MISTAKES, planted
from tests.simulation.process import StoreFile

FIRST_SEEDS = 100
LIKELY = {
    "an old end believed": 5,
    "interrupted sweep that buries": 18,
    "lease that expires into sending": 5,
    "push without look-up": 11,
    "resend on time-out": 0,
    "slot without its unique row": 3,
    "task created again": 0,
    "watermark before its page": 21,
}
"""Seeds that have caught a mistake before; they are tried first, which saves most of the time."""


@pytest.mark.parametrize("name", sorted(MISTAKES))
@pytest.mark.timeout(1200)
def test_a_planted_mistake_is_caught(name: str, tmp_path: Path) -> None:
    """Each classic mistake, made in the real program, is caught by one of the first seeds."""
    file = StoreFile(tmp_path)
    with planted(name) as spoil:
        spoil(file)
        seeds = sorted(range(FIRST_SEEDS), key=lambda seed: seed != LIKELY.get(name))
        caught = next((seed for seed in seeds if simulate(seed, file).problems), None)
    file.close()
    assert caught is not None, f"no seed below {FIRST_SEEDS} catches: {name}"
