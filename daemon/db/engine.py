"""Engines for the two databases, set up so that both mean the same."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url

from daemon.errors import StoreUnavailable


def open_engine(
    url: str,
    *,
    durable: bool = True,
    lock_wait: timedelta = timedelta(seconds=30),
    pool_size: int = 10,
) -> Engine:
    """An engine for ``sqlite:///FILE`` or ``postgresql+psycopg://…``.

    ``durable=False`` gives up safety from power loss, for tests and benchmarks only. ``lock_wait``
    is how long a SQLite writer waits for another before it is told that the file is locked.
    """
    address = make_url(url)
    options: dict[str, Any] = {
        "json_serializer": _dump_json,
        "json_deserializer": orjson.loads,
        "pool_pre_ping": address.get_backend_name() != "sqlite",
        "hide_parameters": True,
        "pool_size": pool_size,
    }
    if address.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": lock_wait.total_seconds(), "check_same_thread": False}
    engine = create_engine(address, **options)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, durable=durable)
    return engine


def _dump_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _set_up_sqlite(engine: Engine, *, durable: bool) -> None:
    usual = "FULL" if durable else "OFF"

    def on_connect(connection: Any, record: Any) -> None:
        record.info["synchronous"] = usual
        connection.isolation_level = None  # we say BEGIN ourselves, see on_begin
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # NORMAL in WAL mode may lose the last commits on power loss; an intent must not be lost.
        cursor.execute(f"PRAGMA synchronous={usual}")
        cursor.execute("PRAGMA foreign_keys=ON")
        # A page of a listing touches its whole index; the usual 1,000 pages were written back at
        # every seventh commit. The log is up to 32 MB instead of 4.
        cursor.execute("PRAGMA wal_autocheckpoint=8000")
        cursor.execute("PRAGMA cache_size=-8192")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        # A writer takes the lock at once: a read that turns into a write later cannot deadlock.
        options = connection.get_execution_options()
        wanted = "NORMAL" if durable and options.get("repeatable") else usual
        if connection.info["synchronous"] != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        mode = options.get("begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's complaint that the database is locked, away or full into our own error."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise  # a statement that SQLite does not understand: a defect, no outage
        raise StoreUnavailable(_sentence(error)) from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(_sentence(error)) from error
        raise


def _sentence(error: exc.SQLAlchemyError) -> str:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"The database cannot be used now ({cause[0] if cause else 'no reason given'})."
