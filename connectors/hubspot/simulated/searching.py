"""HubSpot's search as the simulator answers it: filters, sorting, and their limits."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

Definitions: TypeAlias = Mapping[str, Mapping[str, Any]]
Row: TypeAlias = Mapping[str, str]
Test: TypeAlias = Callable[[str], bool]

MAX_BODY = 3_000
MAX_LIMIT = 200
MAX_RESULTS = 10_000
MAX_GROUPS = 5
MAX_FILTERS = 18
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"[^\s/:;,]+")


class BadSearch(Exception):
    """A search that HubSpot refuses with 400; the message is its reason."""


def check_search(body: Mapping[str, Any], size: int, definitions: Definitions) -> None:
    """See that a search keeps within the limits of HubSpot's search guide.

    Raises:
        BadSearch: it does not.
    """
    groups = body.get("filterGroups", [])
    filters = [each for group in groups for each in group.get("filters", [])]
    after, limit = _offset(body), body.get("limit", 10)
    names = [each["propertyName"] for each in filters]
    names += [name.removeprefix("-") for name in body.get("sorts", [])]
    unknown = sorted(set(names) - definitions.keys())
    problems = (
        (size > MAX_BODY, f"The request body has {size} characters; the maximum is {MAX_BODY}"),
        (len(groups) > MAX_GROUPS, f"At most {MAX_GROUPS} filterGroups are allowed"),
        (len(filters) > MAX_FILTERS, f"At most {MAX_FILTERS} filters are allowed"),
        (not 0 < limit <= MAX_LIMIT, f"limit must be between 1 and {MAX_LIMIT}"),
        (after + limit > MAX_RESULTS, f"paging beyond {MAX_RESULTS} results is not supported"),
        (len(body.get("sorts", [])) > 1, "only one sort is allowed"),
        (bool(unknown), f"There was a problem with the request: no property {unknown}"),
    )
    for wrong, message in problems:
        if wrong:
            raise BadSearch(message)


def find(
    rows: Iterable[Row], body: Mapping[str, Any], definitions: Definitions
) -> tuple[int, list[Row]]:
    """How many rows match, and the asked-for page of them."""
    groups = [_compile_group(group, definitions) for group in body.get("filterGroups", [])]
    found = [
        row
        for row in rows
        if not groups or any(all(test(row.get(n, "")) for n, test in group) for group in groups)
    ]
    for name in body.get("sorts", []) or ["hs_object_id"]:
        plain = name.removeprefix("-")
        kind = definitions[plain]["type"]
        key = partial(_sort_key, plain, kind)
        found.sort(key=key, reverse=name.startswith("-"))
    after = _offset(body)
    return len(found), found[after : after + body.get("limit", 10)]


def _offset(body: Mapping[str, Any]) -> int:
    text = str(body.get("after") or "0")
    if not text.isdigit():
        raise BadSearch("after must be an integer")
    return int(text)


def _sort_key(name: str, kind: str, row: Row) -> tuple[float, str]:
    value = row.get(name, "")
    if kind in {"number", "datetime"}:
        return _number(value, kind) if value else -1.0, ""
    return 0.0, value.lower()


def _compile_group(group: Mapping[str, Any], definitions: Definitions) -> list[tuple[str, Test]]:
    return [
        (each["propertyName"], _compile(each, definitions[each["propertyName"]]["type"]))
        for each in group.get("filters", [])
    ]


def _compile(each: Mapping[str, Any], kind: str) -> Test:
    operator, value = each["operator"], str(each.get("value", ""))
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return lambda text: bool(text) == (operator == "HAS_PROPERTY")
    if operator in {"IN", "NOT_IN"}:
        # HubSpot compares with the lower-cased property: a value with capitals matches nothing.
        wanted = {str(item) for item in each.get("values", [])}
        return lambda text: (not wanted.isdisjoint(text.lower().split(";"))) == (operator == "IN")
    if operator == "CONTAINS_TOKEN":
        pattern = re.compile(re.escape(value.lower()).replace(r"\*", ".*"))
        return lambda text: any(map(pattern.fullmatch, _TOKEN.findall(text.lower())))
    if kind in {"number", "datetime"}:
        return _compare_numbers(operator, kind, value, str(each.get("highValue", "")))
    if operator in {"EQ", "NEQ"}:
        return lambda text: (text.lower() == value.lower()) == (operator == "EQ")
    raise BadSearch(f"operator {operator} is not supported for this property")


def _compare_numbers(operator: str, kind: str, value: str, high: str) -> Test:
    low = _number(value, kind)
    top = _number(high, kind) if high else low
    tests: dict[str, Callable[[float], bool]] = {
        "EQ": lambda number: number == low,
        "NEQ": lambda number: number != low,
        "GT": lambda number: number > low,
        "GTE": lambda number: number >= low,
        "LT": lambda number: number < low,
        "LTE": lambda number: number <= low,
        "BETWEEN": lambda number: low <= number <= top,
    }
    if operator not in tests:
        raise BadSearch(f"operator {operator} is not supported for this property")
    return lambda text: bool(text) and tests[operator](_number(text, kind))


def _number(text: str, kind: str) -> float:
    """A number, or a moment as milliseconds since 1970 (given as such or as ISO text)."""
    try:
        if kind == "datetime" and not text.lstrip("-").isdigit():
            return (datetime.fromisoformat(text) - _EPOCH) / timedelta(milliseconds=1)
        return float(text)
    except ValueError:
        raise BadSearch(f'"{text}" is not a valid {kind}') from None
