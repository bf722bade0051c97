"""What a command prints: a table for people, JSON for programs, progress for whoever waits.

rich is imported only where something is drawn: the daemon prints log lines and does without.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def say(text: str) -> None:
    """One line on stdout, for a person."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """One line on stderr, for a person."""
    sys.stderr.write(f"{text}\n")


def print_json(value: object) -> None:
    """One JSON document on stdout, indented, keys in the documented order."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS  # states are keys
    sys.stdout.write(orjson.dumps(value, option=options).decode() + "\n")


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str
) -> None:
    """Rows as a table of ``columns``, or whole as JSON; ``empty`` is said when there are none."""
    if as_json:
        print_json(list(rows))
    elif not rows:
        say(empty)
    else:
        titles = [column.replace("_", " ") for column in columns]
        print_table([[_cell(row.get(column)) for column in columns] for row in rows], titles)


def print_table(
    rows: Sequence[Sequence[str]], titles: Sequence[str] = (), *, title: str | None = None
) -> None:
    """A table of texts; a program that reads along gets long lines instead of folded ones."""
    if not sys.stdout.isatty():
        for line in _plain_lines(rows, titles, title):
            say(line)
        return
    from rich.console import Console  # noqa: PLC0415 - see the module's docstring
    from rich.table import Table  # noqa: PLC0415 - same
    from rich.text import Text  # noqa: PLC0415 - same

    table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    table.show_header = bool(titles)
    for column in titles or rows[0]:
        table.add_column(column if titles else "", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _plain_lines(
    rows: Sequence[Sequence[str]], titles: Sequence[str], title: str | None
) -> Iterator[str]:
    if title is not None:
        yield title
    lines = [list(titles), *rows] if titles else list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        yield "  ".join(cells).rstrip()


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

    def __init__(self, progress: "Progress | None") -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._said: dict[str, tuple[int, int | None]] = {}

    def show(self, name: str, done: int, total: int | None = None) -> None:
        """So much of ``name`` is done; a total that is not known yet is None."""
        if self._said.get(name) == (done, total):
            return
        self._said[name] = (done, total)
        if self._progress is None:
            complain(f"{name}: {done}" + ("" if total is None else f" of {total}"))
        elif name in self._bars:
            self._progress.update(self._bars[name], completed=done, total=total)
        else:
            self._bars[name] = self._progress.add_task(name, completed=done, total=total)


@contextmanager
def progress_lines() -> Iterator[ProgressLines]:
    """Progress for the length of the ``with``; on stderr, so that stdout stays the answer."""
    if not sys.stderr.isatty():
        yield ProgressLines(None)
        return
    from rich.console import Console  # noqa: PLC0415 - see the module's docstring
    from rich.progress import (  # noqa: PLC0415 - same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield ProgressLines(progress)
