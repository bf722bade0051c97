"""Candidates of a plan are found by an index: a CRM of a million is not read for a thousand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, text

from connectors.sdk.records import CrmRecord
from daemon.db.store import Store
from daemon.services.context import ServiceContext
from daemon.services.index_mirror import index_mirror
from daemon.services.mirror_crm import mirrored
from tests.support.clocks import VirtualClock

RECORDS, PAGE = 6_000, 100


@pytest.fixture
def filled(store: Store, clock: VirtualClock) -> Store:
    """A store with a mirror that is large for what is asked of it, and known to its planner."""
    records = [
        CrmRecord(
            record_id=str(number),
            name=f"company {number}",
            websites=(f"company{number}.com",),
            description=None if number % 5 == 0 else "freight software",
        )
        for number in range(RECORDS)
    ]
    for start in range(0, RECORDS, PAGE):
        with store.transaction("test", now=clock.now()) as unit:
            page = mirrored(records[start : start + PAGE])
            unit.mirror.save_page("crm", page, now=clock.now())
        clock.advance(timedelta(seconds=1))
    index_mirror(ServiceContext(store=store, clock=clock, random=Random(1), owner="test"))
    with store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return store


@contextmanager
def _statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(*call: Any) -> None:
        heard.append((call[2], call[3]))

    event.listen(store.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(store.engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("what", ["bare", "newest"])
def test_the_latest_records_are_found_by_an_index(
    filled: Store, clock: VirtualClock, what: str
) -> None:
    """Neither engine reads the whole mirror, nor sorts it."""
    with filled.reading(now=clock.now()) as unit, _statements(filled) as heard:
        assert len(list(getattr(unit.planning, what)(["crm"], limit=10))) == 10
        ((statement, parameters),) = heard
    is_sqlite = filled.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    with filled.engine.begin() as connection:
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
    plan = "\n".join(str(row[-1]) for row in rows)
    assert "Seq Scan on crm_records" not in plan
    assert "TEMP B-TREE" not in plan
    assert "ix_" in plan
