"""What a command prints: a table for people, JSON for programs, progress for whoever waits."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console()
errors = Console(stderr=True)


def print_json(value: object) -> None:
    """One JSON document on stdout, indented, keys in the documented order."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())
    sys.stdout.write("\n")


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str
) -> None:
    """Rows as a table of ``columns``, or whole as JSON; ``empty`` is said when there are none."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table, soft_wrap=not console.is_terminal)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    text = str(value)
    is_moment = len(text) == len("2026-01-01T00:00:00.000000Z") and text.endswith("Z")
    return text[:16].replace("T", " ") if is_moment else text


class ProgressLines:
    """Progress as bars on a terminal, and as a plain line for each change elsewhere."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._bars: dict[str, Any] = {}
        self._said: dict[str, tuple[int, int | None]] = {}

    def show(self, name: str, done: int, total: int | None = None) -> None:
        """So much of ``name`` is done; a total that is not known yet is None."""
        if self._said.get(name) == (done, total):
            return
        self._said[name] = (done, total)
        if self._progress is None:
            of = "" if total is None else f" of {total}"
            errors.print(f"{name}: {done}{of}", highlight=False)
        elif name in self._bars:
            self._progress.update(self._bars[name], completed=done, total=total)
        else:
            self._bars[name] = self._progress.add_task(name, completed=done, total=total)


@contextmanager
def progress_lines() -> Iterator[ProgressLines]:
    """Progress for the length of the ``with``; on stderr, so that stdout stays the answer."""
    if not errors.is_terminal:
        yield ProgressLines(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=errors, transient=True) as progress:
        yield ProgressLines(progress)
