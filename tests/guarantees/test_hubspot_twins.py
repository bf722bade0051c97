"""In HubSpot, which cannot stop people, a second record is found, merged or put up for review."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.db.store import Store
from daemon.domain.duplicate_states import DuplicateState
from daemon.sandbox.launch import SandboxOptions
from tests.support.rigs import Rig


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    """A small HubSpot and a search that found a few companies and pushed them."""
    options = SandboxOptions(companies=300, crm=10, known_share=0.0, task_seconds=20.0)
    made = Rig(store=store, folder=tmp_path, options=options)
    made.until_quiet()
    return made


def ours(rig: Rig) -> list[dict[str, Any]]:
    """Our records."""
    return [one for one in rig.crm() if one["properties"].get("prospectd_key")]


def reconcile(rig: Rig) -> None:
    """A while later the daemon looks again."""
    rig.clock.advance(timedelta(minutes=5))
    with rig.app() as app:
        next(job for job in app.jobs if job.name == "reconcile:crm").run()


def test_a_persons_twin_of_the_same_moment_becomes_the_one_record(rig: Rig) -> None:
    """The person's record is left, ours went into it, nobody else's record was touched."""
    record = ours(rig)[0]["properties"]
    before = len(rig.crm())
    theirs = rig.simulators.hubspot.create(name=record["name"], domain=record["domain"])
    reconcile(rig)
    after = {one["id"] for one in rig.crm()}
    assert theirs in after
    assert len(after) == before
    assert max(rig.holders().values()) == 1
    with rig.store.reading(now=rig.clock.now()) as unit:
        assert [pair.state for pair in unit.duplicates.all()] == [DuplicateState.MERGED]


def test_a_twin_of_a_record_that_somebody_worked_on_waits(rig: Rig) -> None:
    """Our record with a person's edit and its twin are both left, under review."""
    record = ours(rig)[0]
    rig.clock.advance(timedelta(minutes=2))
    rig.simulators.hubspot.edit(record["id"], description="met them in Hamburg")
    named = {name: record["properties"][name] for name in ("name", "domain")}
    rig.simulators.hubspot.create(**named)
    before = len(rig.crm())
    reconcile(rig)
    assert len(rig.crm()) == before
    with rig.store.reading(now=rig.clock.now()) as unit:
        (pair,) = unit.duplicates.all()
    assert (pair.state, pair.rule) == (DuplicateState.OPEN, "not_ours_alone")


def test_creations_without_a_twin_are_left_alone(rig: Rig) -> None:
    """Every creation is looked at, and nothing is found where nothing is."""
    before = rig.crm()
    reconcile(rig)
    assert rig.crm() == before
    with rig.store.reading(now=rig.clock.now()) as unit:
        assert unit.duplicates.all() == []
        waiting = unit.pushes.to_reconcile("crm", before=rig.clock.now(), limit=10)
    assert waiting == []
