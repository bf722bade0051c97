"""A CRM that is suddenly smaller stops everything until a person, or a good listing, says so."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.hubspot.simulated.portal import Company
from daemon.db.store import Store
from daemon.domain.push_states import PushEvent
from daemon.sandbox.launch import SandboxOptions
from daemon.services.accept_shrink import accept_shrink
from daemon.services.review import review_pushes
from tests.support.rigs import BASE, SEARCH, Rig


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    """Companies wait for review when most of the CRM is suddenly gone."""
    options = SandboxOptions(companies=300, crm=120, known_share=0.1, task_seconds=20.0)
    made = Rig(
        store=store, folder=tmp_path, options=options, text=f'{BASE}{SEARCH}push = "review"\n'
    )
    made.until_quiet()
    return made


def lose_most(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on most of the CRM is missing from every listing, as when a scope is lost."""
    portal = rig.simulators.hubspot.portal
    hidden = {company.id for company in list(portal.live())[:100]}
    page = portal.page

    def shown(after: int, limit: int, *, archived: bool) -> list[Company]:
        return [one for one in page(after, 500, archived=archived) if one.id not in hidden][:limit]

    monkeypatch.setattr(portal, "page", shown)
    rig.clock.advance(timedelta(days=2))


def approve_all(rig: Rig) -> int:
    """A person approves what waits; how many."""
    waiting = [row["id"] for row in rig.rows("pushes", limit=1_000) if row["state"] == "held"]
    with rig.app() as app:
        review_pushes(app.context, waiting, PushEvent.APPROVED, actor="person")
    return len(waiting)


def test_nothing_is_pushed_until_a_person_accepts_the_loss(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass ends and says why, once in the audit log; after ``accept`` everything goes out."""
    lose_most(rig, monkeypatch)
    waiting = approve_all(rig)
    assert waiting
    for _ in range(2):
        result = rig.once(now=False)
        assert any("crm" in problem for problem in result.problems)
    assert rig.ours() == []
    blocks = rig.rows("audit", event="push.blocked", limit=100)
    assert [row["code"] for row in blocks] == ["mirror_shrunk"]
    with rig.app() as app:
        accept_shrink(app.context, "crm")
    rig.until_quiet(now=False)
    assert len(rig.ours()) == waiting
    assert len(rig.rows("audit", event="push.released", limit=100)) == 1


def test_a_listing_that_finds_the_records_again_releases_by_itself(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost scope that comes back needs no person."""
    lose_most(rig, monkeypatch)
    waiting = approve_all(rig)
    rig.once(now=False)
    assert rig.ours() == []
    monkeypatch.undo()
    rig.clock.advance(timedelta(hours=1))
    rig.until_quiet(now=False)
    assert len(rig.ours()) == waiting
