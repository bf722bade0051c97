"""Inserts that tolerate rows which are there already; both dialects, one spelling."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_skip(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves a row alone where a unique constraint says that it exists."""
    return _insert_or_skip(connection.dialect.name, table)


@cache
def _insert_or_skip(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_or_replace(
    connection: Connection, table: Table, *, by: tuple[str, ...], columns: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    """An insert that sets ``columns`` of the row which has the same values in ``by``."""
    return _insert_or_replace(connection.dialect.name, table, by, columns)


@cache
def _insert_or_replace(
    dialect: str, table: Table, by: tuple[str, ...], columns: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    plain = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return plain.on_conflict_do_update(
        index_elements=list(by), set_={name: plain.excluded[name] for name in columns}
    )


_COMPILED: dict[tuple[str, str], tuple[str, tuple[int, ...]]] = {}


def execute_page(
    connection: Connection,
    name: str,
    statement: sqlite.Insert | postgresql.Insert,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Run an insert for a page of rows, given as tuples in the order of ``columns``.

    On SQLite the driver gets them as they are: SQLAlchemy's own look at each value takes three
    times as long as the database, and a mirror has millions. ``name`` says which statement it is,
    so that it is compiled once.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
        return
    if (name, "sqlite") not in _COMPILED:
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(columns))
        order = tuple(columns.index(key) for key in compiled.positiontup or ())
        _COMPILED[name, "sqlite"] = (str(compiled), order)
    sql, order = _COMPILED[name, "sqlite"]
    by_column = list(zip(*rows, strict=True))
    arranged = zip(*[_plain(by_column[place]) for place in order], strict=True)
    connection.exec_driver_sql(sql, list(arranged))


def _plain(column: tuple[Any, ...]) -> Sequence[Any]:
    """A column's values as SQLite's driver takes them; most columns need no look at each."""
    if not _PLAIN.keys() & set(map(type, column)):
        return column
    return [
        value if (convert := _PLAIN.get(type(value))) is None else convert(value)
        for value in column
    ]


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


_PLAIN: dict[type, Callable[[Any], str]] = {
    datetime: lru_cache(maxsize=1024)(_moment),
    list: _json,
    tuple: _json,
    dict: _json,
}
"""What turns a value into what SQLAlchemy's own types would hand to SQLite's driver."""
