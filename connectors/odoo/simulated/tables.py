"""Rows, id sequences and transactions, with PostgreSQL's habits: rolled back, ids stay used."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from connectors.odoo.simulated.errors import conflict

Row: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, int]


@dataclass(slots=True)
class Stamp:
    """In which commit a row was made, and in which it was changed last."""

    created: int
    changed: int


@dataclass(slots=True)
class Tables:
    """Every row of every model, by id.

    ``snapshot`` is the last commit that the running transaction sees; to write a row that a later
    one wrote is a serialisation conflict, as under PostgreSQL's REPEATABLE READ. ``hidden`` rows
    belong to a transaction that is not committed before the moment given.
    """

    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    next_ids: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))
    hidden: dict[Place, datetime] = field(default_factory=dict)
    commits: int = 0
    snapshot: int = 0
    _stamps: dict[Place, Stamp] = field(default_factory=dict)
    _journal: list[tuple[Place, Row | None, Stamp | None]] = field(default_factory=list)
    _externals: dict[str, int] = field(default_factory=dict)

    def take_id(self, model: str) -> int:
        """The next id; a rollback does not give it back."""
        taken = self.next_ids[model]
        self.next_ids[model] = taken + 1
        return taken

    def get(self, model: str, record_id: object) -> Row | None:
        """The row, if there is one."""
        return self.rows[model].get(record_id) if isinstance(record_id, int) else None

    def visible(self, model: str, now: datetime) -> Iterator[Row]:
        """The committed rows of a model, by id."""
        table = self.rows[model]
        for record_id in sorted(table):
            if self.hidden.get((model, record_id), now) <= now:
                yield table[record_id]

    def insert(self, model: str, row: Row) -> Row:
        """Keep a new row; ``row["id"]`` is its id."""
        place = (model, row["id"])
        self._journal.append((place, None, None))
        self.rows[model][row["id"]] = row
        self._stamps[place] = Stamp(created=self.commits + 1, changed=self.commits + 1)
        self._index(model, row)
        return row

    def update(self, model: str, row: Row, values: Row) -> None:
        """Change a row.

        Raises:
            OdooError: a conflict with a later commit.
        """
        place = (model, row["id"])
        stamp = self._stamps[place]
        self._check(stamp.changed)
        self._journal.append((place, dict(row), stamp))
        row.update(values)
        self._stamps[place] = Stamp(created=stamp.created, changed=self.commits + 1)

    def delete(self, model: str, row: Row) -> None:
        """Remove a row.

        Raises:
            OdooError: a conflict with a later commit.
        """
        place = (model, row["id"])
        stamp = self._stamps[place]
        self._check(stamp.changed)
        self._journal.append((place, dict(row), stamp))
        del self.rows[model][row["id"]]
        del self._stamps[place]
        if model == "ir.model.data":
            self._externals.pop(external_name(row), None)

    def external(self, complete_name: str, *, seen_only: bool) -> Row | None:
        """The row of ``ir.model.data`` with this name; ``seen_only``: as the snapshot shows it."""
        row = self.get("ir.model.data", self._externals.get(complete_name))
        if row is None or not seen_only:
            return row
        created = self._stamps["ir.model.data", row["id"]].created
        return None if self.snapshot < created <= self.commits else row

    def begin(self, snapshot: int | None) -> None:
        """Start a transaction that sees the commits up to ``snapshot`` (None: all)."""
        self.snapshot = self.commits if snapshot is None else snapshot
        self._journal.clear()

    def commit(self) -> None:
        """Make the transaction's work visible; one that changed nothing is no commit."""
        if self._journal:
            self.commits += 1
        self._journal.clear()

    def savepoint(self) -> int:
        """A mark for ``rollback``."""
        return len(self._journal)

    def rollback(self, mark: int = 0) -> None:
        """Undo everything since the mark; used ids stay used."""
        while len(self._journal) > mark:
            place, before, stamp = self._journal.pop()
            model, record_id = place
            current = self.rows[model].pop(record_id, None)
            self._stamps.pop(place, None)
            if model == "ir.model.data" and current is not None:
                self._externals.pop(external_name(current), None)
            if before is not None and stamp is not None:
                self.rows[model][record_id] = before
                self._stamps[place] = stamp
                self._index(model, before)

    def touch_external(self, row: Row) -> None:
        """Meet a row of ``ir.model.data`` by its unique name.

        Raises:
            OdooError: a conflict, where a later commit made or changed it.
        """
        self._check(self._stamps["ir.model.data", row["id"]].changed)

    def _check(self, changed: int) -> None:
        if self.snapshot < changed <= self.commits:
            raise conflict()

    def _index(self, model: str, row: Row) -> None:
        if model == "ir.model.data":
            self._externals[external_name(row)] = row["id"]


def external_name(row: Row) -> str:
    """The external id of a row of ``ir.model.data``."""
    return f"{row['module']}.{row['name']}"
