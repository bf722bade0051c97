import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import daemon
from tests.crash.life import RichLife, never, points_of
from tests.simulation.process import StoreFile

ELSEWHERE = {
    "rate.acquire": "PostgreSQL alone shares its rates: tests/replicas",
    "rate.block": "same",
    "duplicate.chosen": "a person's word on a pair: tests/guarantees/test_reconciliation.py",
    "duplicate.dismissed": "same",
    "duplicate.failed": "same",
    "duplicate.merged": "same",
    "duplicate.merging": "same",
    "duplicate.read_back": "same",
    "duplicate.reviewed": "same",
    "prune.refused": "a chain that somebody broke: tests/guarantees/test_retention.py",
    "verdict.given": "a person's word on a resemblance: tests/services/test_doubles.py",
    "weights.fitted": "it learns from dozens of tasks: tests/planning/test_learn_weights.py",
    "redirect.given_back": "a stop before a look: tests/redirects/test_follow_redirects.py",
    "task.released": "a stop in the middle: tests/e2e/test_stop_and_start.py",
}
"""Commits that this story cannot come to, and what does."""
PARTS = 8
"""The points are shared out among so many tests, which run beside each other."""
FEWEST = 100
SOURCE = Path(daemon.__file__).parent
DECLARED = re.compile(r"transaction\(\s*\"([a-z_.]+)\"")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[StoreFile]:
    opened = StoreFile(tmp_path)
    yield opened
    opened.close()


def declared_commits() -> set[str]:
    """Every name that the source gives to a commit."""
    return {
        name
        for path in SOURCE.rglob("*.py")
        for name in DECLARED.findall(path.read_text(encoding="utf-8"))
    }


def dying_at(point: str) -> Callable[[str], bool]:
    """Dies where this point is passed for the first time, and never again."""
    left = [point]

    def kills(name: str) -> bool:
        if left and name == left[0]:
            left.clear()
            return True
        return False

    return kills


def test_every_commit_of_the_source_is_reached(file: StoreFile) -> None:
    """The story passes each commit that the program names, so that each is died at."""
    passed = points_of(file)
    reached = {name.removeprefix("commit.before ") for name in passed if "commit.before" in name}
    assert declared_commits() - reached == set(ELSEWHERE)


def test_without_a_death_the_story_ends_well(file: StoreFile) -> None:
    """Nobody dies, and every promise is kept."""
    assert not RichLife(file, never).live().problems


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_death_at_any_point_loses_and_doubles_nothing(part: int, file: StoreFile) -> None:
    """A process that dies at a point, whichever it is, leaves what the next one can finish."""
    points = points_of(file)
    assert len(points) > FEWEST
    failed = {}
    for point in points[part::PARTS]:
        story = RichLife(file, dying_at(point)).live()
        assert any("killed" in line for line in story.trace), f"{point} was not passed again"
        if story.problems:
            failed[point] = story.problems
    assert not failed
