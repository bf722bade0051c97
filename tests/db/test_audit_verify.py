"""An audit log that was tampered with is found out, and the first broken row is named."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from daemon.db.audit_chain import BreakKind, ChainReport, verify_chain
from daemon.db.store import Store
from tests.support.clocks import VirtualClock

ROWS = 12


@pytest.fixture
def log(store: Store, clock: VirtualClock) -> Store:
    """A store with twelve events, of which every third took a request."""
    for place in range(1, ROWS + 1):
        with store.transaction("test", now=clock.now()) as unit:
            sent = [{"method": "GET", "path": f"/{place}", "status": 200}] if place % 3 == 0 else []
            unit.audit.write("test.done", subject=f"s{place}", place=place, requests=sent)
        clock.advance(timedelta(seconds=1))
    return store


def verify(store: Store, clock: VirtualClock) -> ChainReport:
    """Check the log."""
    with store.reading(now=clock.now()) as unit:
        return verify_chain(unit.connection)


def tamper(store: Store, *statements: str) -> None:
    """Write into the database past the program."""
    with store.engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_log_is_whole(log: Store, clock: VirtualClock) -> None:
    """Nothing is found where nothing was done, and the report tells how far it read."""
    report = verify(log, clock)
    assert report.broken is None
    assert (report.rows, report.first, report.last, report.pruned) == (ROWS, 1, ROWS, 0)


def test_an_empty_log_is_whole(store: Store, clock: VirtualClock) -> None:
    """A store in which nothing has happened yet is in order."""
    assert verify(store, clock).broken is None


@pytest.mark.parametrize(
    ("statement", "seq", "kind"),
    [
        ("UPDATE audit SET data = '{}' WHERE seq = 5", 5, BreakKind.EDITED),
        ("UPDATE audit SET subject = 'other' WHERE seq = 1", 1, BreakKind.EDITED),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 7", 7, BreakKind.EDITED),
        ("UPDATE audit SET hash = 'f' WHERE seq = 4", 4, BreakKind.EDITED),
        ("DELETE FROM audit WHERE seq = 6", 6, BreakKind.MISSING),
        ("DELETE FROM audit WHERE seq <= 3", 1, BreakKind.MISSING),
        ("DELETE FROM audit WHERE seq > 9", 10, BreakKind.CUT),
        ("DELETE FROM audit", 1, BreakKind.CUT),
        ("UPDATE audit_head SET seq = 11", 12, BreakKind.HEAD),
        ("UPDATE audit_requests SET requests = '[]' WHERE seq = 9", 9, BreakKind.REQUESTS_EDITED),
        ("DELETE FROM audit_requests WHERE seq = 9", 9, BreakKind.REQUESTS_MISSING),
    ],
)
def test_what_was_done_to_the_log_is_found(
    log: Store, clock: VirtualClock, statement: str, seq: int, kind: BreakKind
) -> None:
    """Each kind of tampering is named with the first row that it broke."""
    tamper(log, statement)
    broken = verify(log, clock).broken
    assert broken is not None
    assert (broken.seq, broken.kind) == (seq, kind)
    assert str(seq) in broken.text


def test_rows_that_changed_places_are_found(log: Store, clock: VirtualClock) -> None:
    """Two rows with each other's numbers are named as moved, not as edited."""
    tamper(
        log,
        "UPDATE audit SET seq = -1 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 8",
        "UPDATE audit SET seq = 8 WHERE seq = -1",
    )
    broken = verify(log, clock).broken
    assert broken is not None
    assert (broken.seq, broken.kind) == (4, BreakKind.REORDERED)
    assert "row 8" in broken.text


def test_a_forged_beginning_is_found(log: Store, clock: VirtualClock) -> None:
    """Rows cut from the front with a checkpoint that no event of the log speaks of."""
    tamper(
        log,
        "INSERT INTO audit_checkpoints (seq, hash, made_at) "
        "SELECT seq, hash, at FROM audit WHERE seq = 6",
        "DELETE FROM audit WHERE seq <= 6",
        "DELETE FROM audit_requests WHERE seq <= 6",
    )
    broken = verify(log, clock).broken
    assert broken is not None
    assert broken.kind is BreakKind.CHECKPOINT


def test_a_long_log_is_read_a_page_at_a_time(store: Store, clock: VirtualClock) -> None:
    """Longer than a page and edited near its end: found there."""
    with store.transaction("test", now=clock.now()) as unit:
        for place in range(2_500):
            unit.audit.write("test.done", place=place)
    assert verify(store, clock).rows == 2_500
    tamper(store, "UPDATE audit SET event = 'test.undone' WHERE seq = 2400")
    broken = verify(store, clock).broken
    assert broken is not None
    assert broken.seq == 2400
