"""The schema's steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

import migrations
from daemon.db import schema
from daemon.db.crm_tables import mirrors
from daemon.db.engine import open_engine
from daemon.db.tables import metadata
from tests.support.databases import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables, of each kind."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
        yield engine
        engine.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_empty_database()
    engine = open_engine(url)
    yield engine
    engine.dispose()
    server.drop(url)


def _is_declared(name: str | None, kind: str, parents: object) -> bool:
    """The full-text index is each database's own, and declared for neither."""
    del parents
    return kind != "table" or not (name or "").startswith("document_index")


def test_the_migrated_schema_is_the_one_that_the_program_declares(empty: Engine) -> None:
    """After the last migration, nothing differs from the tables in the code."""
    assert mirrors.metadata is metadata
    schema.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_declared}
        )
        assert compare_metadata(context, metadata) == []


def test_file_names_tell_the_revisions() -> None:
    """The order of the files is Alembic's own order: the program reads it off the names."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert steps[::-1] == schema.known_revisions()


def test_upgrading_twice_changes_nothing(empty: Engine) -> None:
    """A second upgrade finds nothing to do."""
    schema.upgrade(empty)
    schema.upgrade(empty)
    assert schema.current_revision(empty) == schema.newest_revision()


def test_every_step_can_be_taken_back(empty: Engine) -> None:
    """Down to nothing leaves no table but the one that counts versions, and up again works."""
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    schema.upgrade(empty)
    assert schema.current_revision(empty) == schema.newest_revision()
