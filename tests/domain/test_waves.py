"""How many results the next task of a slot asks for, or why there is no next one."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.segments import WHOLE, SegmentFacts
from daemon.domain.waves import (
    PROBE,
    Wave,
    WaveFact,
    WavePolicy,
    WavesEnd,
    is_worth_a_probe,
    plan_wave,
)


def _policy(
    *,
    desired: int = 100,
    target: int | None = None,
    share: float = 0.1,
    probe: bool = False,
    countries: Sequence[str] = (WHOLE,),
) -> WavePolicy:
    return WavePolicy(
        desired=desired,
        target=target,
        max_per_task=250,
        min_new_share=share,
        probe=probe,
        segments=tuple(SegmentFacts(segment=country) for country in countries),
    )


def _fact(
    wave: int,
    returned: int,
    new: int,
    *,
    desired: int = 250,
    exhausted: bool = False,
    failed: bool = False,
    segment: str = WHOLE,
) -> WaveFact:
    return WaveFact(
        wave=wave,
        segment=segment,
        returned=returned,
        new=new,
        exhausted=exhausted,
        failed=failed,
        desired=desired,
    )


def test_without_a_target_there_is_one_task() -> None:
    """It asks for what is desired, and its end is the end."""
    assert plan_wave(_policy(), []) == Wave(number=1, desired=100)
    end = plan_wave(_policy(), [_fact(1, 80, 80, desired=100)])
    assert isinstance(end, WavesEnd)
    assert end.code == "done"


def test_a_target_is_collected_over_several_tasks() -> None:
    """Each asks for what is missing, and for no more than the vendor gives at once."""
    policy = _policy(target=600)
    assert plan_wave(policy, []) == Wave(number=1, desired=250)
    assert plan_wave(policy, [_fact(1, 250, 200)]) == Wave(number=2, desired=250)
    facts = [_fact(1, 250, 200), _fact(2, 250, 240)]
    assert plan_wave(policy, facts) == Wave(number=3, desired=160)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (_fact(1, 250, 250, failed=True), "failed"),
        (_fact(1, 600, 600), "target_reached"),
        (_fact(1, 250, 250, exhausted=True), "exhausted"),
        (_fact(1, 0, 0), "exhausted"),
        (_fact(1, 250, 20), "diminishing"),
    ],
)
def test_the_waves_end_with_a_reason(last: WaveFact, code: str) -> None:
    """The first rule that holds tells why."""
    end = plan_wave(_policy(target=600), [last])
    assert isinstance(end, WavesEnd)
    assert end.code == code


def test_a_wave_without_anything_new_is_the_last_whatever_the_share() -> None:
    """Even where any share will do, paying for nothing is not repeated."""
    end = plan_wave(_policy(target=600, share=0.0), [_fact(1, 250, 0)])
    assert isinstance(end, WavesEnd)


def test_a_small_last_wave_is_not_judged_alone() -> None:
    """Three results of which none is new say little; with the wave before, they are few."""
    facts = [_fact(1, 97, 97), _fact(2, 3, 0)]
    assert plan_wave(_policy(target=100), facts) == Wave(number=3, desired=3)
    facts += [_fact(number, 3, 0) for number in range(3, 9)]
    end = plan_wave(_policy(target=100), facts)
    assert isinstance(end, WavesEnd)
    assert end.code == "diminishing"


def test_a_probe_comes_first_where_it_pays() -> None:
    """The rest follows with what the probe taught; together they are what was asked for."""
    policy = _policy(desired=250, probe=True)
    probe = plan_wave(policy, [])
    assert probe == Wave(number=1, desired=PROBE, is_probe=True)
    after = _policy(desired=250)
    rest = plan_wave(after, [_fact(1, PROBE, 9, desired=PROBE)])
    assert rest == Wave(number=2, desired=250 - PROBE)
    facts = [_fact(1, PROBE, 9, desired=PROBE), _fact(2, 225, 200, desired=225)]
    assert isinstance(plan_wave(after, facts), WavesEnd)


def test_no_probe_for_a_small_search() -> None:
    """Where little is wanted, a probe would be most of it."""
    assert plan_wave(_policy(desired=100, probe=True), []) == Wave(number=1, desired=100)


def test_a_probe_is_worth_it_only_where_nothing_is_known_and_much_is_held() -> None:
    """Something learned, or a CRM that can be excluded nearly whole, needs none."""
    assert is_worth_a_probe(learned=0, mirrored=50_000, cap=1000)
    assert not is_worth_a_probe(learned=1, mirrored=50_000, cap=1000)
    assert not is_worth_a_probe(learned=0, mirrored=2_000, cap=1000)


@given(
    target=st.integers(1, 3000),
    outcomes=st.lists(st.tuples(st.integers(0, 250), st.integers(0, 250)), max_size=30),
    probe=st.booleans(),
)
def test_never_more_is_asked_for_than_is_missing(
    target: int, outcomes: list[tuple[int, int]], probe: bool
) -> None:
    """Whatever came back, the next task asks for at least one and at most what is missing."""
    facts: list[WaveFact] = []
    for number, (returned, new) in enumerate(outcomes, start=1):
        wave = plan_wave(_policy(target=target, probe=probe), facts)
        if isinstance(wave, WavesEnd):
            return
        missing = target - sum(fact.new for fact in facts)
        assert wave.number == number
        assert 1 <= wave.desired <= min(missing, 250)
        got = min(returned, wave.desired)
        facts.append(_fact(number, got, min(new, got), desired=wave.desired))


NORDIC = ("Norway", "Sweden")


def test_without_a_target_each_country_has_one_task() -> None:
    """They share out what is desired; what one lacks is asked for in the next."""
    policy = _policy(countries=NORDIC)
    assert plan_wave(policy, []) == Wave(number=1, desired=50, segment="Norway")
    first = _fact(1, 20, 20, desired=50, exhausted=True, segment="Norway")
    assert plan_wave(policy, [first]) == Wave(number=2, desired=80, segment="Sweden")
    end = plan_wave(policy, [first, _fact(2, 50, 50, desired=80, segment="Sweden")])
    assert end == WavesEnd(code="done", text="its one task is done")


def test_a_target_goes_on_in_the_countries_that_still_give_something() -> None:
    """One is used up, the other not: the slot ends with the last of them, and says why for each."""
    policy = _policy(target=600, countries=NORDIC)
    facts = [
        _fact(1, 250, 250, segment="Norway"),
        _fact(2, 30, 30, segment="Sweden", exhausted=True),
    ]
    assert plan_wave(policy, facts) == Wave(number=3, desired=250, segment="Norway")
    facts.append(_fact(3, 100, 2, segment="Norway"))
    end = plan_wave(policy, facts)
    assert isinstance(end, WavesEnd)
    assert end.text == (
        "Norway: only 2 of the last 100 results were new; "
        "Sweden: the vendor finds no more; it found 30 new companies"
    )


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (_fact(2, 0, 0, segment="Sweden", failed=True), "failed"),
        (_fact(2, 250, 250, segment="Sweden"), "target_reached"),
    ],
)
def test_some_ends_are_the_end_of_every_country(last: WaveFact, code: str) -> None:
    """A failed task, or a target that is reached, leaves nothing to ask for anywhere."""
    policy = _policy(target=300, countries=NORDIC)
    end = plan_wave(policy, [_fact(1, 250, 100, segment="Norway"), last])
    assert isinstance(end, WavesEnd)
    assert end.code == code


def test_there_is_no_probe_where_countries_are_asked_for() -> None:
    """A small share is no probe after which the same country would be asked again."""
    policy = _policy(countries=NORDIC)
    facts = [_fact(1, 25, 25, desired=25, segment="Norway")]
    assert plan_wave(policy, facts) == Wave(number=2, desired=75, segment="Sweden")
