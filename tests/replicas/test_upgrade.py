import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, DateTime, Engine, MetaData, Table, insert, select, text

from daemon.db import schema
from daemon.db.engine import open_engine
from daemon.db.store import Store
from tests.simulation.history import check_history
from tests.support.databases import PostgresServer

RELEASED = Path(__file__).with_name("released") / "store_0001.jsonl"
"""A store of the first released schema, in the middle of its life: one row of a table a line."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
        yield opened
        opened.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_empty_database()
    opened = open_engine(url)
    yield opened
    opened.dispose()
    server.drop(url)


def released_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, in an order that foreign keys allow."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in RELEASED.read_bytes().splitlines():
        told = orjson.loads(line)
        rows.setdefault(told["table"], []).append(told["row"])
    return rows


def as_stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its moments as moments."""
    return {
        name: _moment(value) if value and isinstance(table.c[name].type, DateTime) else value
        for name, value in row.items()
    }


def _moment(value: str | datetime) -> datetime:
    """UTC with its zone, which SQLite leaves out and PostgreSQL tells in its own."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def fill(connection: Connection) -> None:
    """Write the released rows, as the program of that time had."""
    tables = MetaData()
    tables.reflect(connection)
    for name, rows in released_rows().items():
        table = tables.tables[name]
        if name == "audit_head":
            connection.execute(table.delete())  # the migration has made its one row
        for row in rows:
            connection.execute(insert(table), as_stored(table, row))


def test_a_released_store_migrates_with_everything_in_place(engine: Engine) -> None:
    """Every row of a store of the first release is there after the upgrade, and says the same."""
    schema.upgrade(engine, "0001")
    with engine.begin() as connection:
        fill(connection)
    schema.upgrade(engine)
    assert schema.current_revision(engine) == schema.newest_revision()
    with engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for name, rows in released_rows().items():
            table = tables.tables[name]
            columns = sorted({column for row in rows for column in row})
            found = connection.execute(select(*(table.c[column] for column in columns)))
            kept = [as_stored(table, dict(zip(columns, row, strict=True))) for row in found]
            told = [{**dict.fromkeys(columns), **as_stored(table, row)} for row in rows]
            assert _sorted(kept) == _sorted(told), name
        assert check_history(connection) == []


def test_the_program_goes_on_with_a_released_store(engine: Engine) -> None:
    """What the program lists of an upgraded store is what was in it."""
    schema.upgrade(engine, "0001")
    with engine.begin() as connection:
        fill(connection)
    schema.upgrade(engine)
    store = Store(engine)
    rows = released_rows()
    with store.reading(now=datetime.now(UTC)) as unit:
        assert len(unit.pushes.in_state(limit=None)) == len(rows["pushes"])
        assert len(unit.tasks.recent()) == len(rows["tasks"])
        assert {row.name for row in unit.searches.all()} == {
            row["name"] for row in rows["searches"]
        }
        live = [row for row in rows["crm_records"] if "deleted_at" not in row]
        assert unit.mirror.count_live("crm") == len(live)
        assert unit.connection.execute(text("SELECT count(*) FROM results")).scalar() == len(
            rows["results"]
        )


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
