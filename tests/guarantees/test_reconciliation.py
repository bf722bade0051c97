"""A second record for a company of ours is found, reported, and merged only where that is ours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.memory.connector import MemoryConnector
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.faults import Ambiguous, NotProcessed
from connectors.sdk.records import CrmRecord
from daemon.db.duplicates import DuplicateRow
from daemon.db.store import Store
from daemon.domain.duplicate_states import DuplicateState
from daemon.errors import ProspectdError
from daemon.services.list_duplicates import list_duplicates
from daemon.services.merge_records import (
    MergeRecords,
    choose_survivor,
    dismiss_pair,
    find_pair,
)
from daemon.services.rescue_expired import rescue_expired
from tests.guarantees.stage import CRM, Stage
from tests.support.clocks import VirtualClock

SETTLED = timedelta(minutes=2)


def pairs(stage: Stage) -> list[DuplicateRow]:
    """Every pair in the store."""
    with stage.store.reading(now=stage.clock.now()) as unit:
        return unit.duplicates.all()


def race(stage: Stage, *, name: str = "Acme") -> tuple[str, str]:
    """We and a person add the same company in the same second; our record and the person's."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    ours = stage.pushes()["acme.com"].record_id
    assert ours is not None
    return ours, stage.person_adds(name, "https://www.acme.com/en")


def test_a_creation_is_looked_at_once_it_has_settled_and_not_again(stage: Stage) -> None:
    """Before the settling time nothing is asked, after it each creation is asked for once."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    assert stage.reconcile().checked == 0
    stage.clock.advance(SETTLED)
    assert stage.reconcile().checked == 1
    assert stage.reconcile().checked == 0
    assert pairs(stage) == []


def test_our_untouched_record_goes_into_the_one_of_the_person(stage: Stage) -> None:
    """The person's record survives, ours is merged into it, and both steps are in the audit log."""
    ours, theirs = race(stage)
    stage.clock.advance(SETTLED)
    result = stage.reconcile()
    assert (result.found, result.merged) == (1, 1)
    assert list(stage.live()) == [theirs]
    (pair,) = pairs(stage)
    assert (pair.state, pair.survivor_id, pair.lost_id) == (DuplicateState.MERGED, theirs, ours)
    assert stage.pushes()["acme.com"].record_id == theirs
    (found,) = stage.events("duplicate.found")
    assert {found["record"], found["other"]} == {ours, theirs}
    assert stage.events("duplicate.merged")[0]["requests"]


def test_a_record_that_a_person_changed_waits_for_a_person(stage: Stage) -> None:
    """Once somebody has worked on our record, nothing merges it by itself."""
    ours, theirs = race(stage)
    stage.clock.advance(SETTLED)
    stage.crm.person_edits(ours, stage.clock.now(), description="our best customer")
    assert stage.reconcile().merged == 0
    assert set(stage.live()) == {ours, theirs}
    (pair,) = pairs(stage)
    assert (pair.state, pair.rule) == (DuplicateState.OPEN, "not_ours_alone")


@pytest.mark.parametrize("change", [{"name": "Acme GmbH & Co"}, {"city": "Bremen"}])
def test_an_edit_in_the_first_minute_is_seen_by_what_it_changed(
    stage: Stage, change: dict[str, str]
) -> None:
    """Even where the times tell nothing, a field that is not as sent keeps the record."""
    ours, _ = race(stage)
    stage.crm.person_edits(ours, stage.clock.now(), **change)
    stage.clock.advance(SETTLED)
    assert stage.reconcile().merged == 0
    assert len(stage.live()) == 2


def test_records_of_different_names_wait_for_a_person(stage: Stage) -> None:
    """A holding and its daughter may share a website: they are put up for review."""
    race(stage, name="Globex")
    stage.clock.advance(SETTLED)
    assert stage.reconcile().merged == 0
    assert pairs(stage)[0].rule == "named_differently"


def test_a_record_that_comes_much_later_is_found_and_left_to_a_person(stage: Stage) -> None:
    """The mirror tells of a second record weeks after ours: it is reported, not merged."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    stage.clock.advance(SETTLED)
    stage.reconcile()
    stage.clock.advance(timedelta(days=20))
    stage.person_adds("Acme", "acme.com")
    stage.sweep()
    assert stage.reconcile().found == 1
    assert stage.reconcile().found == 0
    assert pairs(stage)[0].rule == "created_late"
    assert len(stage.live()) == 2


def test_two_records_of_our_own_become_one(store: Store, clock: VirtualClock) -> None:
    """Without a unique key a late write may double ours: the younger untouched one goes."""
    stage = Stage(store, clock, traits=MemoryTraits(uniqueness=Uniqueness.NONE))
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    (first,) = stage.live()
    twin = CrmRecord(record_id="", name="Acme", websites=("https://acme.com",), key="acme.com")
    stage.crm.person_creates(twin, stage.clock.now())
    stage.clock.advance(SETTLED)
    assert stage.reconcile().merged == 1
    assert list(stage.live()) == [first]


def test_a_lost_answer_to_a_merge_is_read_back(stage: Stage) -> None:
    """The merge happened and its answer was lost: it is found out, and not sent a second time."""
    ours, theirs = race(stage)
    stage.clock.advance(SETTLED)
    merge = stage.target.connector.merge

    def lose(*, survivor_id: str, lost_id: str) -> None:
        merge(survivor_id=survivor_id, lost_id=lost_id)
        raise Ambiguous("timeout", "no answer came")

    stage.target.connector.merge = lose  # type: ignore[method-assign]
    assert stage.reconcile().merged == 0
    assert pairs(stage)[0].state is DuplicateState.MERGING
    stage.target.connector.merge = _never  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=6))
    stage.reconcile()
    assert pairs(stage)[0].state is DuplicateState.MERGED
    assert list(stage.live()) == [theirs]
    assert stage.events("duplicate.merged")[0]["lost"] == ours


def _never(*, survivor_id: str, lost_id: str) -> None:
    raise AssertionError(f"{lost_id} was merged into {survivor_id} a second time")


def test_a_merge_that_never_arrived_is_open_again(stage: Stage) -> None:
    """The sender died before the merge went out: the pair waits again, and then is merged."""
    race(stage)
    stage.clock.advance(SETTLED)
    merge = stage.target.connector.merge

    def die(*, survivor_id: str, lost_id: str) -> None:
        raise Ambiguous("reset", f"{lost_id} into {survivor_id}: nobody knows")

    stage.target.connector.merge = die  # type: ignore[method-assign]
    stage.reconcile()
    stage.target.connector.merge = merge  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=6))
    stage.reconcile()
    assert len(stage.live()) == 1
    assert len(stage.events("duplicate.proved_unmerged")) == 1


def test_a_pair_is_closed_when_a_person_merged_it_in_the_crm(stage: Stage) -> None:
    """What a person did in the CRM needs no second word from anybody."""
    ours, theirs = race(stage, name="Globex")
    stage.clock.advance(SETTLED)
    stage.reconcile()
    stage.crm.person_merges(survivor_id=theirs, lost_id=ours, now=stage.clock.now())
    stage.refresh()
    assert stage.reconcile().gone == 1
    assert pairs(stage)[0].state is DuplicateState.GONE


def test_a_record_that_is_gone_at_the_second_look_is_reported(stage: Stage) -> None:
    """A creation that the CRM no longer shows is said once, and not made again."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    (ours,) = stage.live()
    stage.crm.person_deletes(ours, stage.clock.now())
    stage.clock.advance(SETTLED)
    assert stage.reconcile().missing == 1
    assert stage.reconcile().missing == 0
    assert [row["record"] for row in stage.events("push.record_gone")] == [ours]
    assert stage.live() == {}


def test_a_fault_pauses_the_crm_and_loses_no_look(stage: Stage) -> None:
    """While the CRM does not answer nothing counts as looked at."""
    race(stage)
    stage.clock.advance(SETTLED)
    stage.target.connector.line = _down  # type: ignore[attr-defined]
    assert stage.reconcile().fault is not None
    assert stage.reconcile().checked == 0
    stage.target.connector.line = stage.crm.line  # type: ignore[attr-defined]
    stage.clock.advance(timedelta(hours=1))
    assert stage.reconcile().merged == 1


def _down(operation: str, arguments: object, do: object) -> object:
    del arguments, do
    raise NotProcessed("unavailable", f"{operation}: not now")


def test_a_person_merges_the_way_that_they_want(stage: Stage) -> None:
    """By hand either record may survive; a record of another pair is refused."""
    ours, theirs = race(stage, name="Globex")
    stage.clock.advance(SETTLED)
    stage.reconcile()
    pair = find_pair(stage.context, pairs(stage)[0].id)
    with pytest.raises(ProspectdError, match="none of them"):
        choose_survivor(stage.context, pair, "77", actor="person")
    chosen = choose_survivor(stage.context, pair, ours, actor="person")
    MergeRecords(stage.context, stage.target).merge(chosen, actor="person")
    assert list(stage.live()) == [ours]
    assert theirs not in stage.live()
    with pytest.raises(ProspectdError, match="is merged"):
        find_pair(stage.context, pair.id)


def test_a_dismissed_pair_is_never_brought_up_again(stage: Stage) -> None:
    """Two companies, says a person: from then on the pair is left alone."""
    race(stage, name="Globex")
    stage.clock.advance(SETTLED)
    stage.reconcile()
    dismiss_pair(stage.context, pairs(stage)[0].id, actor="person")
    stage.sweep()
    stage.clock.advance(timedelta(days=1))
    assert stage.reconcile().found == 0
    assert len(stage.live()) == 2
    with pytest.raises(ProspectdError, match="dismissed"):
        dismiss_pair(stage.context, pairs(stage)[0].id, actor="person")


def test_what_the_crm_holds_twice_is_listed_by_domain(stage: Stage) -> None:
    """Records that people doubled long ago are listed, with the pairs under review beside them."""
    stage.person_adds("Initech", "initech.com")
    stage.person_adds("Initech Inc", "https://initech.com/about")
    stage.person_adds("Alone", "alone.com")
    gone = stage.person_adds("Alone too", "alone.com")
    stage.crm.person_deletes(gone, stage.clock.now())
    race(stage, name="Globex")
    stage.sweep()
    stage.clock.advance(SETTLED)
    stage.reconcile()
    with stage.store.reading(now=stage.clock.now()) as unit:
        rows = list_duplicates(unit)
        none = list_duplicates(unit, connector="another")
    assert [(row["domain"], row["ours"], row["pair"] is None) for row in rows] == [
        ("acme.com", True, False),
        ("acme.com", False, False),
        ("initech.com", False, True),
        ("initech.com", False, True),
    ]
    assert {row["connector"] for row in rows} == {CRM}
    assert none == []


def test_where_the_crm_cannot_merge_the_pair_waits_for_a_person(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CRM without merging gets a report and a proposal, and no request that changes anything."""
    race(stage)
    stage.clock.advance(SETTLED)
    plain = replace(stage.target.connector.capabilities, can_merge=False)
    monkeypatch.setattr(MemoryConnector, "capabilities", plain)
    result = stage.reconcile()
    assert (result.found, result.merged) == (1, 0)
    assert pairs(stage)[0].rule == "cannot_merge"
    assert len(stage.live()) == 2


def test_a_slow_sender_whose_lease_ran_out_sends_nothing(store: Store, clock: VirtualClock) -> None:
    """A look-up that outlasts the lease ends in doubt, and nothing is sent blindly."""
    stage = Stage(store, clock, traits=MemoryTraits(uniqueness=Uniqueness.NONE))
    stage.run(stage.search(), "https://acme.com")
    stage.match()
    lookup = stage.target.connector.lookup

    def slow(companies: object) -> object:
        found = lookup(companies)  # type: ignore[arg-type]
        stage.clock.advance(timedelta(minutes=6))
        rescue_expired(stage.replica("two"))
        return found

    stage.target.connector.lookup = slow  # type: ignore[method-assign,assignment]
    result = stage.push()
    assert (result.created, len(stage.live())) == (0, 0)
    assert stage.pushes()["acme.com"].state.value == "unknown"
