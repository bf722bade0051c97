"""The files as lists of companies: a CRM's export, and our own file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from connectors.csv.columns import Columns, exported_columns, imported_columns
from connectors.csv.export import Export
from connectors.csv.options import CsvOptions
from connectors.csv.table import AnyRow, Layout, Row, inspect_table, read_rows
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.records import CrmRecord
from connectors.sdk.websites import host_of, hosts_above

_SHOWN = 5


class Source(Protocol):
    """A file that is read."""

    def fingerprint(self) -> str:
        """Which state of the file this is; "" where there is none."""
        ...

    def records(self, *, skip: int = 0) -> Iterator[tuple[int, CrmRecord]]:
        """The number of each row, from ``skip`` on, and the company in it."""
        ...

    def findings(self) -> Sequence[Finding]:
        """What a person should know of the file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """A file that somebody else writes."""

    path: Path
    options: CsvOptions

    def fingerprint(self) -> str:
        """Size, time and inode."""
        return _fingerprint(self.path)

    def records(self, *, skip: int = 0) -> Iterator[tuple[int, CrmRecord]]:
        """The companies of the file; rows that say nothing are left out."""
        layout, columns = self._opened()
        return _records(read_rows(self.path, layout), columns, skip)

    def findings(self) -> Sequence[Finding]:
        """How the file is understood, and which rows are not."""
        layout, columns = self._opened()
        used = ", ".join(f"{role} from {name!r}" for role, name in columns.by_role.items())
        text = f"{self.path} is read as {layout.encoding}: {used}"
        found = [Finding(level=Level.OK, text=text)]
        bad = [row for row in read_rows(self.path, layout) if not isinstance(row, Row)]
        if bad:
            lines = "; ".join(row.reason for row in bad[:_SHOWN])
            text = f"{self.path}: {len(bad)} rows say nothing, for instance {lines}"
            remedy = "Export the file anew with every cell in quotes."
            found.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
        return found

    def _opened(self) -> tuple[Layout, Columns]:
        layout = inspect_table(
            self.path, encoding=self.options.encoding, delimiter=self.options.delimiter
        )
        return layout, imported_columns(layout.header, self.options.import_columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource:
    """Our own file; what a CRM's export (``others``) has meanwhile is not told twice."""

    export: Export
    others: tuple[Source, ...] = ()

    def fingerprint(self) -> str:
        """Size, time and inode."""
        return _fingerprint(self.export.path)

    def records(self, *, skip: int = 0) -> Iterator[tuple[int, CrmRecord]]:
        """The companies of the file."""
        layout = self.export.layout()
        if layout is None:
            return
        columns = exported_columns(
            layout.header, key_column=self.export.key_column, mapping=self._templates()
        )
        arrived = self._arrived()
        for number, record in _records(read_rows(self.export.path, layout), columns, skip):
            if record.key not in arrived:
                yield number, record

    def findings(self) -> Sequence[Finding]:
        """Whether the file is there, and whether a column that we fill is gone."""
        layout = self.export.layout()
        if layout is None:
            text = f"{self.export.path} is begun with the first company"
            return (Finding(level=Level.OK, text=text),)
        gone = [name for name in self.export.mapping.templates if name not in layout.header]
        if not gone:
            return (Finding(level=Level.OK, text=f"{self.export.path} can be added to"),)
        text = f"{self.export.path} has no column {', '.join(gone)}: these values are left out"
        remedy = "Add the columns to the header, or take them out of mapping."
        return (Finding(level=Level.WARNING, text=text, remedy=remedy),)

    def _templates(self) -> Mapping[str, str]:
        return {name: each.text for name, each in self.export.mapping.templates.items()}

    def _arrived(self) -> set[str]:
        """Our keys that the CRM's export holds by now."""
        keys = self.export.keys() if self.others else set()
        if not keys:
            return set()
        return {
            host
            for other in self.others
            for _, record in other.records()
            for website in record.websites
            for host in hosts_above(host_of(website))
            if host in keys
        }


def _records(
    rows: Iterator[AnyRow], columns: Columns, skip: int
) -> Iterator[tuple[int, CrmRecord]]:
    for number, row in islice(enumerate(rows, start=1), skip, None):
        record = columns.record(row.cells) if isinstance(row, Row) else None
        if record is not None:
            yield number, record


def _fingerprint(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
