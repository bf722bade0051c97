"""The schema's version: which one the store has, and how it gets the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

import migrations
from daemon.db.engine import translated
from daemon.errors import ProspectdError

_LOCK = 0x70726F73
"""PostgreSQL's advisory lock under which one replica migrates while the others wait."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the package ships its migrations
    return head


def current_revision(engine: Engine) -> str | None:
    """The revision that the store has; None for an empty one.

    Raises:
        StoreUnavailable: the database is away.
    """
    with translated(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the store to ``revision``; replicas that start together wait for each other.

    Raises:
        StoreUnavailable: the database is away.
        ProspectdError: the store was written by a newer prospectd.
    """
    # On SQLite, BEGIN IMMEDIATE is the lock.
    with translated(), engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _refuse_newer(connection)
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the store back to an older ``revision``; what only newer ones keep is lost."""
    with translated(), engine.connect() as connection, connection.begin():
        command.downgrade(_config(connection), revision)


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise ProspectdError(
            f"The store has schema {current}, which this prospectd does not know: it was written "
            "by a newer version. Start that version, or restore a backup of the older store."
        )
