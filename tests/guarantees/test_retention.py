"""What is old is pruned by age; the chain stays whole, and no domain is forgotten."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from daemon.config.definitions import definition_from_json
from daemon.db.audit_chain import ChainReport, verify_chain
from daemon.services.explain import explain_company
from daemon.services.plan_exclusions import plan_task
from daemon.services.prune_history import PruneHistory, PruneResult, RetentionPolicy
from tests.guarantees.stage import CRM, Stage

POLICY = RetentionPolicy(
    raw_results=timedelta(days=180), audit=timedelta(days=730), audit_requests=timedelta(days=90)
)


def prune(stage: Stage, policy: RetentionPolicy = POLICY) -> PruneResult:
    """Prune what has come of age."""
    return PruneHistory(stage.context, policy).run_once()


def verify(stage: Stage) -> ChainReport:
    """Check the log."""
    with stage.store.reading(now=stage.clock.now()) as unit:
        return verify_chain(unit.connection)


def delivered(stage: Stage, *websites: str) -> int:
    """A run whose task has ended and whose companies were pushed; the search's id."""
    search = stage.search()
    task = stage.run(search, *websites)
    stage.deliver()
    stage.end(task)
    stage.deliver()
    return search


def test_nothing_young_is_touched(stage: Stage) -> None:
    """The day after a run there is nothing to prune."""
    delivered(stage, "https://acme.com")
    stage.clock.advance(timedelta(days=1))
    assert prune(stage) == PruneResult()


def test_old_results_lose_their_prose_and_are_still_understood(stage: Stage) -> None:
    """Names, scores and places stay readable, so that a decision can be made again."""
    search = stage.search()
    scores = {"fit": {"grade": 4, "explanation": "long", "sources": ["https://a.example"]}}
    task = stage.run(search, rows=[stage.row("https://acme.com", scores=scores, hq_city="Kiel")])
    stage.deliver()
    stage.end(task)
    stage.deliver()
    stage.clock.advance(timedelta(days=181))
    assert prune(stage).results == 1
    assert prune(stage).results == 0
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.results.match_again(task)
        (row,) = unit.results.to_match(limit=10)
    assert "company_description" not in row.raw
    assert row.raw["scores"] == {"fit": {"grade": 4}}
    assert row.raw["hq_city"] == "Kiel"
    stage.deliver()
    assert len(stage.live()) == 1
    with stage.store.reading(now=stage.clock.now()) as unit:
        told = explain_company(unit, "acme.com")
    assert told.found[0]["scores"] == {"fit": 4}


def test_results_of_a_task_at_work_stay_whole(stage: Stage) -> None:
    """However old, a row that may still change or waits for its decision is kept."""
    search = stage.search()
    stage.run(search, "https://acme.com")
    stage.clock.advance(timedelta(days=400))
    assert prune(stage).results == 0


def test_requests_go_before_the_events_that_took_them(stage: Stage) -> None:
    """After their own age the requests are gone, the events are there, and the chain is whole."""
    delivered(stage, "https://acme.com")
    assert any(row.get("requests") for row in stage.events("push.created"))
    stage.clock.advance(timedelta(days=91))
    assert prune(stage).requests > 0
    assert not any(row.get("requests") for row in stage.events("push.created"))
    assert verify(stage).broken is None


def test_the_chain_goes_on_behind_a_checkpoint(stage: Stage) -> None:
    """Old events are gone, the log begins behind them and says so, and grows on, and again."""
    delivered(stage, "https://acme.com")
    for _ in range(2):
        before = verify(stage)
        stage.clock.advance(timedelta(days=731))
        assert prune(stage).events >= before.rows - 2
        stage.sweep()
        after = verify(stage)
        assert after.broken is None
        assert after.pruned >= before.last - 2
        assert after.last > before.last


def test_tampering_behind_a_checkpoint_is_found(stage: Stage) -> None:
    """A pruned log protects what is left of it as before."""
    delivered(stage, "https://acme.com")
    stage.clock.advance(timedelta(days=731))
    prune(stage)
    stage.sweep()
    assert verify(stage).broken is None
    with stage.store.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE audit SET data = '{}' WHERE event = 'audit.pruned'"))
    assert verify(stage).broken is not None


def test_a_broken_log_is_not_pruned(stage: Stage) -> None:
    """Evidence is not swept away: the prune stops at the broken row and says so."""
    delivered(stage, "https://acme.com")
    with stage.store.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE audit SET subject = 'x' WHERE seq = 2"))
    stage.clock.advance(timedelta(days=731))
    result = prune(stage)
    assert (result.events, result.broken_at) == (0, 2)
    assert [row["row"] for row in stage.events("audit.prune_refused")] == [2]


def test_no_domain_is_ever_forgotten(stage: Stage) -> None:
    """Years later, with everything pruned, a known company is excluded and not made again."""
    search = delivered(stage, "https://acme.com")
    (ours,) = stage.live()
    stage.crm.person_deletes(ours, stage.clock.now())
    stage.sweep()
    stage.clock.advance(timedelta(days=3_000))
    policy = replace(POLICY, raw_results=timedelta(days=1))
    assert prune(stage, policy).events > 0
    stage.sweep()
    with stage.store.reading(now=stage.clock.now()) as unit:
        definition = definition_from_json(unit.searches.definition(search, 1))
        planned = plan_task(unit, search, definition, cap=10)
        assert planned.plan.domains == ("acme.com",)
        assert "acme.com" in unit.mirror.holders([CRM], ["acme.com"])
    stage.run(search, "https://acme.com")
    stage.deliver()
    assert stage.live() == {}


def test_pages_of_sweeps_that_nobody_goes_on_with_are_dropped(stage: Stage) -> None:
    """Notes of a sweep that is over or was begun anew go, those of the one at work stay."""
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        for sweep in (1, 2):
            unit.mirror.note_sweep_page(CRM, sweep=sweep, page=1, record_ids=["1"])
        unit.mirror.set(CRM, sweep=2, sweep_started_at=stage.clock.now())
    prune(stage)
    with stage.store.reading(now=stage.clock.now()) as unit:
        left = unit.connection.execute(text("SELECT sweep FROM sweep_pages")).scalars().all()
    assert left == [2]
