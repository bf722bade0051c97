"""A CSV file as the conformance suite uses it: people edit it as with a spreadsheet."""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from connectors.csv import connector
from connectors.csv.cells import plain_text
from connectors.csv.connector import CsvConnector
from connectors.csv.options import CsvOptions
from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, Typed
from connectors.sdk.conformance.wire import Wire
from connectors.sdk.protocol import Connector, ConnectorContext, ConnectorPlugin
from connectors.sdk.records import CrmRecord

_KEY = "prospectd_key"
_NEW = (_KEY, "name", "website", "comment")


class CsvHarness(Harness):
    """One file in a folder of its own; a row's id is its key, also where a person typed it."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    many = 50

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self._folder = tempfile.TemporaryDirectory(prefix="prospectd-")
        self.path = Path(self._folder.name) / "companies.csv"
        self.options: Mapping[str, Any] = {"type": "csv", "path": str(self.path)}

    def open(self, wire: Wire) -> Connector:
        """A connector whose additions go over the wire."""
        context = ConnectorContext(name="crm", clock=self.clock, random=self.random)
        opened = CsvConnector(CsvOptions.model_validate(dict(self.options)), context)
        opened.line = wire.line
        opened.page_rows = 20
        return opened

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def live(self) -> Sequence[CrmRecord]:
        """Every row of the file."""
        return [
            CrmRecord(
                record_id=plain_text(row[_KEY]),
                name=plain_text(row["name"]),
                websites=(plain_text(row["website"]), plain_text(row[_KEY])),
                key=plain_text(row[_KEY]),
            )
            for row in self.rows()
        ]

    def person_creates(self, typed: Typed) -> str:
        """A person adds a row and fills in the key's column too."""
        record_id = f"row:{typed.name}"
        website = next(iter(typed.websites), "")
        row = dict.fromkeys(self._header(), "")
        row |= {_KEY: record_id, "name": typed.name, "website": website}
        self._save([*self.rows(), row])
        return record_id

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes cells of a row."""
        rows = self.rows()
        for row in rows:
            if plain_text(row[_KEY]) == record_id:
                row["name"] = typed.name
                row["website"] = next(iter(typed.websites), "")
        self._save(rows)

    def person_deletes(self, record_id: str) -> None:
        """A person deletes a row."""
        self._save([row for row in self.rows() if plain_text(row[_KEY]) != record_id])

    def rows(self) -> list[dict[str, str]]:
        """The rows as a spreadsheet shows them."""
        if not self.path.exists():
            return []
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def _header(self) -> Sequence[str]:
        if not self.path.exists():
            return _NEW
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file))

    def _save(self, rows: list[dict[str, str]]) -> None:
        header = self._header()
        beside = self.path.with_suffix(".saved")
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)
        beside.replace(self.path)
