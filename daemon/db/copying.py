"""A throw-away copy of a store, so that a dry run can do everything and change nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert, select

from daemon.db import schema
from daemon.db.crm_tables import mirrors
from daemon.db.documents import DocumentRows
from daemon.db.engine import open_engine, translated
from daemon.db.store import Store
from daemon.db.tables import audit, audit_checkpoints, audit_head, audit_requests, metadata

_LEFT_OUT = {table.name for table in (audit, audit_checkpoints, audit_head, audit_requests)}
_ROWS = 5_000


@contextmanager
def throwaway_copy(source: Engine) -> Iterator[Store]:
    """A SQLite copy of the store, gone with the ``with``; empty when the store is.

    Raises:
        StoreUnavailable: the store cannot be read.
    """
    with TemporaryDirectory(prefix="prospectd-dry-run-") as folder:
        target = open_engine(f"sqlite:///{Path(folder) / 'copy.db'}", durable=False)
        schema.upgrade(target)
        if schema.current_revision(source) == schema.newest_revision():
            _copy(source, target)
        store = Store(target)
        try:
            yield store
        finally:
            store.close()


def _copy(source: Engine, target: Engine) -> None:
    reading_options = {"begin": "DEFERRED", "stream_results": True}
    with translated(), source.connect() as plain, target.begin() as writing:
        reading = plain.execution_options(**reading_options)
        for table in metadata.sorted_tables:
            if table.name in _LEFT_OUT:
                continue
            found = reading.execute(select(table)).mappings()
            for part in found.partitions(_ROWS):
                writing.execute(insert(table), [dict(row) for row in part])
        DocumentRows(writing).likeness.rebuild()
        # Whoever holds the original's mirror does not hold the copy's.
        writing.execute(mirrors.update().values(lease_owner=None, lease_until=None))
