from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.searches import Criterion
from daemon.extruct.adoption import AdoptionPolicy, match_created_task
from daemon.extruct.payloads import TaskRequest, TaskSnapshot

SENT_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CRITERION = Criterion(key="k", name="Bakes", criterion="bakes bread daily", min_grade=4)
REQUEST = TaskRequest(
    query="bakeries",
    desired_num_results=50,
    criteria=(CRITERION,),
    exclude_domains=("acme.com", "www.Beta.io", "gamma.de"),
)
OURS = TaskSnapshot(
    id="ours",
    status="in_progress",
    created_at=SENT_AT + timedelta(seconds=2),
    query="bakeries",
    desired_num_results=50,
    criteria=(replace(CRITERION, min_grade=None),),
    exclude_domains=("acme.com", "beta.io", "gamma.de"),
)


def match(*snapshots: TaskSnapshot, request: TaskRequest = REQUEST) -> str | None:
    found = match_created_task(request, SENT_AT, snapshots)
    return None if found is None else found.id


def test_the_lost_task_is_found() -> None:
    """A task with the same request, created in the moment of sending, is ours."""
    assert match(OURS) == "ours"


@pytest.mark.parametrize(
    "other",
    [
        replace(OURS, query="butchers"),
        replace(OURS, desired_num_results=51),
        replace(OURS, criteria=()),
        replace(OURS, criteria=(replace(CRITERION, criterion="bakes cakes daily"),)),
        replace(OURS, exclude_domains=("acme.com", "beta.io")),
        replace(OURS, exclude_domains=(*OURS.exclude_domains, "delta.fr")),
        replace(OURS, created_at=SENT_AT - timedelta(minutes=6)),
        replace(OURS, created_at=SENT_AT + timedelta(minutes=21)),
        replace(OURS, created_at=None),
    ],
)
def test_another_task_is_not_adopted(other: TaskSnapshot) -> None:
    """A task that differs in query, number, criteria, exclusions or time is somebody else's."""
    assert match(other) is None


def test_a_known_task_is_not_adopted_twice() -> None:
    """A task that the store holds already is nobody's lost reply."""
    assert match_created_task(REQUEST, SENT_AT, [OURS], known_ids={"ours"}) is None


@pytest.mark.parametrize("minutes", [-4, 4, 19])
def test_clocks_may_differ(minutes: int) -> None:
    """A server whose clock is a few minutes off, or who was slow, still made our task."""
    assert match(replace(OURS, created_at=SENT_AT + timedelta(minutes=minutes))) == "ours"


def test_the_tolerance_is_a_setting() -> None:
    """A stricter policy refuses what the default would adopt."""
    late = replace(OURS, created_at=SENT_AT + timedelta(minutes=2))
    policy = AdoptionPolicy(clock_skew=timedelta(0), latest=timedelta(minutes=1))
    assert match_created_task(REQUEST, SENT_AT, [late], policy=policy) is None


def test_criteria_that_the_server_made_up_do_not_matter() -> None:
    """Where none were sent, the server's own criteria say nothing."""
    assert match(OURS, request=replace(REQUEST, criteria=())) == "ours"


def test_excluded_tasks_add_domains() -> None:
    """With ``exclude_task_ids`` the resolved set may be larger than sent, never smaller."""
    request = replace(REQUEST, exclude_task_ids=("t-0",))
    larger = replace(OURS, exclude_domains=(*OURS.exclude_domains, "delta.fr"))
    assert match(larger, request=request) == "ours"
    assert match(replace(OURS, exclude_domains=("acme.com",)), request=request) is None


def test_a_large_set_may_differ_a_little() -> None:
    """One domain in a hundred, reduced by another suffix list, does not cost a second task."""
    domains = tuple(f"company{number}.com" for number in range(200))
    request = replace(REQUEST, exclude_domains=domains)
    near = replace(OURS, exclude_domains=(*domains[:-1], "company.com"))
    far = replace(OURS, exclude_domains=domains[:-3])
    assert match(near, request=request) == "ours"
    assert match(far, request=request) is None


def test_a_list_without_exclusions_is_the_last_resort() -> None:
    """A task that shows no exclusions is adopted only where no other fits."""
    bare = replace(OURS, id="bare", exclude_domains=())
    assert match(bare) == "bare"
    assert match(bare, replace(OURS, created_at=SENT_AT + timedelta(minutes=9))) == "ours"


def test_the_nearest_of_several_wins() -> None:
    """Of equal candidates the one created nearest to sending is ours; then the smallest id."""
    early = replace(OURS, id="early", created_at=SENT_AT + timedelta(seconds=1))
    assert match(OURS, early) == "early"
    assert match(OURS, replace(OURS, id="alike")) == "alike"


@given(
    order=st.permutations(range(6)),
    offsets=st.lists(st.integers(-300, 1_200), min_size=6, max_size=6),
)
def test_the_order_of_the_list_does_not_matter(order: list[int], offsets: list[int]) -> None:
    """The order of the vendor's list is undocumented, so it must not decide."""
    tasks = [
        replace(OURS, id=str(number), created_at=SENT_AT + timedelta(seconds=offset))
        for number, offset in enumerate(offsets)
    ]
    assert match(*tasks) == match(*(tasks[place] for place in order))
