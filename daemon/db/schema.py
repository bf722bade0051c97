"""The schema's version: which one the store has, and how it gets the newest.

Alembic is imported only where a step is really taken: a daemon whose store is up to date, the
usual case, does without its 10 MB.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

import migrations
from daemon.db.engine import translated
from daemon.errors import ProspectdError

_LOCK = 0x70726F73
"""PostgreSQL's advisory lock under which one replica migrates while the others wait."""
_FOLDER = Path(migrations.__file__).parent


def known_revisions() -> list[str]:
    """Every revision that this program knows, the oldest first: files are named for theirs."""
    return sorted(file.name.split("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The revision that this program needs."""
    return known_revisions()[-1]


def current_revision(engine: Engine) -> str | None:
    """The revision that the store has; None for an empty one. A missing file is not created.

    Raises:
        StoreUnavailable: the database is away.
    """
    if _is_missing(engine):
        return None
    with translated(), engine.connect() as connection:
        return _revision(connection)


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
        current = _revision(connection)
        _refuse_newer(current)
        if current != (newest_revision() if revision == "head" else revision):
            _alembic(connection, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the store back to an older ``revision``; what only newer ones keep is lost."""
    with translated(), engine.connect() as connection, connection.begin():
        _alembic(connection, "downgrade", revision)


def _is_missing(engine: Engine) -> bool:
    file = engine.url.database
    is_file = engine.dialect.name == "sqlite" and file not in (None, "", ":memory:")
    return is_file and not Path(str(file)).exists()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row.version_num)


def _alembic(connection: Connection, command_name: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    getattr(command, command_name)(config, revision)


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in known_revisions():
        raise ProspectdError(
            f"The store has schema {current}, which this prospectd does not know: it was written "
            "by a newer version. Start that version, or restore a backup of the older store."
        )
