"""The audit log's chain."""

from contextlib import suppress

from daemon.db.audit import FIRST_HASH, chain_hash, fetch_events
from daemon.db.store import Store
from tests.support.clocks import VirtualClock


def test_each_row_carries_the_hash_over_the_row_before(store: Store, clock: VirtualClock) -> None:
    """Row by row, the stored hash is the one computed from the row before and its own content."""
    for place in range(3):
        with store.transaction("test", now=clock.now()) as unit:
            unit.audit.write("test.done", subject=f"s{place}", place=place)
            unit.audit.write("test.checked", subject=f"s{place}")
    with store.reading(now=clock.now()) as unit:
        rows = fetch_events(unit.connection)
    previous = FIRST_HASH
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6]
    for row in rows:
        assert row.hash == chain_hash(previous, row)
        previous = row.hash


def test_a_rolled_back_transaction_leaves_no_row(store: Store, clock: VirtualClock) -> None:
    """What did not happen is not in the log."""
    with suppress(RuntimeError), store.transaction("test", now=clock.now()) as unit:
        unit.audit.write("test.done")
        unit.audit.flush()
        raise RuntimeError
    with store.reading(now=clock.now()) as unit:
        assert fetch_events(unit.connection) == []
