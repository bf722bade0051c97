"""A reader for the GraphQL that the simulated server is sent: operations, fields, arguments."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import OSA

_TOKEN = re.compile(
    r"""\s*(?:,\s*)*("(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()\[\]:!$=@])"""
)
_MOST_SUGGESTIONS = 5
_CLOSE_ENOUGH = 0.4


class BadDocument(Exception):
    """The text is no GraphQL that this reader knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One field that is asked for. ``offset`` is where it stands in the text."""

    name: str
    offset: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple["Selection", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A query or mutation: its variables' types by name, and its top fields."""

    kind: str
    variable_types: Mapping[str, str]
    fields: tuple[Selection, ...]


def parse_operation(text: str, variables: Mapping[str, Any]) -> Operation:
    """Read the one operation of a document, its variables filled in.

    Raises:
        BadDocument: it is not of the part of GraphQL that this reader knows.
    """
    return _Reader(text, variables).operation()


def suggestion(wrong: str, known: list[str]) -> str:
    """What graphql-js adds to a complaint about a name: `` Did you mean …?``, or nothing."""
    limit = int(len(wrong) * _CLOSE_ENOUGH) + 1
    near = sorted((OSA.distance(wrong.lower(), name.lower()), name) for name in known)
    names = [f'"{name}"' for distance, name in near if distance <= limit][:_MOST_SUGGESTIONS]
    if not names:
        return ""
    *first, last = names
    joined = {0: "", 1: f"{''.join(first)} or "}.get(len(first), f"{', '.join(first)}, or ")
    return f" Did you mean {joined}{last}?"


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._tokens: list[tuple[str, int]] = []
        at, end = 0, len(text.rstrip(" \n\t,"))
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None:
                raise BadDocument(f"cannot read on at {text[at : at + 20]!r}")
            self._tokens.append((found[1], found.start(1)))
            at = found.end()
        self._next = 0

    def operation(self) -> Operation:
        kind, types = "query", {}
        if self._peek() != "{":
            kind = self._take()
            if self._peek() not in "({":
                self._take()
            if self._peek() == "(":
                types = self._variable_types()
        return Operation(kind=kind, variable_types=types, fields=self._selections())

    def _peek(self) -> str:
        if self._next >= len(self._tokens):
            raise BadDocument("the document ends too early")
        return self._tokens[self._next][0]

    def _take(self, expected: str | None = None) -> str:
        token = self._peek()
        if expected is not None and token != expected:
            raise BadDocument(f"expected {expected}, found {token}")
        self._next += 1
        return token

    def _variable_types(self) -> dict[str, str]:
        types = {}
        self._take("(")
        while self._peek() != ")":
            self._take("$")
            name = self._take()
            self._take(":")
            spelled = ""
            while self._peek() not in ("$", ")"):
                spelled += self._take()
            types[name] = spelled
        self._take(")")
        return types

    def _selections(self) -> tuple[Selection, ...]:
        self._take("{")
        found = []
        while self._peek() != "}":
            offset = self._tokens[self._next][1]
            name = self._take()
            arguments = self._arguments() if self._peek() == "(" else {}
            inner = self._selections() if self._peek() == "{" else ()
            found.append(Selection(name=name, offset=offset, arguments=arguments, fields=inner))
        self._take("}")
        return tuple(found)

    def _arguments(self) -> dict[str, Any]:
        return self._pairs("(", ")")

    def _pairs(self, opening: str, closing: str) -> dict[str, Any]:
        self._take(opening)
        pairs = {}
        while self._peek() != closing:
            name = self._take()
            self._take(":")
            pairs[name] = self._value()
        self._take(closing)
        return pairs

    def _value(self) -> Any:
        match self._peek():
            case "{":
                return self._pairs("{", "}")
            case "[":
                return self._list()
            case "$":
                self._take("$")
                return self._variables.get(self._take())
        token = self._take()
        if token[0] == '"' or token[0] in "-0123456789" or token in ("true", "false", "null"):
            return json.loads(token)
        return token

    def _list(self) -> list[Any]:
        self._take("[")
        values = []
        while self._peek() != "]":
            values.append(self._value())
        self._take("]")
        return values
