"""What happens when a vendor refuses: said once, the others go on, and nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.once import OncePass
from daemon.sandbox.launch import SandboxOptions
from daemon.sandbox.workspace import Naming
from tests.support.databases import sqlite_store
from tests.support.rigs import ENV, Rig

WORLD = SandboxOptions(seed=11, companies=300, crm=200)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A small world on SQLite; that both databases do the same is tried elsewhere."""
    with sqlite_store(tmp_path) as store:
        yield Rig(store, tmp_path, WORLD)


def events(rig: Rig, name: str) -> list[dict[str, object]]:
    """Rows of the audit log with this event."""
    return rig.rows("audit", event=name, limit=1000)


def work(rig: Rig, *, hours: int) -> None:
    """Let a daemon's jobs run every ten minutes for so long."""
    with rig.app() as app:
        app.load()
        for _ in range(hours * 6):
            for job in app.jobs:
                job.run()
            rig.clock.advance(timedelta(minutes=10))


def test_a_wrong_crm_token_is_said_once_and_tried_again_rarely(rig: Rig) -> None:
    """Refused by the CRM, the daemon says so once and asks about hourly; nothing is started."""
    rig.env = {**ENV, "HUBSPOT_TOKEN": "not-the-token"}
    work(rig, hours=5)
    assert [row["subject"] for row in events(rig, "vendor.paused")] == ["crm"]
    asked = [request for request in rig.requests if request.url.host == "hubspot.test"]
    assert 4 <= len(asked) <= 12
    assert rig.rows("tasks") == []


def test_a_crm_that_recovers_is_said_and_the_work_goes_on(rig: Rig) -> None:
    """With the right token again, the recovery is said once and the companies arrive."""
    rig.env = {**ENV, "HUBSPOT_TOKEN": "not-the-token"}
    work(rig, hours=2)
    rig.env = ENV
    work(rig, hours=2)
    assert [row["subject"] for row in events(rig, "vendor.recovered")] == ["crm"]
    assert rig.ours()


@pytest.mark.parametrize(
    ("refusal", "least", "most"), [("plan_required", 1, 7), ("insufficient_credits", 2, 25)]
)
def test_an_unpaid_bill_stops_new_tasks_and_says_so_once(
    rig: Rig, refusal: str, least: int, most: int
) -> None:
    """Refused for money, tasks wait; paid, the same task is created, once."""
    rig.simulators.extruct.settings.refusal = refusal
    work(rig, hours=5)
    assert [row["code"] for row in events(rig, "vendor.paused")] == [refusal]
    creates = [request for request in rig.requests if request.method == "POST"]
    creates = [request for request in creates if request.url.host == "extruct.test"]
    assert least <= len(creates) <= most
    rig.simulators.extruct.settings.refusal = None
    work(rig, hours=3)
    assert len(rig.simulators.extruct.state()["tasks"]) == 1
    assert rig.ours()


def test_a_running_task_is_read_although_new_ones_are_refused(rig: Rig) -> None:
    """An unpaid bill does not keep the results of what was paid before."""
    with rig.app() as app:
        app.load()
        for _ in range(2):
            for job in app.jobs:
                job.run()
    assert len(rig.simulators.extruct.state()["tasks"]) == 1
    rig.simulators.extruct.settings.refusal = "payment_failed"
    with rig.app() as app:
        OncePass(app).run(["freight"], now=True)
    work(rig, hours=1)
    assert [task["state"] for task in rig.rows("tasks")] == ["done"]
    assert rig.ours()


@pytest.mark.parametrize("naming", list(Naming))
def test_one_bad_exclusion_is_dropped_and_remembered(rig: Rig, naming: Naming) -> None:
    """An entry that the vendor refuses, named or not, costs a repeat, not the task; never again."""
    rig.text = rig.text.replace(
        'push_to = ["crm"]', 'push_to = ["crm"]\nexclude_domains = ["refused.example"]'
    )
    rig.simulators.extruct.settings.naming = naming
    rig.until_quiet()
    assert [row["domains"] for row in events(rig, "exclusion.refused")] == [["refused.example"]]
    assert len(rig.simulators.extruct.state()["tasks"]) == 1
    rig.until_quiet()
    assert len(events(rig, "exclusion.refused")) == 1
    assert rig.ours()


def test_an_outage_of_the_crm_does_not_stop_the_search(rig: Rig) -> None:
    """While the CRM is away, results are still collected and decided; they are pushed later."""
    with rig.app() as app:
        app.load()
        for _ in range(2):
            for job in app.jobs:
                job.run()
    rig.simulators.hubspot.token = "changed-meanwhile"
    work(rig, hours=1)
    assert [task["state"] for task in rig.rows("tasks")] == ["done"]
    assert rig.ours() == []
    rig.simulators.hubspot.token = ENV["HUBSPOT_TOKEN"]
    work(rig, hours=3)
    assert rig.ours()
