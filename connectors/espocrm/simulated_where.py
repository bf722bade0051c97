"""How EspoCRM's filters select records, on MariaDB with its usual collation; pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]

DATE_FIELDS = frozenset({"createdAt", "modifiedAt"})
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?")
_ZERO_DATE = "0000-00-00 00:00:00"
_GROUPS = ("and", "or", "not")
_KEY_PARTS = re.compile(r"\[([^\]]*)\]")


class BadFilterError(Exception):
    """The server answers 400 with this text in ``X-Status-Reason``."""


def collate(value: Any) -> str:
    """The text as ``utf8mb4_unicode_ci`` compares it: no case, no accents, no spaces at the end."""
    decomposed = unicodedata.normalize("NFKD", str(value))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().rstrip(" ")


def as_date(value: Any) -> str:
    """What MariaDB makes of a text that is compared with a date; no date becomes zero."""
    found = _DATE.match(str(value))
    return f"{found[1]} {found[2] or '00:00:00'}" if found else _ZERO_DATE


def parse_brackets(pairs: Sequence[tuple[str, str]], name: str) -> list[Any]:
    """PHP's ``where[0][type]=…`` as nested lists and mappings."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        if not key.startswith(f"{name}["):
            continue
        parts = _KEY_PARTS.findall(key)
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = value
    found = _as_lists(tree)
    return found if isinstance(found, list) else [found] if found else []


def _as_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_as_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _as_lists(value) for key, value in node.items()}


def matches(row: Row, items: Sequence[Mapping[str, Any]], attributes: frozenset[str]) -> bool:
    """Whether the row passes every filter.

    Raises:
        BadFilterError: a filter is none, as the server says it.
    """
    # Every filter is looked at, so that a bad one is refused wherever it stands.
    found = [_matches_one(row, item, attributes) for item in items]
    return all(found)


def _matches_one(row: Row, item: Mapping[str, Any], attributes: frozenset[str]) -> bool:
    kind, value = str(item.get("type")), item.get("value")
    if kind in _GROUPS:
        inner = [_matches_one(row, one, attributes) for one in value or []]
        return any(inner) if kind == "or" else all(inner) == (kind == "and")
    attribute = item.get("attribute")
    if attribute not in attributes:
        raise BadFilterError(f"Not existing attribute '{attribute}' in where.")
    held = row.get(attribute)
    if attribute in DATE_FIELDS:
        return _compare(kind, held and as_date(held), value, as_date)
    return _compare(kind, held, value, str if attribute == "id" else collate)


def _compare(kind: str, held: Any, value: Any, fold: Callable[[Any], str]) -> bool:
    match kind:
        case "isNull" | "isNotNull":
            return (held is None) == (kind == "isNull")
        case "isTrue" | "isFalse":
            return bool(held) == (kind == "isTrue")
        case "in" | "notIn":
            found = held is not None and fold(held) in {fold(one) for one in value or []}
            return held is not None and found == (kind == "in")
        case "like" | "contains" | "startsWith" | "endsWith" | "notContains":
            return _like(kind, held, collate(value))
        case "between":
            low, high = (fold(one) for one in value)
            return held is not None and low <= fold(held) <= high
    return _ordered(kind, None if held is None else fold(held), fold(value))


def _like(kind: str, held: Any, value: str) -> bool:
    patterns = {"like": value, "startsWith": f"{value}%", "endsWith": f"%{value}"}
    pattern = patterns.get(kind, f"%{value}%")
    regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern)
    found = held is not None and re.fullmatch(regex, collate(held), re.DOTALL) is not None
    return not found if kind == "notContains" else found


def _ordered(kind: str, held: str | None, value: str) -> bool:
    match kind:
        case "equals" | "on":
            return held == value
        case "notEquals" | "notOn":
            return held is not None and held != value
        case "greaterThan" | "after":
            return held is not None and held > value
        case "lessThan" | "before":
            return held is not None and held < value
        case "greaterThanOrEquals":
            return held is not None and held >= value
        case "lessThanOrEquals":
            return held is not None and held <= value
    raise BadFilterError(f"Unknown where item type '{kind}'.")
