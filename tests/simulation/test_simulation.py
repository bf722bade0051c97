import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.driver import simulate
from tests.simulation.process import StoreFile

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "200"))
CHUNK = 10


@pytest.fixture
def file(tmp_path: Path) -> Iterator[StoreFile]:
    opened = StoreFile(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_whatever_happens_nothing_is_lost_or_doubled(first: int, file: StoreFile) -> None:
    """A life of faults, deaths and people's edits ends with every promise kept."""
    for seed in range(first, min(first + CHUNK, SEEDS)):
        story = simulate(seed, file)
        replay = f"python -m tests.simulation --seed {seed}"
        assert not story.problems, f"seed {seed}; replay it with: {replay}"


def test_a_seed_replays_exactly(file: StoreFile) -> None:
    """Two runs of one seed do the same things in the same order, to the last microsecond."""
    seed = 5
    first = simulate(seed, file)
    simulate(seed + 1, file)
    assert simulate(seed, file).trace == first.trace


def test_seeds_differ(file: StoreFile) -> None:
    """Another seed is another life."""
    assert simulate(1, file).trace != simulate(2, file).trace
