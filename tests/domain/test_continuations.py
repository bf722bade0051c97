"""When the vendor's last task of a search goes on, and how that is seen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.continuations import (
    GOES_ON_FOR,
    SHOWS_AFTER,
    WORTH_IT,
    TaskEnd,
    VendorsWord,
    has_ended_again,
    has_gone_on,
    is_better_continued,
    may_go_on,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
counts = st.integers(0, 2_000)


def word(*, ended: bool = True, exhausted: bool = False, results: int, desired: int) -> VendorsWord:
    return VendorsWord(ended=ended, exhausted=exhausted, results=results, desired=desired)


@pytest.mark.parametrize(
    ("done", "exhausted", "ago", "expected"),
    [
        (True, False, timedelta(days=7), True),
        (True, False, GOES_ON_FOR, True),
        (True, False, GOES_ON_FOR + timedelta(seconds=1), False),
        (False, False, timedelta(days=7), False),
        (True, True, timedelta(days=7), False),
    ],
)
def test_only_a_recent_task_that_is_done_and_not_exhausted_goes_on(
    done: bool, exhausted: bool, ago: timedelta, expected: bool
) -> None:
    """A failed, exhausted or old task is left alone."""
    last = TaskEnd(done=done, exhausted=exhausted, ended_at=NOW - ago)
    assert may_go_on(last, now=NOW) is expected


def test_a_task_without_an_end_does_not_go_on() -> None:
    """Nothing is known of when it ended."""
    assert not may_go_on(TaskEnd(done=True, exhausted=False, ended_at=None), now=NOW)


@given(st.floats(0, 1_000), st.floats(0, 1_000))
def test_going_on_must_save_a_result_at_least(anew: float, continued: float) -> None:
    """Equals are created anew, with what was learned since."""
    assert is_better_continued(anew=anew, continued=continued) == (anew - continued >= WORTH_IT)


@given(counts, counts)
def test_an_unchanged_word_means_that_nothing_went_on(results: int, desired: int) -> None:
    """What was known before proves nothing; a run, a further result, a greater number does."""
    unchanged = word(results=results, desired=desired)
    before = {"results_before": results, "desired_before": desired}
    assert not has_gone_on(unchanged, **before)
    assert has_gone_on(word(ended=False, results=results, desired=desired), **before)
    assert has_gone_on(word(results=results + 1, desired=desired), **before)
    assert has_gone_on(word(results=results, desired=desired + 1), **before)


@given(counts, st.timedeltas(timedelta(0), SHOWS_AFTER - timedelta(seconds=1)))
def test_an_old_word_is_not_taken_for_the_end(results: int, since: timedelta) -> None:
    """A vendor that still shows the old end is asked again, for a while; then it is believed."""
    old = word(results=results, desired=results)
    assert not has_ended_again(old, results_before=results, since=since)
    assert has_ended_again(old, results_before=results, since=SHOWS_AFTER)


@given(counts, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_news_or_exhaustion_with_an_end_is_the_end(results: int, since: timedelta) -> None:
    """A new result, or nothing left to find, shows that the run took place."""
    new = word(results=results + 1, desired=0)
    empty = word(exhausted=True, results=results, desired=0)
    running = word(ended=False, exhausted=True, results=results + 1, desired=0)
    assert has_ended_again(new, results_before=results, since=since)
    assert has_ended_again(empty, results_before=results, since=since)
    assert not has_ended_again(running, results_before=results, since=since)
