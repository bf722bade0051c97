"""What a result becomes when the vendor changes it later."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from daemon.db.results import FoundRow
from daemon.db.store import Store
from daemon.domain.identities import identify
from daemon.domain.task_states import TaskState
from daemon.extruct.payloads import ResultRow
from daemon.extruct.reading import parse_row
from daemon.sandbox.launch import SandboxOptions
from tests.support.rigs import Rig

RAW: dict[str, Any] = {
    "id": "row-1",
    "task_id": "task-1",
    "company_name": "Acme Freight",
    "company_description": "Software for forwarders",
    "company_website": "https://www.linkedin.com/company/acme-freight",
    "relevance": 90,
    "scores": {"fit": {"grade": 5}},
}


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    """A program with an empty CRM and one task at work."""
    rig = Rig(store, tmp_path, SandboxOptions(seed=1, companies=50, crm=0))
    with rig.app() as app:
        app.load()
        with store.transaction("test", now=rig.clock.now()) as unit:
            search = unit.searches.all()[0]
            unit.tasks.add(
                search_id=search.id,
                search_version=1,
                state=TaskState.RUNNING,
                extruct_id="task-1",
                request={},
                desired=10,
                counters={},
                created_at=rig.clock.now(),
            )
    return rig


def see(rig: Rig, *jobs: str, **changes: Any) -> None:
    """The vendor shows the row, with these values, and it is decided (or other jobs run)."""
    raw = {**RAW, **changes}
    parsed = parse_row(raw)
    assert isinstance(parsed, ResultRow)
    row = FoundRow(
        found=parsed.company,
        identity=identify(parsed.company),
        raw=raw,
        fingerprint=hashlib.md5(orjson.dumps(raw), usedforsecurity=False).hexdigest(),
    )
    with rig.app() as app:
        with rig.store.transaction("test", now=rig.clock.now()) as unit:
            task = unit.tasks.by_extruct_id("task-1")
            assert task is not None
            unit.results.save_page(task.id, [row], now=rig.clock.now())
        for name in jobs or ("index", "match"):
            next(job for job in app.jobs if job.name == name).run()


def test_a_row_without_a_domain_is_held_until_it_gets_one(rig: Rig) -> None:
    """Held for want of a domain, it is queued under the domain that the vendor adds later."""
    see(rig)
    assert [(push["key"], push["state"]) for push in rig.rows("pushes")] == [
        ("profile:linkedin.com/company/acme-freight", "held")
    ]
    see(rig, company_website="https://acme-freight.com")
    assert {(push["key"], push["state"]) for push in rig.rows("pushes")} == {
        ("profile:linkedin.com/company/acme-freight", "declined"),
        ("acme-freight.com", "pending"),
    }


def test_a_row_that_was_queued_is_not_queued_under_another_name(rig: Rig) -> None:
    """Once on its way, a result that changes its website does not become a second company."""
    see(rig, company_website="https://acme-freight.com")
    see(rig, company_website="https://acme-freight.io")
    assert [push["key"] for push in rig.rows("pushes")] == ["acme-freight.com"]


def test_nothing_is_decided_while_the_index_is_not_up_to_date(rig: Rig) -> None:
    """What is known may have been indexed by other rules: a result waits until it is indexed."""
    see(rig, "match", company_website="https://acme-freight.com")
    assert rig.rows("pushes") == []
    see(rig, company_website="https://acme-freight.com")
    assert len(rig.rows("pushes")) == 1
