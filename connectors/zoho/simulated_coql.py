"""As much of Zoho's query language as is needed to answer queries for accounts; pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[Mapping[str, Any]], bool]

MOST_CRITERIA = 25
MOST_ROWS = 2_000
_QUERY = re.compile(
    r"\s*select\s+(?P<columns>.+?)\s+from\s+(?P<module>\w+)\s+where\s+(?P<where>.+?)"
    r"(?:\s+order\s+by\s+(?P<order>\w+)\s+asc)?"
    r"(?:\s+limit\s+(?P<limit>\d+))?(?:\s+offset\s+(?P<offset>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|!=|=|[\w.:+-]+)")


class BadQueryError(Exception):
    """A query that the server refuses; the text is its ``reason``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query that was understood."""

    columns: tuple[str, ...]
    test: Test
    limit: int
    offset: int


def parse_query(text: str, known: Iterable[str]) -> Query:
    """Take apart a query; ``known`` are the API names of fields.

    Raises:
        BadQueryError: the server would not understand it.
    """
    found = _QUERY.fullmatch(text)
    if found is None or found["module"] != "Accounts":
        raise BadQueryError("error occurred while parsing the query")
    fields = frozenset(known)
    columns = tuple(name.strip() for name in found["columns"].split(","))
    for name in columns:
        _check_field(name, fields)
    limit = int(found["limit"] or 200)
    if limit > MOST_ROWS:
        raise BadQueryError("limit exceeded")
    parser = _Parser(tokens=_tokens(found["where"]), fields=fields)
    test = parser.whole()
    return Query(columns=columns, test=test, limit=limit, offset=int(found["offset"] or 0))


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            raise BadQueryError(f"error near {text[place : place + 20]}")
        tokens.append(found[1])
        place = found.end()
    return tokens


def _check_field(name: str, fields: frozenset[str]) -> None:
    if name != "id" and name not in fields:
        raise BadQueryError(f"column given seems to be invalid: {name}")


@dataclass(slots=True, kw_only=True)
class _Parser:
    """Reads a condition: two operands to a bracket, as the server wants it."""

    tokens: Sequence[str]
    fields: frozenset[str]
    place: int = 0
    criteria: int = field(default=0)

    def whole(self) -> Test:
        test = self.pair()
        if self.place != len(self.tokens):
            raise BadQueryError("more than two criteria without brackets")
        if self.criteria > MOST_CRITERIA:
            raise BadQueryError("Maximum criteria limit exceeded")
        return test

    def pair(self) -> Test:
        left = self.operand()
        joint = self.peek().lower()
        if joint not in {"and", "or"}:
            return left
        self.place += 1
        right = self.operand()
        if joint == "and":
            return lambda row: left(row) and right(row)
        return lambda row: left(row) or right(row)

    def operand(self) -> Test:
        if self.peek() == "(":
            self.place += 1
            test = self.pair()
            self.take(")")
            return test
        return self.criterion()

    def criterion(self) -> Test:
        self.criteria += 1
        name, sign = self.next(), self.next().lower()
        _check_field(name, self.fields)
        match sign:
            case "=":
                wanted = _unquoted(self.next())
                return lambda row: _text(row, name) == wanted
            case "in":
                options = self.options()
                return lambda row: _text(row, name) in options
            case "like":
                pattern = _pattern(_unquoted(self.next()))
                return lambda row: pattern.fullmatch(_text(row, name)) is not None
        raise BadQueryError(f"unknown comparator {sign}")

    def options(self) -> frozenset[str]:
        self.take("(")
        values = [_unquoted(self.next())]
        while self.peek() == ",":
            self.place += 1
            values.append(_unquoted(self.next()))
        self.take(")")
        if len(values) > 50:  # noqa: PLR2004 - the server's own limit
            raise BadQueryError("Maximum in limit exceeded")
        return frozenset(values)

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self.place += 1
        return token

    def take(self, wanted: str) -> None:
        if self.next() != wanted:
            raise BadQueryError(f"missing {wanted}")


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).casefold()


def _unquoted(token: str) -> str:
    if token[:1] == "'" and token[-1:] == "'" and len(token) > 1:
        return token[1:-1].replace("''", "'").casefold()
    raise BadQueryError("a value without quotes")


def _pattern(text: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in text.split("%"))
    return re.compile(".*".join(parts), re.DOTALL)
