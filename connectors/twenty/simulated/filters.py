"""Filters, orders and cursors of the simulated server, for REST and GraphQL alike."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from connectors.twenty.simulated.fields import Field, read_moment, read_number
from connectors.twenty.simulated.refusals import Refusal, unknown_field
from connectors.twenty.simulated.table import Row, show_value

Filter: TypeAlias = Mapping[str, Any]
Fields: TypeAlias = Mapping[str, Field]

COMPARATORS = (
    "eq",
    "neq",
    "in",
    "containsAny",
    "is",
    "gt",
    "gte",
    "lt",
    "lte",
    "startsWith",
    "like",
    "ilike",
)
_GROUPS = ("and", "or", "not")
_BASE = re.compile(r"([^\[]+)\[([^\]]+)\]:(.+)", re.DOTALL)
_GROUP = re.compile(r"(and|or|not)\((.*)\)", re.DOTALL)


def parse_rest_filter(text: str, fields: Fields) -> Filter:
    """REST's ``a[eq]:"x",or(b[gt]:1,c[is]:NULL)`` in the shape of a GraphQL filter.

    Raises:
        Refusal: as the server refuses it.
    """
    return {"and": [_parse_part(part, fields) for part in _split(text)]}


def _parse_part(part: str, fields: Fields) -> Filter:
    if group := _GROUP.fullmatch(part):
        inner = [_parse_part(each, fields) for each in _split(group[2])]
        return {"not": {"and": inner}} if group[1] == "not" else {group[1]: inner}
    found = _BASE.fullmatch(part)
    if found is None:
        raise Refusal(f"'filter' invalid for '{part}'. eg: price[gte]:10")
    path, comparator, value = found[1].split("."), found[2], found[3]
    if comparator not in COMPARATORS:
        known = ", ".join(COMPARATORS)
        raise Refusal(f"'filter' invalid for '{part}', comparator {comparator} not in {known}")
    field_named(path[0], fields)
    test: dict[str, Any] = {comparator: _rest_value(value, comparator)}
    for name in reversed(path):
        test = {name: test}
    return test


def _rest_value(value: str, comparator: str) -> Any:
    if comparator in ("in", "containsAny"):
        return [_unquoted(each) for each in value.strip("[]").split(",") if each]
    return _unquoted(value)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] in "\"'" else value


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no quotes, brackets or parentheses."""
    parts, depth, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == '"'
        depth += (sign in "([") - (sign in ")]") if not quoted else 0
        if sign == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def field_named(name: str, fields: Fields) -> Field:
    """The field that a record carries under this name.

    Raises:
        Refusal: there is none.
    """
    for field in fields.values():
        if name in (field.name, field.column):
            return field
    raise unknown_field(name)


def mentions(wanted: Filter, name: str) -> bool:
    """Whether a filter says anything about this field, at any depth."""
    return any(
        key == name
        or (isinstance(value, Mapping) and mentions(value, name))
        or (
            isinstance(value, Sequence)
            and not isinstance(value, str)
            and any(isinstance(each, Mapping) and mentions(each, name) for each in value)
        )
        for key, value in wanted.items()
    )


def matches(row: Row, wanted: Filter, fields: Fields) -> bool:
    """Whether a row passes a filter.

    Raises:
        Refusal: an unknown field, or a value that the column's type does not take.
    """
    return all(_matches_key(row, key, value, fields) for key, value in wanted.items())


def _matches_key(row: Row, key: str, value: Any, fields: Fields) -> bool:
    if key in _GROUPS:
        inner = [matches(row, each, fields) for each in ([value] if key == "not" else value)]
        return any(inner) if key == "or" else not any(inner) if key == "not" else all(inner)
    field = field_named(key, fields)
    return _passes(row.get(key), value, _READERS.get(field.type, str))


def _passes(stored: Any, tests: Filter, read: Callable[[Any], Any]) -> bool:
    for name, value in tests.items():
        if isinstance(stored, Mapping) and name in stored:
            if not _passes(stored[name], value, str):
                return False
        elif not _compare(name, _text_of(stored), value, read):
            return False
    return True


def _text_of(stored: Any) -> Any:
    """JSON columns are compared as PostgreSQL writes them: with a space after each colon."""
    return json.dumps(stored, ensure_ascii=False) if isinstance(stored, list) else stored


def _compare(comparator: str, stored: Any, value: Any, read: Callable[[Any], Any]) -> bool:
    """Whether one stored value passes one comparison."""
    if comparator == "is":
        return bool((stored is None) == (value == "NULL"))
    if comparator in ("in", "containsAny"):
        return any(read(each) == stored for each in value)
    if comparator in _TEXT_TESTS:
        return stored is not None and _TEXT_TESTS[comparator](str(stored), str(value))
    wanted = read(value)
    return bool(stored is not None and _ORDER_TESTS[comparator](stored, wanted))


def _like(text: str, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> bool:
    """SQL's LIKE: ``%`` is any text, ``_`` any sign."""
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(expression, text, flags | re.DOTALL) is not None


_TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "like": _like,
    "ilike": lambda text, pattern: _like(text, pattern, re.IGNORECASE),
    "startsWith": str.startswith,
}
_ORDER_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda stored, wanted: bool(stored == wanted),
    "neq": lambda stored, wanted: bool(stored != wanted),
    "gt": lambda stored, wanted: bool(stored > wanted),
    "gte": lambda stored, wanted: bool(stored >= wanted),
    "lt": lambda stored, wanted: bool(stored < wanted),
    "lte": lambda stored, wanted: bool(stored <= wanted),
}
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "DATE_TIME": read_moment,
    "NUMBER": read_number,
    "POSITION": read_number,
    "BOOLEAN": lambda value: str(value).lower() == "true",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One field to sort by."""

    name: str
    descending: bool = False


def parse_rest_order(text: str, fields: Fields) -> tuple[Order, ...]:
    """REST's ``updatedAt,id[DescNullsLast]``.

    Raises:
        Refusal: an unknown field.
    """
    orders = []
    for part in filter(None, text.split(",")):
        name, _, direction = part.partition("[")
        field_named(name, fields)
        orders.append(Order(name=name, descending=direction.startswith("Desc")))
    return with_id(orders)


def with_id(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The order with the id as the last thing that decides, as the server always adds it."""
    given = tuple(orders)
    return given if any(order.name == "id" for order in given) else (*given, Order(name="id"))


def sort_rows(rows: Iterable[Row], orders: Sequence[Order]) -> list[Row]:
    """The rows in this order; nulls first in ascending order."""
    ordered = list(rows)
    for order in reversed(orders):
        ordered.sort(key=partial(_sort_key, order.name), reverse=order.descending)
    return ordered


def _sort_key(name: str, row: Row) -> tuple[bool, Any]:
    return row[name] is not None, row[name]


def write_cursor(row: Row, orders: Sequence[Order]) -> str:
    """The cursor of a row: base64 of its sorting values as they are shown, so in milliseconds."""
    values = {order.name: show_value(row[order.name]) for order in orders}
    return base64.b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def rows_after(
    rows: Iterable[Row], cursor: str, orders: Sequence[Order], fields: Fields
) -> list[Row]:
    """The rows that sort after the cursor, whose milliseconds are less than what is stored.

    Raises:
        Refusal: it is no cursor.
    """
    try:
        values = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise Refusal(f"Invalid cursor: {cursor}") from None
    edge = [
        (order, _READERS.get(field_named(order.name, fields).type, str)(values[order.name]))
        for order in orders
    ]
    return [row for row in rows if _is_after(row, edge)]


def _is_after(row: Row, edge: Sequence[tuple[Order, datetime | str | float]]) -> bool:
    for order, value in edge:
        if row[order.name] != value:
            return bool((row[order.name] > value) != order.descending)
    return False
