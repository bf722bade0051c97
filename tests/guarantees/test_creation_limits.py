"""No more companies than allowed are created without a person."""

from datetime import timedelta

from daemon.db.store import Store
from daemon.domain.push_states import PushEvent
from daemon.services.creation_limits import PushPolicy
from daemon.services.review import review_pushes
from tests.guarantees.stage import Stage
from tests.support.clocks import VirtualClock

SITES = [f"https://firm{number}.com" for number in range(6)]


def test_the_limit_of_a_run_holds_the_rest_of_that_run(store: Store, clock: VirtualClock) -> None:
    """Of six companies of one run two are created, and four wait under the limit's name."""
    stage = Stage(store, clock, policy=PushPolicy(max_new_per_run=2))
    stage.run(stage.search(), *SITES)
    assert stage.deliver().created == 2
    assert len(stage.live()) == 2
    held = [push.hold_reason for push in stage.pushes().values() if push.hold_reason]
    assert held == ["max_new_per_run"] * 4


def test_a_run_stays_one_run_however_often_the_daemon_looks(
    store: Store, clock: VirtualClock
) -> None:
    """Companies that come in while the task runs count together, push by push."""
    stage = Stage(store, clock, policy=PushPolicy(max_new_per_run=2))
    search = stage.search()
    task = stage.run(search, SITES[0])
    stage.deliver()
    for site in SITES[1:4]:
        stage.add_to(task, site)
        stage.deliver()
    assert len(stage.live()) == 2


def test_the_next_run_has_room_again(store: Store, clock: VirtualClock) -> None:
    """What an earlier slot created does not count against a later one."""
    stage = Stage(store, clock, policy=PushPolicy(max_new_per_run=2))
    search = stage.search()
    stage.run(search, *SITES[:3])
    stage.deliver()
    stage.run(search, *SITES[3:])
    stage.deliver()
    assert len(stage.live()) == 4


def test_a_search_has_limits_of_its_own(stage: Stage) -> None:
    """The search's own limits hold its companies, and no other search's."""
    stage.run(stage.search("narrow", max_new_per_run=1), *SITES[:3])
    stage.run(stage.search("wide"), *SITES[3:])
    stage.deliver()
    reasons = {key: push.hold_reason for key, push in stage.pushes().items()}
    assert sorted(reasons.values()) == ["", "", "", "", *["search_max_new_per_run"] * 2]


def test_the_limit_of_a_day_counts_over_runs_until_midnight(stage: Stage) -> None:
    """The second run of a day finds the day used up, and the next day is a new one."""
    search = stage.search(max_new_per_day=3)
    stage.run(search, *SITES[:2])
    stage.deliver()
    stage.run(search, *SITES[2:5])
    stage.deliver()
    assert len(stage.live()) == 3
    stage.clock.advance(timedelta(days=1))
    stage.sweep()
    stage.run(search, SITES[5])
    stage.deliver()
    assert len(stage.live()) == 4


def test_what_a_person_approves_goes_beyond_the_limit(store: Store, clock: VirtualClock) -> None:
    """An approved push is sent, and takes nobody's place."""
    stage = Stage(store, clock, policy=PushPolicy(max_new_per_run=1))
    stage.run(stage.search(), *SITES[:3])
    stage.deliver()
    waiting = [push.id for push in stage.pushes().values() if push.hold_reason]
    review_pushes(stage.context, waiting, PushEvent.APPROVED, actor="person")
    assert stage.push().created == 2
    assert len(stage.live()) == 3


def test_a_block_is_said_once_and_so_is_its_end(stage: Stage) -> None:
    """However often the daemon looks, a stale mirror is one event, and its recovery another."""
    stage.run(stage.search(), SITES[0])
    stage.match()
    stage.clock.advance(timedelta(hours=2))
    for _ in range(3):
        blocked = stage.push().blocked
        assert blocked is not None
        assert blocked.code == "mirror_stale"
    with stage.store.reading(now=stage.clock.now()) as unit:
        assert [one.code for one in unit.overview.work_left(now=unit.now).blocked] == [
            "mirror_stale"
        ]
    assert not stage.live()
    stage.sweep()
    stage.push()
    stage.push()
    assert len(stage.live()) == 1
    assert [row["code"] for row in stage.events("push.blocked")] == ["mirror_stale"]
    assert [row["was_blocked_for"] for row in stage.events("push.released")] == ["mirror_stale"]
