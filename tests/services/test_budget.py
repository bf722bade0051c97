"""No task is paid for beyond the budget, whoever starts it and whatever goes wrong."""

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from daemon.db.store import Store
from daemon.sandbox.launch import SandboxOptions
from daemon.services.schedule_slots import schedule_now
from tests.support.rigs import BASE, SEARCH, Rig

OTHERS = "".join(
    SEARCH.replace("freight]", f"freight{number}]").replace("freight forwarding", f"trade {number}")
    for number in range(3)
)


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    return Rig(store=store, folder=tmp_path, options=SandboxOptions(companies=5_000, crm=100))


def _asked_for(rig: Rig) -> list[int]:
    tasks = rig.simulators.extruct.workspace.tasks()
    return sorted(task.desired for task in tasks)


def test_a_task_is_made_smaller_and_the_next_one_waits_for_tomorrow(rig: Rig) -> None:
    """The day's limit is used up and not passed; the next day goes on."""
    rig.text = BASE + "[budget]\nmax_results_per_day = 100\n" + SEARCH + OTHERS
    result = rig.once()
    assert _asked_for(rig) == [40, 60]
    assert any("max_results_per_day" in problem for problem in result.problems)
    rig.clock.advance(timedelta(days=1))
    rig.once(now=False)
    assert sum(_asked_for(rig)) == 200


def test_a_searchs_own_limit_holds_that_search_alone(rig: Rig) -> None:
    """The others go on."""
    limited = SEARCH + "max_results_per_month = 5\n"
    rig.text = BASE + limited + OTHERS
    rig.once()
    assert _asked_for(rig) == [60, 60, 60]
    with rig.store.reading(now=rig.clock.now()) as unit:
        held = unit.overview.work_left(now=rig.clock.now()).held_slots
    assert [(slot.search, slot.code) for slot in held] == [("freight", "budget_reached")]


def test_raising_the_limit_lets_the_search_go_on(rig: Rig) -> None:
    """A held slot starts at the next look."""
    rig.text = BASE + SEARCH + "max_results_per_month = 5\n"
    rig.once()
    rig.text = BASE + SEARCH + "max_results_per_month = 500\n"
    rig.once(now=False)
    assert _asked_for(rig) == [60]


def test_nearing_a_limit_is_said_once(rig: Rig) -> None:
    """However many tasks are near it in a period."""
    rig.text = BASE + "[budget]\nmax_results_per_month = 250\nwarn_share = 0.1\n" + SEARCH + OTHERS
    rig.once()
    assert len(rig.rows("audit", event="budget.near")) == 1


def test_the_real_cost_is_learned_from_the_credits(rig: Rig) -> None:
    """What the account lost while a task ran alone is what its results cost."""
    rig.simulators.extruct.settings.credits_per_result = 1.5
    rig.once()
    with rig.store.reading(now=rig.clock.now()) as unit:
        assert unit.spending.cost_of_result() == pytest.approx(1.5)
        (task,) = unit.tasks.recent()
        left = unit.spending.credits_left()
    assert task.credits_before == 10_000
    assert task.credits_after == pytest.approx(10_000 - 1.5 * 60)
    assert left == task.credits_after


def test_two_replicas_together_stay_within_the_limit(rig: Rig) -> None:
    """Both count and reserve at the same time; the budget is for one task only."""
    rig.text = BASE + "[budget]\nmax_results_per_day = 60\n" + SEARCH + OTHERS
    with rig.app(owner="one") as one, rig.app(owner="two") as two:
        one.load()
        for job in one.jobs:
            if job.name.startswith(("mirror", "index")):
                job.run()
        schedule_now(one.context, [])
        starts = [job for app in (one, two) for job in app.jobs if job.name == "start"]
        threads = [Thread(target=job.run) for job in starts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with rig.store.reading(now=rig.clock.now()) as unit:
            assert sum(task.desired for task in unit.tasks.live()) <= 60
