"""Our own file: what it holds, and adding rows to it."""

import csv
import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.csv.cells import plain_text, safe_cell
from connectors.csv.columns import exported_columns
from connectors.csv.files import fault_of, replace_file
from connectors.csv.table import Layout, Row, inspect_table, read_rows
from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import PushItem

_NEW = Layout(encoding="utf-8-sig", delimiter=",", newline="\r\n", header=())
_UTF8 = frozenset({"utf-8", "utf-8-sig"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The file at ``path``; ``key_column`` says which rows are ours, and which company each is."""

    path: Path
    key_column: str
    mapping: FieldMapping

    def layout(self) -> Layout | None:
        """How the file is written; None where there is none yet.

        Raises:
            NotProcessed, NeedsPerson: it cannot be used as it is.
        """
        try:
            if self.path.stat().st_size == 0:
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise fault_of(error, self.path) from error
        layout = inspect_table(self.path)
        exported_columns(layout.header, key_column=self.key_column, mapping={})
        return layout

    def keys(self) -> set[str]:
        """Every key in the file."""
        layout = self.layout()
        return set() if layout is None else self._keys(layout)

    def append(self, items: Sequence[PushItem]) -> list[Outcome]:
        """Add a row for each company whose key is not there. Call it under the file's lock.

        Raises:
            NotProcessed, NeedsPerson: nothing was written.
            Ambiguous: it was written, but may not survive a failure of the machine.
        """
        layout = self.layout()
        known = set() if layout is None else self._keys(layout)
        header = self._new_header(items) if layout is None else layout.header
        outcomes: list[Outcome] = []
        rows: list[list[str]] = []
        for item in items:
            key = item.company.key
            if key in known:
                outcomes.append(Outcome.existed(key))
                continue
            known.add(key)
            cells, warnings = self._cells(item, header)
            rows.append([cells.get(name, "") for name in header])
            outcomes.append(Outcome.created(key, warnings=warnings))
        if rows:
            replace_file(self.path, self._writer(layout, header, rows))
        return outcomes

    def _keys(self, layout: Layout) -> set[str]:
        rows = read_rows(self.path, layout)
        cells = (row.cells[self.key_column] for row in rows if isinstance(row, Row))
        return {plain_text(cell).strip() for cell in cells}

    def _new_header(self, items: Sequence[PushItem]) -> tuple[str, ...]:
        """Of a new file: the key, what is mapped, and the extra properties of these companies."""
        extra = (name for item in items for name in item.properties)
        return tuple(dict.fromkeys((self.key_column, *self.mapping.templates, *extra)))

    def _cells(
        self, item: PushItem, header: Sequence[str]
    ) -> tuple[Mapping[str, str], tuple[str, ...]]:
        values = {name: as_text(value) for name, value in self.mapping.render(item).items()}
        warnings = tuple(
            f"{name}: left out, the file has no such column"
            for name in values
            if name not in header
        )
        cells = {name: safe_cell(text) for name, text in values.items()}
        return {**cells, self.key_column: safe_cell(item.company.key)}, warnings

    def _writer(
        self, layout: Layout | None, header: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> Callable[[BinaryIO], None]:
        """What writes the new file: the old one as it is, then the rows."""

        def write(file: BinaryIO) -> None:
            if layout is None:
                _write_rows(file, [header, *rows], _NEW)
                return
            begun = self._copy(file, layout)
            _write_rows(file, rows, layout, newline_first=begun)

        return write

    def _copy(self, file: BinaryIO, layout: Layout) -> bool:
        """Copy the old file; True where its last line has no end yet.

        A file that is not UTF-8 becomes UTF-8, with the mark by which spreadsheets know it.
        """
        if layout.encoding in _UTF8:
            with self.path.open("rb") as old:
                shutil.copyfileobj(old, file)
                old.seek(-1, io.SEEK_END)
                return old.read(1) != b"\n"
        last = ""
        file.write(b"\xef\xbb\xbf")
        with self.path.open(encoding=layout.encoding, errors="replace", newline="") as text:
            while chunk := text.read(1 << 20):
                file.write(chunk.encode())
                last = chunk[-1]
        return last != "\n"


def _write_rows(
    file: BinaryIO, rows: Sequence[Sequence[str]], layout: Layout, *, newline_first: bool = False
) -> None:
    """Add rows. Every cell is quoted, so that no other delimiter can cut it into a formula."""
    encoding = "utf-8-sig" if layout is _NEW else "utf-8"
    text = io.TextIOWrapper(file, encoding=encoding, newline="", write_through=True)
    if newline_first:
        text.write(layout.newline)
    writer = csv.writer(
        text, delimiter=layout.delimiter, lineterminator=layout.newline, quoting=csv.QUOTE_ALL
    )
    writer.writerows(rows)
    text.flush()
    text.detach()
