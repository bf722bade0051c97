"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest

from daemon.db.store import Store
from tests.support.clocks import VirtualClock
from tests.support.databases import PostgresServer, postgres_store, sqlite_store


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PostgresServer:
    """A real PostgreSQL, shared by all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "postgresql"
    return PostgresServer(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An empty store, once on each database."""
    if request.param == "sqlite":
        with sqlite_store(tmp_path_factory.mktemp("sqlite")) as opened:
            yield opened
    else:
        with postgres_store(request.getfixturevalue("postgres_server")) as opened:
            yield opened


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still at six on a Monday morning."""
    return VirtualClock()
