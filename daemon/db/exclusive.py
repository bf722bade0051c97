"""One daemon for one SQLite file: the second is refused with a sentence."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from daemon.errors import AnotherDaemon


@contextmanager
def exclusive_use(engine: Engine) -> Iterator[None]:
    """Be the only daemon on a SQLite file; PostgreSQL needs no such thing.

    The lock is the operating system's: it is gone with the process, however that ends.

    Raises:
        AnotherDaemon: there is one already.
    """
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        yield
        return
    descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AnotherDaemon(
                f"Another prospectd is working on {database}. A SQLite store serves one daemon: "
                "stop the other one, or use PostgreSQL, which many can share."
            ) from error
        yield
    finally:
        os.close(descriptor)
