"""The plan of a task that asks for one country."""

from dataclasses import replace

from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import SegmentFacts
from daemon.domain.task_states import TaskState
from daemon.services.plan_exclusions import samples_of
from daemon.services.wave_policy import segment_facts
from tests.planning.stage import Stage

DIVIDED = SearchDefinition(
    name="divided",
    query="freight software in {country}",
    countries=("Germany", "France"),
    push_to=("crm",),
)


def test_one_country_leaves_no_room_for_another(stage: Stage) -> None:
    """What is known there, or tells no country, comes before what is known elsewhere."""
    stage.records(
        ("cargo.fr", "freight software", "France"),
        ("cargo.de", "freight software", "DE"),
        ("nowhere.com", "freight software", None),
        ("silent.de", "", "Germany"),
        ("silent.fr", "", "France"),
    )
    search_id = stage.search(DIVIDED)
    planned = stage.plan(search_id, DIVIDED, cap=3, segment="Germany")
    assert sorted(planned.plan.domains) == ["cargo.de", "nowhere.com", "silent.de"]
    planned = stage.plan(search_id, DIVIDED, cap=3, segment="France")
    assert sorted(planned.plan.domains) == ["cargo.fr", "nowhere.com", "silent.fr"]
    assert not samples_of(planned)[0].domain.endswith(".de"), "what is elsewhere teaches nothing"


def test_what_came_back_all_the_same_is_elsewhere_no_more(stage: Stage) -> None:
    """A company of one country that a task for another returned is excluded from both."""
    stage.records(("silent.de", "", "Germany"))
    search_id = stage.search(DIVIDED)
    stage.task(search_id, ["two-offices.fr"], segment="Germany", country="France")
    stage.task(search_id, ["one-office.fr"], segment="France", country="France")
    planned = stage.plan(search_id, DIVIDED, segment="Germany")
    assert planned.plan.domains == ("two-offices.fr", "silent.de", "one-office.fr")
    planned = stage.plan(search_id, DIVIDED, segment="France")
    assert set(planned.plan.domains[:2]) == {"one-office.fr", "two-offices.fr"}


def test_a_company_that_one_record_has_in_the_country_is_there(stage: Stage) -> None:
    """Records may differ: the one that would have it excluded is believed."""
    with_name = ("group.com", "freight software", "France")
    stage.records(with_name, ("other.fr", "freight software", "France"))
    stage.records(("group.com", "freight software", "Germany"), connector="second")
    both = replace(DIVIDED, push_to=("crm", "second"))
    planned = stage.plan(stage.search(both), both, cap=1, segment="Germany")
    assert planned.plan.domains == ("group.com",)


def test_each_country_has_a_past_of_its_own(stage: Stage) -> None:
    """Which task may go on, what is held, what was asked for, what the latest three returned."""
    stage.records(("a.de", "", "DE"), ("b.de", "", "Germany"), ("c.fr", "", "France"))
    search_id = stage.search(DIVIDED)
    for number in range(4):
        found = [f"a{number}.de", f"b{number}.de"]
        stage.task(search_id, found, segment="Germany", country="Germany")
    french = stage.task(search_id, ["a.fr"], segment="France", country="France")
    failed = stage.task(search_id, ["b.fr"], segment="France", country="France")
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.tasks.set(french, extruct_id="french")
        unit.tasks.set(failed, state=TaskState.FAILED)
    with stage.store.reading(now=stage.clock.now()) as unit:
        assert unit.tasks.newest_begun(search_id, 1, "France") == french
        assert unit.tasks.newest_begun(search_id, 1, "Germany") is None
        german, of_france = segment_facts(unit, search_id, DIVIDED)
    # Found companies are no CRM's, and what failed has asked for nothing.
    assert german == SegmentFacts(segment="Germany", held=2, asked=8, returned=6)
    assert (of_france.held, of_france.asked) == (1, 1)
