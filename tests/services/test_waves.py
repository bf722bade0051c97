"""A target is collected over several tasks, within the budget, whenever the process dies."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.db.store import Store
from daemon.sandbox.launch import SandboxOptions
from tests.support.databases import sqlite_store
from tests.support.rigs import BASE, Rig

TARGET = """
[searches.freight]
query = "vertical SaaS companies serving freight forwarding and shipping"
desired_num_results = 40
target = {target}
min_new_share = {share}
push_to = ["crm"]
"""
BUDGET = "[budget]\nmax_results_per_month = {most}\n"
SMALL = BASE.replace("[extruct]", "[extruct]\nmax_results_per_task = 40")
RARELY = 'mirror_every = "12h"\nmirror_max_age = "7d"\n'
"""The mirror of 50,000 is read once: this is about tasks."""
PROVED = ("finds no more", "results were new")


class KilledError(BaseException):
    """The process is gone."""


def _tasks(rig: Rig) -> list[tuple[int, int]]:
    """What each task asked for and was billed, the oldest first."""
    workspace = rig.simulators.extruct.workspace
    workspace.settle()
    return [(task.desired, task.billed) for task in reversed(workspace.tasks())]


def _end(rig: Rig) -> str:
    (row,) = rig.rows("audit", event="slot.finished")
    return str(row["reason"])


def _live_and_die(rig: Rig) -> int:
    """One life after the other, each killed as soon as a task is done; gives how many died."""
    engine, kills = rig.store.engine, 0

    def kill(name: str) -> None:
        if name == "commit.after task.finished":
            raise KilledError

    while True:
        rig.store = Store(engine, point=kill)
        try:
            result = rig.once(now=kills == 0)
        except KilledError:
            kills += 1
            rig.clock.advance(timedelta(minutes=6))  # the leases of the dead run out
            continue
        assert result.left.is_idle
        return kills


@pytest.mark.timeout(900)
@pytest.mark.skipif("LONG_TESTS" not in os.environ, reason="long: set LONG_TESTS=1")
@pytest.mark.parametrize(
    ("target", "end"), [(1_000, "it found 1000 new companies"), (2_000, "the vendor finds no more")]
)
def test_a_great_target_is_reached_or_the_vendor_finds_no_more(
    tmp_path: Path, target: int, end: str
) -> None:
    """Against 50,000 known companies, killed after every task: no task beyond the budget."""
    options = SandboxOptions(companies=60_000, crm=50_000, known_share=0.2, task_seconds=5)
    with sqlite_store(tmp_path) as store:
        rig = Rig(store=store, folder=tmp_path, options=options)
        rig.text = BASE + RARELY + BUDGET.format(most=3_500)
        rig.text += TARGET.format(target=target, share=0.05)
        rig.simulators.extruct.settings.credits = 1_000_000
        kills = _live_and_die(rig)
        asked = [row["desired"] for row in rig.rows("tasks", limit=100)]
        assert kills == len(asked) >= 3
        assert all(0 < desired <= 250 for desired in asked)
        assert sum(desired for desired, _ in _tasks(rig)) == sum(asked)
        assert sum(billed for _, billed in _tasks(rig)) <= 3_500
        assert end in _end(rig)
        assert max(rig.holders().values()) == 1 or not _held_twice_by_us(rig)


def _held_twice_by_us(rig: Rig) -> list[str]:
    return [key for key in rig.ours() if rig.holders()[key] > 1]


@pytest.fixture
def small(store: Store, tmp_path: Path) -> Rig:
    rig = Rig(store=store, folder=tmp_path, options=SandboxOptions(companies=12_000, crm=100))
    rig.simulators.extruct.settings.max_results = 40
    return rig


def test_the_waves_of_a_slot_go_on_after_each_death(small: Rig) -> None:
    """A target over several tasks is reached, each task once."""
    small.text = SMALL + TARGET.format(target=100, share=0.05)
    kills = _live_and_die(small)
    tasks = _tasks(small)
    assert kills == len(tasks) >= 3
    assert any(proof in _end(small) for proof in ("found 100 new", *PROVED))
    assert len({row["wave"] for row in small.rows("tasks")}) == len(tasks)


def test_the_budget_of_a_run_ends_its_waves(small: Rig) -> None:
    """The run is over when its limit is reached, and says so."""
    limited = TARGET.format(target=100, share=0.05) + "max_results_per_run = 60\n"
    small.text = SMALL + limited
    small.once()
    assert [desired for desired, _ in _tasks(small)] == [40, 20]
    assert "max_results_per_run" in _end(small)
