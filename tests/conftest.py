"""Fixtures for all tests."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import HealthCheck, settings

from daemon.db.store import Store
from tests.support.clocks import VirtualClock
from tests.support.databases import PostgresServer, postgres_store, sqlite_store

# A busy machine is no defect: how long an example takes says nothing about what must hold.
settings.register_profile(
    "prospectd", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("prospectd")


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> PostgresServer:
    """A real PostgreSQL, shared by all workers of this run."""
    # Not below pytest's own folder: each run of pytest takes the others' rights to that away, and
    # the server may run as another user.
    return PostgresServer(Path(gettempdir()) / f"prospectd-tests-{testrun_uid}")


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
