"""The vendor's task of a search goes on where a new one would return more known companies."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.sdk.clock import Clock
from connectors.sdk.simulator import FaultKind, Faults, FaultySimulator
from daemon.db.store import Store
from daemon.errors import ProspectdError
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.launch import SandboxOptions
from daemon.sandbox.timeline import fail_now
from daemon.sandbox.workspace import Workspace
from daemon.services.adopt_task import adopt_task
from tests.support.rigs import BASE, Rig

WORLD = SandboxOptions(seed=5, companies=12_000, crm=300, known_share=0.3, task_seconds=20)
TIGHT = BASE.replace(
    "[extruct]", "[extruct]\nmax_results_per_task = 40\nmax_exclusions = {cap}\n{more}"
)
TARGET = """
[searches.freight]
query = "vertical SaaS companies serving freight forwarding and shipping"
desired_num_results = 40
target = 120
min_new_share = 0.05
schedule = "{schedule}"
push_to = ["crm"]
"""


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    """A CRM that holds far more than can be excluded, and a search over several waves."""
    rig = Rig(store=store, folder=tmp_path, options=WORLD)
    rig.simulators.extruct.settings.max_results = 40
    rig.simulators.extruct.settings.max_exclusions = 30
    rig.text = text()
    return rig


def text(*, cap: int = 30, more: str = "", schedule: str = "once") -> str:
    return TIGHT.format(cap=cap, more=more) + TARGET.format(schedule=schedule)


def resumed(rig: Rig) -> list[httpx.Request]:
    return [request for request in rig.requests if request.url.path.endswith("/resume")]


def vendors_tasks(rig: Rig) -> list[Any]:
    """What the vendor has, the oldest first."""
    return list(reversed(rig.simulators.extruct.workspace.tasks()))


def assert_paid_once(rig: Rig) -> None:
    """Each result that the vendor shows is stored, and each run that it made is one of ours."""
    rig.clock.advance(timedelta(minutes=10))  # whatever the vendor still does is done
    workspace = rig.simulators.extruct.workspace
    shown = [row["id"] for task in workspace.tasks() for row in workspace.rows(task)]
    stored = Counter(row["task"] for row in found_rows(rig))
    assert sum(stored.values()) == len(shown)
    asked = Counter[str]()
    for row in rig.rows("tasks"):
        if row["started_at"] is not None:
            asked[row["extruct_id"]] += row["desired"]
    assert asked == Counter({task.id: task.desired for task in workspace.tasks()})
    held_twice = [key for key in rig.ours() if rig.holders()[key] > 1]
    assert not held_twice


def found_rows(rig: Rig) -> list[dict[str, Any]]:
    return rig.rows("audit", event="result.stored", limit=10_000)


def test_a_target_beyond_the_cap_is_collected_by_letting_a_task_go_on(rig: Rig) -> None:
    """Own results cost no exclusion: what one task returned, its continuation does not return."""
    rig.until_quiet()
    rows = rig.rows("tasks")
    assert len(rows) > len(vendors_tasks(rig)), "no task was let go on"
    assert len(resumed(rig)) == len(rows) - len(vendors_tasks(rig))
    assert {row["state"] for row in rows} == {"done"}
    domains = [row["subject"] for row in found_rows(rig) if row["task"] in _chain(rig)]
    assert len(domains) == len(set(domains)), "a continued task returned a company again"
    begun = [row for row in rows if row["continues"] is None]
    assert len(begun) == len(vendors_tasks(rig))
    with rig.store.reading(now=rig.clock.now()) as unit:
        sent = sum(len(unit.tasks.exclusions(row["id"])) for row in begun)
        assert unit.summary.exclusions() == sent
    assert_paid_once(rig)
    assert rig.rows("audit", event="task.continued", limit=100)


def _chain(rig: Rig) -> set[int]:
    """Our tasks of the vendor's task that went on furthest."""
    ids = Counter(row["extruct_id"] for row in rig.rows("tasks"))
    (longest, _), *_ = ids.most_common(1)
    return {row["id"] for row in rig.rows("tasks") if row["extruct_id"] == longest}


def test_it_can_be_switched_off(rig: Rig) -> None:
    """With ``continue_tasks = false`` every wave is a task of its own."""
    rig.text = text(more="continue_tasks = false")
    rig.until_quiet()
    assert len(rig.rows("tasks")) == len(vendors_tasks(rig)) > 1
    assert not resumed(rig)


def test_where_everything_known_can_be_excluded_each_task_is_new(rig: Rig) -> None:
    """Going on saves nothing there, and a new task excludes with what was learned since."""
    rig.simulators.extruct.settings.max_exclusions = 1_000
    rig.text = text(cap=1_000)
    rig.until_quiet()
    assert len(rig.rows("tasks")) == len(vendors_tasks(rig)) > 1


@dataclass(slots=True)
class OnceAtResume:
    """Extruct behind a line that breaks at the first time that a task is to go on."""

    inner: ExtructSimulator
    kind: FaultKind
    clock: Clock
    broken: bool = False

    @property
    def workspace(self) -> Workspace:
        """The vendor behind the line."""
        return self.inner.workspace

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, or break once."""
        if self.broken or not request.url.path.endswith("/resume"):
            return self.inner.handle(request)
        self.broken = True
        faults = Faults(rate=1.0, kinds=(self.kind,))
        return FaultySimulator(inner=self.inner, faults=faults, clock=self.clock).handle(request)


def break_at_resume(rig: Rig, kind: FaultKind) -> OnceAtResume:
    line = OnceAtResume(rig.simulators.extruct, kind, rig.clock)
    rig.simulators = replace(rig.simulators, extruct=line)  # type: ignore[arg-type]
    return line


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.FAILED_AFTER])
def test_a_lost_reply_is_read_back_and_never_sent_again(rig: Rig, kind: FaultKind) -> None:
    """What the vendor did before the reply was lost is found in its list, and paid for once."""
    assert break_at_resume(rig, kind).broken is False
    rig.until_quiet()
    (doubt,) = rig.rows("audit", event="task.doubted", limit=10)
    adopted = [row["task"] for row in rig.rows("audit", event="task.adopted", limit=10)]
    assert adopted == [doubt["task"]]
    assert_paid_once(rig)


def test_a_lost_reply_and_a_word_that_lags_behind_are_paid_once(rig: Rig) -> None:
    """What shows later than the settling time of a new task is waited for, not asked for again."""
    settings = rig.simulators.extruct.workspace.settings
    settings.pace = replace(settings.pace, resume_lag=150)
    break_at_resume(rig, FaultKind.REPLY_LOST)
    rig.until_quiet()
    (doubt,) = rig.rows("audit", event="task.doubted", limit=10)
    adopted = [row["task"] for row in rig.rows("audit", event="task.adopted", limit=10)]
    assert adopted == [doubt["task"]]
    assert_paid_once(rig)


@pytest.mark.parametrize("kind", [FaultKind.DROPPED, FaultKind.UNAVAILABLE, FaultKind.HTML])
def test_what_did_not_happen_is_tried_once_more(rig: Rig, kind: FaultKind) -> None:
    """A task that was not let go on, whatever was said of it, is let go on in the end."""
    line = break_at_resume(rig, kind)
    rig.until_quiet()
    assert line.broken
    assert rig.rows("audit", event="task.continued", limit=100)
    assert {row["state"] for row in rig.rows("tasks")} == {"done"}
    assert_paid_once(rig)


def test_a_task_that_may_not_go_on_gives_way_to_a_new_one(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's refusal costs nothing: the wave counts for nothing, and a new task follows."""
    workspace = rig.simulators.extruct.workspace
    answer = workspace.resume
    refused: list[str] = []

    def refuse_once(task_id: str, wanted: int) -> Any:
        if not refused:
            refused.append(task_id)
            fail_now(workspace.task(task_id), rig.clock.now())
        return answer(task_id, wanted)

    monkeypatch.setattr(workspace, "resume", refuse_once)
    rig.until_quiet()
    (row,) = rig.rows("audit", event="task.refused", limit=10)
    states = {task["id"]: task["state"] for task in rig.rows("tasks")}
    assert states[row["task"]] == "failed"
    assert max(states) > row["task"], "no task took its place"
    (end,) = rig.rows("audit", event="slot.finished", limit=10)
    assert end["code"] in {"target_reached", "diminishing", "exhausted"}


def test_a_task_that_still_says_done_is_not_believed_at_once(rig: Rig) -> None:
    """Where the vendor's word lags behind, nothing that comes later is lost."""
    settings = rig.simulators.extruct.workspace.settings
    settings.pace = replace(settings.pace, resume_lag=90)
    rig.until_quiet()
    assert rig.rows("audit", event="task.continued", limit=100)
    assert_paid_once(rig)


def test_a_later_slot_lets_the_task_of_an_earlier_one_go_on(rig: Rig) -> None:
    """Week after week the same vendor's task goes on, as long as it is recent and not exhausted."""
    rig.text = text(schedule="every 168h")
    rig.until_quiet()
    rig.clock.advance(timedelta(days=7))
    rig.until_quiet()
    slots = {row["slot"] for row in rig.rows("audit", event="task.planned", limit=100)}
    assert len(slots) == 2
    assert_paid_once(rig)


def test_what_a_task_of_ours_found_elsewhere_is_brought_in(rig: Rig) -> None:
    """A person lets our task go on in the vendor's app: its new results are brought in, once."""
    rig.text = text(more="continue_tasks = false").replace("target = 120\n", "")
    rig.until_quiet()
    (ours,) = vendors_tasks(rig)
    with rig.app() as app, pytest.raises(ProspectdError, match="known already"):
        adopt_task(app.context, app.client, ours.id, search=None)
    rig.simulators.extruct.workspace.resume(ours.id, 15)
    rig.clock.advance(timedelta(minutes=5))
    with rig.app() as app:
        assert adopt_task(app.context, app.client, ours.id, search=None) == "freight"
    rig.until_quiet(now=False)
    assert_paid_once(rig)
    with rig.app() as app, pytest.raises(ProspectdError, match="known already"):
        adopt_task(app.context, app.client, ours.id, search=None)
