"""A throw-away copy is a store of its own."""

from daemon.db.audit_chain import verify_chain
from daemon.db.copying import throwaway_copy
from daemon.db.store import Store
from tests.support.clocks import VirtualClock


def test_a_copy_begins_an_audit_log_of_its_own(store: Store, clock: VirtualClock) -> None:
    """Neither events nor their requests come along: the copy's own log is whole from row one."""
    sent = [{"method": "GET", "path": "/x", "status": 200}]
    with store.transaction("test", now=clock.now()) as unit:
        unit.audit.write("test.done", requests=sent)
    with throwaway_copy(store.engine) as copy:
        with copy.transaction("test", now=clock.now()) as unit:
            unit.audit.write("test.copied", requests=sent)
        with copy.reading(now=clock.now()) as unit:
            report = verify_chain(unit.connection)
            assert (report.broken, report.rows) == (None, 1)
