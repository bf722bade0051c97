"""As much of SOQL as the connector uses: one object, conditions, an order, a limit."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z]\w*)|(?P<sign><=|>=|!=|[=<>(),]))",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: a is not None and bool(a < b),
    "<=": lambda a, b: a is not None and bool(a <= b),
    ">": lambda a, b: a is not None and bool(a > b),
    ">=": lambda a, b: a is not None and bool(a >= b),
}


class BadQuery(Exception):
    """Salesforce refuses the query; ``code`` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query."""

    fields: tuple[str, ...]
    table: str
    test: Test
    order: tuple[str, ...]
    limit: int | None

    def run(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that match, in order."""
        found = [row for row in rows if self.test(row)]
        found.sort(key=lambda row: tuple(comparable(name, row[name]) for name in self.order))
        return found if self.limit is None else found[: self.limit]


def comparable(name: str, value: Any) -> Any:
    """The value as Salesforce compares it: ids by their 15 characters, text without case."""
    if not isinstance(value, str):
        return value
    return value[:15] if name == "Id" or name.endswith("Id") else value.casefold()


class Parser:
    """Parses one query over these tables: name of table → names of its fields.

    Raises:
        BadQuery: it is malformed, or names what there is not.
    """

    def __init__(self, soql: str, tables: Mapping[str, Iterable[str]]) -> None:
        self._tokens = list(_tokens(soql))
        self._place = 0
        self._tables = tables
        self._known: frozenset[str] = frozenset()

    def parse(self) -> Query:
        """The whole query."""
        self._word("SELECT")
        fields = [self._any_word()]
        while self._take("sign", ","):
            fields.append(self._any_word())
        self._word("FROM")
        table = self._any_word()
        if table not in self._tables:
            raise BadQuery("INVALID_TYPE", f"sObject type '{table}' is not supported.")
        self._known = frozenset(self._tables[table])
        for name in fields:
            self._check(name, table)
        test: Test = self._either() if self._take("word", "WHERE") else _always
        order: list[str] = []
        if self._take("word", "ORDER"):
            self._word("BY")
            order.append(self._check(self._any_word(), table))
            while self._take("sign", ","):
                order.append(self._check(self._any_word(), table))
        limit = int(self._expect("number")) if self._take("word", "LIMIT") else None
        if self._place != len(self._tokens):
            raise _malformed(self._tokens[self._place][1])
        return Query(fields=tuple(fields), table=table, test=test, order=tuple(order), limit=limit)

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("word", "OR"):
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._take("word", "AND"):
            tests.append(self._single())
        return lambda row: all(test(row) for test in tests)

    def _single(self) -> Test:
        if self._take("sign", "("):
            inner = self._either()
            self._sign(")")
            return inner
        name = self._check(self._any_word(), "it")
        if self._take("word", "LIKE"):
            pattern = like_pattern(self._expect("text"))
            return lambda row: row[name] is not None and bool(pattern.fullmatch(row[name]))
        if self._take("word", "IN"):
            return self._listed(name)
        compare = _COMPARE[self._expect("sign")]
        value = comparable(name, self._value(name))
        return lambda row: compare(comparable(name, row[name]), value)

    def _listed(self, name: str) -> Test:
        self._sign("(")
        values = [self._value(name)]
        while self._take("sign", ","):
            values.append(self._value(name))
        self._sign(")")
        wanted = {comparable(name, value) for value in values}
        return lambda row: comparable(name, row[name]) in wanted

    def _value(self, name: str) -> Any:
        kind, text = self._next()
        match kind:
            case "text":
                return _id_or_text(name, plain_text(text))
            case "moment":
                return datetime.fromisoformat(text)
            case "number":
                return float(text)
            case "word" if text.upper() in {"TRUE", "FALSE", "NULL"}:
                return {"TRUE": True, "FALSE": False, "NULL": None}[text.upper()]
        raise _malformed(text)

    def _check(self, name: str, table: str) -> str:
        if name not in self._known:
            message = f"No such column '{name}' on entity '{table}'."
            raise BadQuery("INVALID_FIELD", message)
        return name

    def _next(self) -> tuple[str, str]:
        if self._place == len(self._tokens):
            raise _malformed("<EOF>")
        self._place += 1
        return self._tokens[self._place - 1]

    def _expect(self, kind: str) -> str:
        found, text = self._next()
        if found != kind:
            raise _malformed(text)
        return text

    def _any_word(self) -> str:
        return self._expect("word")

    def _word(self, word: str) -> None:
        if self._any_word().upper() != word:
            raise _malformed(word)

    def _sign(self, sign: str) -> None:
        if self._expect("sign") != sign:
            raise _malformed(sign)

    def _take(self, kind: str, text: str) -> bool:
        here = self._tokens[self._place : self._place + 1]
        if here and here[0][0] == kind and here[0][1].upper() == text:
            self._place += 1
            return True
        return False


def _always(row: Row) -> bool:  # noqa: ARG001 - the shape of a test
    return True


def _tokens(soql: str) -> Iterable[tuple[str, str]]:
    place, end = 0, len(soql.rstrip())
    while place < end:
        found = _TOKEN.match(soql, place)
        if found is None:
            raise _malformed(soql[place : place + 20])
        place = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]


def _malformed(near: str) -> BadQuery:
    return BadQuery("MALFORMED_QUERY", f"unexpected token: '{near}'")


def _id_or_text(name: str, text: str) -> str:
    if name == "Id" and _ID.fullmatch(text) is None:
        raise BadQuery("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return text


def plain_text(quoted: str) -> str:
    """The text that a literal stands for."""
    return "".join(char for char, _ in _characters(quoted, also=""))


def like_pattern(quoted: str) -> re.Pattern[str]:
    """A literal after LIKE as a pattern: ``%`` and ``_`` are wildcards unless escaped."""
    parts = []
    for char, escaped in _characters(quoted, also="%_"):
        wild = {"%": ".*", "_": "."}.get(char)
        parts.append(re.escape(char) if escaped or wild is None else wild)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _characters(quoted: str, *, also: str) -> Iterable[tuple[str, bool]]:
    """Each character, and whether it was escaped."""
    inner = iter(quoted[1:-1])
    for char in inner:
        if char != "\\":
            yield char, False
            continue
        escaped = next(inner)
        if escaped in also:
            yield escaped, True
        elif escaped in _ESCAPES:
            yield _ESCAPES[escaped], True
        else:
            raise BadQuery("MALFORMED_QUERY", f"invalid character escape: \\{escaped}")
