"""The brake on spending."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.budgets import Account, Allowed, RunOver, Spending, check_budget
from daemon.domain.guards import Blocked

NOW = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits as ``[budget]`` and a search have them."""

    max_results_per_run: int | None = None
    max_results_per_day: int | None = None
    max_results_per_month: int | None = None
    max_credits_per_run: float | None = None
    max_credits_per_day: float | None = None
    max_credits_per_month: float | None = None
    max_credits_per_new_company: float | None = None


def _check(
    limits: Limits,
    *,
    run: Spending | None = None,
    day: Spending | None = None,
    month: Spending | None = None,
    desired: int = 100,
    cost: float | None = 1.0,
) -> Allowed | Blocked | RunOver:
    nothing = Spending()
    account = Account(
        scope="", limits=limits, run=run or nothing, day=day or nothing, month=month or nothing
    )
    return check_budget([account], desired=desired, cost=cost, run="slot 1", now=NOW)


def test_without_limits_everything_is_allowed() -> None:
    """No limit, no brake, nothing near."""
    assert _check(Limits(), day=Spending(paid=10**6)) == Allowed(desired=100)


def test_the_task_is_made_as_small_as_the_budget_asks() -> None:
    """What is left is used, as long as it is worth a task."""
    answer = _check(Limits(max_results_per_day=250), day=Spending(paid=100, reserved=100))
    assert isinstance(answer, Allowed)
    assert answer.desired == 50


def test_less_than_a_useful_minimum_is_left_until_the_period_turns() -> None:
    """The slot is held with the moment at which it goes on."""
    answer = _check(Limits(max_results_per_month=200), month=Spending(paid=195))
    assert isinstance(answer, Blocked)
    assert answer.code == "budget_reached"
    assert "2027-01-01 00:00 UTC" in answer.text


def test_a_run_that_reached_its_own_limit_is_over() -> None:
    """Waiting would not help a run."""
    answer = _check(Limits(max_results_per_run=100), run=Spending(paid=100))
    assert isinstance(answer, RunOver)


@pytest.mark.parametrize(("cost", "desired"), [(None, 25), (1.0, 50), (0.5, 100), (0.0, 100)])
def test_credits_are_results_times_what_one_was_found_to_cost(
    cost: float | None, desired: int
) -> None:
    """While nothing is learned, the dearer of the public prices is believed."""
    answer = _check(Limits(max_credits_per_day=50.0), cost=cost)
    assert isinstance(answer, Allowed)
    assert answer.desired == desired


def test_what_may_yet_come_counts_as_spent() -> None:
    """Results of tasks that have not ended are reserved, in credits too."""
    answer = _check(
        Limits(max_credits_per_month=100.0),
        month=Spending(paid=30, credits=30.0, reserved=50),
    )
    assert isinstance(answer, Allowed)
    assert answer.desired == 20


def test_nearing_a_limit_is_told_with_its_period() -> None:
    """From the share of a limit on, the answer says so."""
    answer = _check(Limits(max_results_per_day=200), day=Spending(paid=60))
    assert isinstance(answer, Allowed)
    (near,) = answer.near
    assert (near.limit, near.period) == ("max_results_per_day", "2026-12-31")
    assert near.text == "max_results_per_day: 160 of 200 results (80%)"


def test_too_dear_a_run_ends_and_too_dear_a_month_is_held() -> None:
    """What a new company costs is judged from enough results on."""
    limits = Limits(max_credits_per_new_company=2.0)
    bad = Spending(paid=100, credits=100.0, new=40)
    assert isinstance(_check(limits, run=bad, month=bad), RunOver)
    assert isinstance(_check(limits, month=bad), Blocked)
    assert isinstance(_check(limits, run=Spending(paid=5, credits=5.0)), Allowed)
    assert isinstance(_check(limits, month=Spending(paid=100, credits=100.0, new=60)), Allowed)


@given(
    most=st.integers(0, 500),
    paid=st.integers(0, 500),
    reserved=st.integers(0, 500),
    desired=st.integers(1, 250),
)
def test_no_answer_ever_goes_beyond_the_limit(
    most: int, paid: int, reserved: int, desired: int
) -> None:
    """Spent, reserved and allowed together stay within every limit."""
    answer = _check(
        Limits(max_results_per_day=most),
        day=Spending(paid=paid, reserved=reserved),
        desired=desired,
    )
    if isinstance(answer, Allowed):
        assert paid + reserved + answer.desired <= most
        assert 0 < answer.desired <= desired
