from pathlib import Path

import pytest

from tests.simulation.driver import simulate
from tests.simulation.mistakes import MISTAKES, planted
from tests.simulation.process import StoreFile

FIRST_SEEDS = 100


@pytest.mark.parametrize("name", sorted(MISTAKES))
@pytest.mark.timeout(300)
def test_a_planted_mistake_is_caught(name: str, tmp_path: Path) -> None:
    """Each classic mistake, made in the real program, is caught by one of the first seeds."""
    file = StoreFile(tmp_path)
    with planted(name) as spoil:
        spoil(file)
        caught = next((seed for seed in range(FIRST_SEEDS) if simulate(seed, file).problems), None)
    file.close()
    assert caught is not None, f"no seed below {FIRST_SEEDS} catches: {name}"
