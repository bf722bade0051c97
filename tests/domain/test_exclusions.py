"""Which domains a task is told to leave out."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain.exclusions import (
    Candidate,
    ExclusionPolicy,
    ExclusionReason,
    ExclusionWeights,
    plan_exclusions,
)
from daemon.domain.hostnames import normalise_exclusion

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _policy(
    cap: int = 1000,
    *,
    weights: ExclusionWeights | None = None,
    refused: frozenset[str] = frozenset(),
) -> ExclusionPolicy:
    return ExclusionPolicy(now=NOW, cap=cap, weights=weights or ExclusionWeights(), refused=refused)


def test_own_list_then_returned_then_alike_then_recent() -> None:
    """The order is the search's own list, its earlier results, the likeliest, the most recent."""
    candidates = [
        Candidate(domain="old.com", seen_at=NOW - 9 * DAY),
        Candidate(domain="new.com", seen_at=NOW - DAY),
        Candidate(domain="never-seen.com"),
        Candidate(domain="alike.com", likeness=1.0, prior=1.0),
        Candidate(domain="somewhat.com", likeness=0.3, seen_at=NOW),
        Candidate(domain="similar.com", returned_by_similar=1.0, likeness=0.1),
        Candidate(domain="returned.com", returned_by_search=1, returned_at=NOW),
        Candidate(domain="own.com", own_list=True),
    ]
    random.Random(7).shuffle(candidates)
    plan = plan_exclusions(candidates, policy=_policy())
    assert [(entry.domain, entry.reason) for entry in plan.entries] == [
        ("own.com", ExclusionReason.OWN_LIST),
        ("returned.com", ExclusionReason.RETURNED),
        ("alike.com", ExclusionReason.ALIKE),
        ("similar.com", ExclusionReason.SIMILAR),
        ("somewhat.com", ExclusionReason.ALIKE),
        ("new.com", ExclusionReason.RECENT),
        ("old.com", ExclusionReason.RECENT),
        ("never-seen.com", ExclusionReason.RECENT),
    ]
    assert [entry.rank for entry in plan.entries] == list(range(1, 9))
    assert plan.domains[0] == "own.com"


def test_companies_of_other_countries_count_for_little() -> None:
    """Where one country is asked for, even what was returned elsewhere is as good as unknown."""
    plan = plan_exclusions(
        [
            Candidate(domain="abroad.com", elsewhere=True, returned_by_search=3, returned_at=NOW),
            Candidate(domain="unlike-abroad.com", elsewhere=True, kinship=-0.5),
            Candidate(domain="own.com", own_list=True, elsewhere=True),
            Candidate(domain="silent.com", bare=True),
            Candidate(domain="stranger.com", seen_at=NOW),
        ],
        policy=_policy(),
    )
    ranked = ("own.com", "silent.com", "stranger.com", "abroad.com", "unlike-abroad.com")
    assert plan.domains == ranked
    _, silent, stranger, abroad, unlike = (entry.score for entry in plan.entries)
    assert silent > stranger == abroad > unlike


def test_returns_count_by_number_and_decay_with_time() -> None:
    """Among earlier results the more frequent and the more recent come first."""
    candidates = [
        Candidate(domain="long-ago.com", returned_by_search=1, returned_at=NOW - 900 * DAY),
        Candidate(domain="recently.com", returned_by_search=1, returned_at=NOW - DAY),
        Candidate(domain="often.com", returned_by_search=5, returned_at=NOW - DAY),
        Candidate(domain="sometime.com", returned_by_search=1),
    ]
    plan = plan_exclusions(candidates, policy=_policy())
    assert plan.domains == ("often.com", "sometime.com", "recently.com", "long-ago.com")
    half = [
        Candidate(domain="half.com", returned_by_search=1, returned_at=NOW - 90 * DAY),
        Candidate(domain="none.com"),
    ]
    weights = ExclusionWeights(bias=0.0, returned=2.0)
    entry = plan_exclusions(half, policy=_policy(weights=weights)).entries[0]
    assert entry.score == pytest.approx(1 / (1 + 2.718281828**-1))


def test_a_return_in_the_future_of_a_slow_clock_counts_in_full() -> None:
    """A time stamp ahead of our clock does not raise a weight above its full value."""
    ahead = Candidate(domain="a.com", returned_by_search=1, returned_at=NOW + 90 * DAY)
    now = Candidate(domain="b.com", returned_by_search=1, returned_at=NOW)
    scores = {entry.score for entry in plan_exclusions([ahead, now], policy=_policy()).entries}
    assert len(scores) == 1


def test_the_cap_leaves_out_the_least_likely() -> None:
    """At most the cap is planned, and the plan tells what it was chosen from."""
    candidates = [Candidate(domain=f"c{n}.com", likeness=n / 100) for n in range(100)]
    plan = plan_exclusions(iter(candidates), policy=_policy(cap=3))
    assert plan.domains == ("c99.com", "c98.com", "c97.com")
    assert (plan.considered, plan.skipped, plan.left_out) == (100, 0, 97)
    assert plan.expected_hits == pytest.approx(sum(entry.score for entry in plan.entries))


def test_a_cap_of_nothing_plans_nothing() -> None:
    """Without room there is an empty plan."""
    plan = plan_exclusions([Candidate(domain="a.com", own_list=True)], policy=_policy(cap=0))
    assert (plan.entries, plan.left_out) == ((), 1)


def test_only_what_may_be_sent_is_planned_each_domain_once() -> None:
    """Shared hosts, junk, doubles and what the vendor refused take no place in the plan."""
    candidates = [
        Candidate(domain="https://www.ACME.com/x", own_list=True),
        Candidate(domain="acme.com", likeness=1.0),
        Candidate(domain="refused.com", own_list=True),
        Candidate(domain="x.github.io", own_list=True),
        Candidate(domain="linkedin.com", own_list=True),
        Candidate(domain="n/a", own_list=True),
        Candidate(domain="other.com"),
    ]
    plan = plan_exclusions(candidates, policy=_policy(refused=frozenset({"refused.com"})))
    assert plan.domains == ("acme.com", "other.com")
    assert (plan.considered, plan.skipped, plan.left_out) == (7, 5, 0)


def test_many_unusable_candidates_do_not_leave_the_plan_short() -> None:
    """However many of the best cannot be sent, the cap is filled from the rest."""
    junk = [Candidate(domain=f"junk{n}", own_list=True) for n in range(500)]
    good = [Candidate(domain=f"good{n}.com") for n in range(50)]
    plan = plan_exclusions([*junk, *good], policy=_policy(cap=20))
    assert len(plan.entries) == 20
    assert all(domain.startswith("good") for domain in plan.domains)


def test_extreme_weights_give_probabilities_still() -> None:
    """Fitted weights may be of any size: a score stays between 0 and 1."""
    candidates = [Candidate(domain="a.com", likeness=1.0), Candidate(domain="b.com", prior=1.0)]
    weights = ExclusionWeights(bias=0.0, likeness=1e6, prior=-1e6)
    plan = plan_exclusions(candidates, policy=_policy(weights=weights))
    assert [entry.score for entry in plan.entries] == [1.0, pytest.approx(0.0)]


_TIMES = st.one_of(
    st.none(),
    st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
)
_CANDIDATES = st.lists(
    st.builds(
        Candidate,
        domain=st.one_of(
            st.sampled_from(["acme.com", "www.acme.com", "x.github.io", "n/a", "facebook.com"]),
            st.from_regex(r"[a-c]{1,2}\.(com|de)", fullmatch=True),
        ),
        returned_by_search=st.integers(0, 3),
        returned_at=_TIMES,
        returned_by_similar=st.floats(0, 5),
        likeness=st.floats(0, 1),
        prior=st.floats(0, 1),
        seen_at=_TIMES,
        own_list=st.booleans(),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(_CANDIDATES, st.integers(0, 12), st.frozensets(st.sampled_from(["acme.com", "a.de"])))
def test_a_plan_keeps_its_promises(
    candidates: list[Candidate], cap: int, refused: frozenset[str]
) -> None:
    """Never above the cap, never a domain twice, never one that may not be sent, best first."""
    plan = plan_exclusions(candidates, policy=_policy(cap=cap, refused=refused))
    sendable = {normalise_exclusion(one.domain) for one in candidates} - {None} - refused
    assert len(plan.entries) == min(cap, len(sendable))
    assert set(plan.domains) <= sendable
    assert len(set(plan.domains)) == len(plan.domains)
    assert plan.considered == len(plan.entries) + plan.skipped + plan.left_out == len(candidates)
    assert all(0 <= entry.score <= 1 for entry in plan.entries)
    ranks = [(entry.reason is not ExclusionReason.OWN_LIST, -entry.score) for entry in plan.entries]
    assert [own for own, _ in ranks] == sorted(own for own, _ in ranks)
    likeliest = [score for own, score in ranks if own]
    assert likeliest == sorted(likeliest)


@settings(deadline=None)
@given(_CANDIDATES, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    candidates: list[Candidate], cap: int, shuffler: random.Random
) -> None:
    """The same candidates in another order give the same plan."""
    shuffled = list(candidates)
    shuffler.shuffle(shuffled)
    one = plan_exclusions(candidates, policy=_policy(cap=cap))
    other = plan_exclusions(shuffled, policy=_policy(cap=cap))
    assert [(e.domain, e.score) for e in one.entries] == [
        (e.domain, e.score) for e in other.entries
    ]
