"""Where in a TOML file a key stands: the parser does not tell, a person wants to know."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_CLOSING = ("]", "}", '"""', "'''")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) of every table and key of a valid TOML text, by its path.

    An item of an array of tables has its index in the path; a key in an inline table has the line
    on which the whole statement begins.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, statement, parsed in _statements(text):
        if statement.startswith("["):
            table = _enter(parsed, counts, repeated=statement.startswith("[["))
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        else:
            for path in _paths(parsed):
                lines.setdefault((*table, *path), number)
    return lines


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """The line of ``path``, else of the nearest thing that holds it."""
    for length in range(len(path), 0, -1):
        if (found := lines.get(path[:length])) is not None:
            return found
    return None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each header and each ``key = value`` (over several lines, too) with its first line."""
    pending: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if not pending:
            first = number
            if not bare or bare.startswith("#"):
                continue
        pending.append(line)
        if len(pending) > 1 and "#" not in bare and not bare.endswith(_CLOSING):
            continue
        try:
            parsed = tomllib.loads("\n".join(pending))
        except tomllib.TOMLDecodeError:
            continue
        yield first, pending[0].strip(), parsed
        pending = []


def _enter(parsed: dict[str, Any], counts: dict[KeyPath, int], *, repeated: bool) -> KeyPath:
    path: KeyPath = ()
    here: Any = parsed
    while isinstance(here, dict) and here:
        key, here = next(iter(here.items()))
        path = (*path, key)
        if path in counts and not (repeated and isinstance(here, list)):
            path = (*path, counts[path])
    if repeated:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _paths(value: Any) -> Iterator[KeyPath]:
    items: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, inner in items:
        yield (key,)
        for rest in _paths(inner):
            yield (key, *rest)
