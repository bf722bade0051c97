"""Odoo's search domains over rows in memory: Polish notation, SQL's idea of nothing."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from connectors.odoo.simulated.errors import OdooError, builtin, invalid_field
from connectors.odoo.simulated.schema import Field
from connectors.odoo.simulated.tables import Row

Test: TypeAlias = Callable[[Row], bool]
Getter: TypeAlias = Callable[[Row, str], Any]

_WORDS = {"now": 0, "today": 0, "yesterday": -1, "tomorrow": 1}
_FORMATS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
_ORDERINGS = {">": gt, ">=": ge, "<": lt, "<=": le}
_DATE_LENGTH = len("2026-01-01")


def compile_domain(
    domain: Sequence[Any],
    *,
    model: str,
    fields: Mapping[str, Field],
    now: datetime,
    value_of: Getter,
) -> Test:
    """A test for rows.

    Raises:
        OdooError: an unknown field, or a value that the database refuses.
    """
    terms = list(domain)
    tests: list[Test] = []
    for term in reversed(terms):
        match term:
            case "&":
                tests.append(_both(tests.pop(), tests.pop()))
            case "|":
                tests.append(_either(tests.pop(), tests.pop()))
            case "!":
                tests.append(_neither(tests.pop()))
            case _:
                tests.append(_leaf(term, model, fields, now, value_of))
    return lambda row: all(test(row) for test in tests)


def names_field(domain: Sequence[Any], name: str) -> bool:
    """Whether a term of the domain is about this field."""
    return any(not isinstance(term, str) and term[0] == name for term in domain)


def _both(one: Test, other: Test) -> Test:
    return lambda row: one(row) and other(row)


def _either(one: Test, other: Test) -> Test:
    return lambda row: one(row) or other(row)


def _neither(one: Test) -> Test:
    return lambda row: not one(row)


def _leaf(
    term: Sequence[Any],
    model: str,
    fields: Mapping[str, Field],
    now: datetime,
    value_of: Getter,
) -> Test:
    name, operator, value = term
    if name not in fields:
        shown = tuple(term)
        raise builtin("ValueError", f"Invalid field {model}.{name} in leaf {shown}")
    kind = fields[name].type
    if kind == "datetime" and isinstance(value, str):
        value = parse_moment(value, operator, now)
    check = _check(operator, value, kind)
    return lambda row: check(value_of(row, name))


def _check(operator: str, value: Any, kind: str) -> Callable[[Any], bool]:
    if operator in {"like", "ilike", "=like", "=ilike"}:
        return _like(operator, str(value))
    if kind == "boolean":
        return _boolean(operator, value)
    if operator in _ORDERINGS:
        compare = _ORDERINGS[operator]
        return lambda held: held is not None and bool(compare(held, value))
    if operator not in {"=", "!=", "in", "not in"}:
        raise builtin("ValueError", f"Invalid operator {operator!r}")
    listed = value if operator.endswith("in") else [value]
    wanted = [None if each is False else each for each in listed]
    positive = operator in {"=", "in"}
    return lambda held: (held in wanted) is positive


def _boolean(operator: str, value: Any) -> Callable[[Any], bool]:
    wanted = [bool(each) for each in value] if operator.endswith("in") else [bool(value)]
    positive = operator in {"=", "in"}
    return lambda held: (bool(held) in wanted) is positive


def _like(operator: str, value: str) -> Callable[[Any], bool]:
    """``%`` and ``_`` are wildcards in the value too; without ``=`` it may stand anywhere."""
    text = value if operator.startswith("=") else f"%{value}%"
    pattern = re.compile(
        "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in text),
        re.DOTALL | (re.IGNORECASE if "ilike" in operator else re.NOFLAG),
    )
    return lambda held: isinstance(held, str) and pattern.fullmatch(held) is not None


def parse_moment(value: str, operator: str, now: datetime) -> datetime:
    """A timestamp as PostgreSQL reads it, after Odoo gave a text of ten characters a time of day.

    Raises:
        OdooError: it is none.
    """
    text = value
    if len(value) == _DATE_LENGTH:
        text += " 23:59:59" if operator in {">", "<="} else " 00:00:00"
    days = _WORDS.get(value)
    if days is not None:
        moment = now if value == "now" else now.replace(hour=0, minute=0, second=0, microsecond=0)
        return moment + timedelta(days=days)
    plain = text.replace("T", " ").removesuffix("Z")
    for pattern in _FORMATS:
        try:
            return datetime.strptime(plain, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _bad_moment(text, operator)


def _bad_moment(text: str, operator: str) -> OdooError:
    start = f'LINE 1: ...mpany" = TRUE)) AND ("res_partner"."write_date" {operator} '
    message = (
        f'invalid input syntax for type timestamp: "{text}"\n'
        f"{start}'{text[:9]}...\n{' ' * len(start)}^\n"
    )
    return OdooError("psycopg2.errors.InvalidDatetimeFormat", message)


def sort_rows(
    rows: list[Row], order: str, *, model: str, fields: Mapping[str, Field], value_of: Getter
) -> list[Row]:
    """The rows in this order; nothing comes last, first when descending, as in PostgreSQL.

    Raises:
        OdooError: an unknown field.
    """
    for part in reversed(order.split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in fields:
            raise invalid_field(model, name)
        rows.sort(
            key=lambda row, name=name: _sort_key(value_of(row, name)),  # type: ignore[misc]
            reverse=direction.strip().lower() == "desc",
        )
    return rows


def _sort_key(value: Any) -> tuple[bool, Any]:
    if value is None:
        return True, 0
    return False, value.casefold() if isinstance(value, str) else value
