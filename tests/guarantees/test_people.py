"""People's work is theirs: nothing of it is overwritten, undone or made again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Uniqueness
from daemon.config.definitions import definition_from_json
from daemon.db.store import Store
from daemon.domain.push_states import PushState
from daemon.sandbox.launch import SandboxOptions
from daemon.services.index_mirror import index_mirror
from daemon.services.plan_exclusions import plan_task
from tests.guarantees.stage import Stage
from tests.support.clocks import VirtualClock
from tests.support.rigs import Rig

LATER = timedelta(days=1)
KINDS = {
    "own key": MemoryTraits(),
    "all writers": MemoryTraits(uniqueness=Uniqueness.ALL_WRITERS),
    "no key": MemoryTraits(uniqueness=Uniqueness.NONE, settling=timedelta(seconds=10)),
    "upserts": MemoryTraits(create_only=False),
    "lags": MemoryTraits(settling=timedelta(seconds=40), batch_size=2),
}


@pytest.fixture(params=list(KINDS))
def any_crm(request: pytest.FixtureRequest, store: Store, clock: VirtualClock) -> Stage:
    """A way to each kind of CRM that there is."""
    return Stage(store, clock, traits=KINDS[request.param])


def exclusions_of(stage: Stage, search: int) -> set[str]:
    """The domains that the next task of this search would leave out."""
    index_mirror(stage.context)
    with stage.store.reading(now=stage.clock.now()) as unit:
        definition = definition_from_json(unit.searches.definition(search, 1))
        return set(plan_task(unit, search, definition, cap=100).plan.domains)


def test_what_a_person_changed_stays_as_it_is(any_crm: Stage) -> None:
    """A record of ours that somebody edited is found again, and not one field is written."""
    stage = any_crm
    search = stage.search()
    stage.run(search, "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    stage.clock.advance(timedelta(minutes=1))
    stage.crm.person_edits(ours, stage.clock.now(), name="Acme (do not call)", city="Bremen")
    edited = stage.live()
    stage.clock.advance(LATER)
    stage.sweep()
    stage.run(search, "http://www.acme.com/about", "https://other.com")
    stage.deliver()
    stage.clock.advance(timedelta(minutes=10))
    stage.reconcile()
    assert stage.live()[ours] == edited[ours]
    assert len(stage.live()) == 2


def test_a_company_of_a_person_is_left_alone(any_crm: Stage) -> None:
    """What people typed in before us is neither doubled nor changed, whatever its spelling."""
    stage = any_crm
    theirs = stage.person_adds("Acme GmbH", "WWW.Acme.com/de")
    before = stage.live()[theirs]
    stage.clock.advance(timedelta(minutes=2))
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    assert list(stage.live().values()) == [before]


@pytest.mark.parametrize("seen", [True, False], ids=["the mirror saw it", "only the sweep saw it"])
def test_a_deleted_company_is_not_created_again(any_crm: Stage, seen: bool) -> None:
    """A person deletes our record; every later search that finds the company leaves it deleted."""
    stage = any_crm
    stage.run(stage.search("first"), "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    stage.clock.advance(timedelta(minutes=2))
    stage.crm.person_deletes(ours, stage.clock.now())
    stage.clock.advance(timedelta(minutes=2))
    if seen:
        stage.refresh()
    else:
        stage.sweep()
    stage.run(stage.search("second"), "acme.com")
    stage.deliver()
    assert stage.live() == {}


def test_a_company_deleted_before_we_ever_pushed_it_stays_away(any_crm: Stage) -> None:
    """A record that people made and deleted counts as held: its domain is known for ever."""
    stage = any_crm
    theirs = stage.person_adds("Acme", "acme.com")
    stage.clock.advance(timedelta(minutes=2))
    stage.sweep()
    stage.crm.person_deletes(theirs, stage.clock.now())
    stage.clock.advance(timedelta(minutes=2))
    stage.sweep()
    search = stage.search()
    assert exclusions_of(stage, search) == {"acme.com"}
    stage.run(search, "https://acme.com")
    assert stage.match() == {"known_crm": 1}
    assert stage.live() == {}


def test_a_deletion_between_decision_and_push_is_heeded(stage: Stage) -> None:
    """Decided as new, then added and deleted by a person: what the mirror learned counts."""
    stage.run(stage.search(), "https://acme.com")
    stage.match()
    theirs = stage.person_adds("Acme", "acme.com")
    stage.sweep()
    stage.crm.person_deletes(theirs, stage.clock.now())
    stage.sweep()
    assert stage.push().existed == 1
    assert stage.pushes()["acme.com"].reason == "deleted_by_person"
    assert stage.live() == {}


def test_a_company_that_was_merged_away_is_not_created_again(any_crm: Stage) -> None:
    """A person merges our record into another: the survivor is the company from then on."""
    stage = any_crm
    stage.run(stage.search("first"), "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    stage.clock.advance(timedelta(minutes=2))
    survivor = stage.person_adds("Acme Holding", "acme-holding.com")
    stage.crm.person_merges(survivor_id=survivor, lost_id=ours, now=stage.clock.now())
    stage.clock.advance(timedelta(minutes=2))
    stage.sweep()
    stage.run(stage.search("second"), "acme.com", "acme-holding.com")
    stage.deliver()
    assert list(stage.live()) == [survivor]


def test_recreate_deleted_makes_it_again_once(store: Store, clock: VirtualClock) -> None:
    """Where the options ask for it a deleted company comes back when it is found again, once."""
    traits = replace(MemoryTraits(), uniqueness=Uniqueness.NONE)
    stage = Stage(store, clock, traits=traits, recreate_deleted=True)
    search = stage.search()
    stage.run(search, "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    stage.crm.person_deletes(ours, stage.clock.now())
    stage.sweep()
    stage.run(search, "https://acme.com")
    stage.run(search, "https://www.acme.com")
    assert stage.deliver().created == 1
    stage.run(search, "https://acme.com")
    assert stage.deliver().created == 0
    (again,) = stage.live()
    assert again != ours
    push = stage.pushes()["acme.com"]
    assert (push.state, push.record_id) == (PushState.CREATED, again)
    assert [row.get("again") for row in stage.events("push.queued")] == [None, True]


def test_recreate_deleted_leaves_alone_what_was_merged(store: Store, clock: VirtualClock) -> None:
    """A merged company lives on in the survivor, even where that has not its domain."""
    traits = replace(MemoryTraits(), uniqueness=Uniqueness.NONE)
    stage = Stage(store, clock, traits=traits, recreate_deleted=True)
    search = stage.search()
    stage.run(search, "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    survivor = stage.person_adds("Acme Holding", "acme-holding.com")
    stage.crm.person_merges(survivor_id=survivor, lost_id=ours, now=stage.clock.now())
    stage.refresh()
    stage.crm.person_edits(survivor, stage.clock.now(), websites=("acme-holding.com",))
    stage.sweep()
    stage.run(search, "https://acme.com")
    stage.deliver()
    assert list(stage.live()) == [survivor]


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    """A small HubSpot that knows none of the companies, and a search that finds a few."""
    options = SandboxOptions(companies=400, crm=20, known_share=0.0, task_seconds=20.0)
    return Rig(store=store, folder=tmp_path, options=options)


def test_hubspots_people_keep_their_edits_deletions_and_merges(rig: Rig) -> None:
    """Between two runs people edit, delete and merge ours in HubSpot; the second undoes nothing."""
    rig.until_quiet()
    hubspot = rig.simulators.hubspot
    ours = [each["id"] for each in rig.crm() if each["properties"].get("prospectd_key")]
    edited, deleted, lost, survivor = ours[:4]
    hubspot.edit(edited, name="Do not call", website="https://elsewhere.example")
    hubspot.archive(deleted)
    hubspot.merge(survivor_id=survivor, lost_id=lost)
    rig.clock.advance(timedelta(days=2))
    before = {record["id"]: record["properties"] for record in rig.crm()}
    rig.until_quiet()
    after = {record["id"]: record["properties"] for record in rig.crm()}
    assert {key: after.get(key) for key in before} == before
    assert deleted not in after
    assert lost not in after
    assert max(rig.holders().values()) == 1
