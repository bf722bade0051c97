"""Where the websites of earlier results lead is left out of the next task."""

import pytest

from connectors.sdk.records import CrmRecord
from daemon.db.store import Store
from daemon.domain.exclusions import Candidate
from daemon.domain.redirects import Landing, Outcome
from daemon.domain.searches import SearchDefinition
from daemon.services.index_mirror import index_mirror
from daemon.services.plan_exclusions import plan_task
from tests.guarantees.stage import CRM, Stage
from tests.support.clocks import VirtualClock


@pytest.fixture
def stage(store: Store, clock: VirtualClock) -> Stage:
    stage = Stage(store=store, clock=clock)
    held = CrmRecord(
        record_id="", name="Big", websites=("https://bigcorp.com", "https://bigcorp.de")
    )
    stage.crm.person_creates(held, clock.now())
    stage.refresh()
    index_mirror(stage.context)
    return stage


def candidates(stage: Stage, search_id: int) -> dict[str, Candidate]:
    """What may be left out of the search's next task, by domain."""
    definition = SearchDefinition(name="freight", query="freight", push_to=(CRM,))
    with stage.store.reading(now=stage.clock.now()) as unit:
        planned = plan_task(unit, search_id, definition, cap=10)
    return {one.domain: one for one in planned.candidates}


def lead(stage: Stage, domain: str, landing: str) -> None:
    """The website of one domain leads to another."""
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.redirects.ask([domain], now=unit.now)
        found = Landing(outcome=Outcome.LEADS_ELSEWHERE, leads_to=landing)
        unit.redirects.save(domain, found, now=unit.now)


def test_what_a_returned_website_leads_to_is_as_good_as_returned(stage: Stage) -> None:
    """Where a CRM holds it, and that domain only: its record's others are ranked as before."""
    search_id = stage.search()
    stage.run(search_id, "https://acme.com")
    assert candidates(stage, search_id)["bigcorp.com"].returned_by_search == 0
    lead(stage, "acme.com", "bigcorp.com")
    found = candidates(stage, search_id)
    assert found["bigcorp.com"].returned_by_search == 1
    assert found["bigcorp.com"].returned_at is not None
    assert found["bigcorp.de"].returned_by_search == 0


def test_what_nobody_holds_is_not_left_out(stage: Stage) -> None:
    """A mother company that no CRM has is a new company: it is not lost for its daughter."""
    search_id = stage.search()
    stage.run(search_id, "https://acme.com")
    lead(stage, "acme.com", "mother.com")
    assert "mother.com" not in candidates(stage, search_id)
