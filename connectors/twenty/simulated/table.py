"""The simulated table of companies, with the constraints that the real one has."""

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors.twenty.simulated.fields import COMPOSITE, Field, NewId
from connectors.twenty.simulated.links import search_vector
from connectors.twenty.simulated.refusals import (
    Refusal,
    duplicate_domain,
    duplicate_id,
    null_name,
)

Row: TypeAlias = dict[str, Any]

_OWN_STAMPS = frozenset({"createdAt", "updatedAt"})


def show_moment(moment: datetime) -> str:
    """The moment as the server shows it: cut to milliseconds, though it stores microseconds."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )


def show_value(value: Any) -> Any:
    """A stored value as JSON shows it; a number that is none becomes null."""
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class CompanyTable:
    """Rows by id, in the order in which they were made; soft-deleted ones included."""

    def __init__(self, fields: Mapping[str, Field], new_id: NewId) -> None:
        self.rows: dict[str, Row] = {}
        self._fields = fields
        self._new_id = new_id

    def live(self, record_id: str) -> Row | None:
        """The row, unless it is missing or soft-deleted."""
        row = self.rows.get(record_id)
        return row if row is not None and row["deletedAt"] is None else None

    def save(self, values: Sequence[Row], now: datetime) -> list[str]:
        """Insert what is new and update what has a known id, soft-deleted or not, all or none.

        Raises:
            Refusal: a constraint would be broken.
        """
        return self._put([self._merged(each, now) for each in values])

    def insert(self, values: Sequence[Row], now: datetime) -> list[str]:
        """Insert all or none.

        Raises:
            Refusal: an id exists, soft-deleted or not, or a constraint would be broken.
        """
        return self._put([self._merged(each, now) for each in values], new=True)

    def prepare(self, values: Row, now: datetime) -> Row:
        """A whole new row that is not in the table yet."""
        (row,) = self._completed_rows([self._merged(values, now)])
        return row

    def overwrite(self, stale: Row, change: Row, now: datetime) -> None:
        """Write a whole row that was read earlier, with its change: what others wrote is undone.

        Raises:
            Refusal: a constraint would be broken, or the row's name or domain changed meanwhile.
        """
        current = self.rows[stale["id"]]
        if stale["searchVector"] != current["searchVector"]:
            raise Refusal('column "searchVector" can only be updated to DEFAULT')
        self._write(current, {**stale, **self._completed(stale, change)}, change, now)

    def update(self, record_id: str, change: Row, now: datetime) -> None:
        """Change some values of a row.

        Raises:
            Refusal: a constraint would be broken.
        """
        current = self.rows[record_id]
        self._write(current, {**current, **self._completed(current, change)}, change, now)

    def least_position(self) -> float:
        """The position before which a company made with GraphQL is put."""
        return min((row["position"] for row in self.live_rows()), default=2)

    def live_rows(self) -> Iterable[Row]:
        """Every row that is not soft-deleted."""
        return (row for row in self.rows.values() if row["deletedAt"] is None)

    def show(self, row: Row) -> Row:
        """The row as REST shows it."""
        values = {
            field.column: row.get(field.column, field.default())
            for field in self._fields.values()
            if field.column is not None
        }
        return {name: show_value(value) for name, value in deepcopy(values).items()}

    def _write(self, current: Row, target: Row, change: Row, now: datetime) -> None:
        """Put ``target`` in place of ``current``; where nothing differs, not even its stamp."""
        kept = {name: current[name] for name in _OWN_STAMPS if name not in change}
        target = {**target, **kept}
        if any(value != current.get(name) for name, value in target.items()):
            self._put([{**target, "updatedAt": change.get("updatedAt", now)}])

    def _merged(self, values: Row, now: datetime) -> Row:
        known = self.rows.get(values.get("id", ""))
        if known is not None:
            return {**known, **self._completed(known, values), "updatedAt": now}
        fresh = {
            field.column: field.default()
            for field in self._fields.values()
            if field.column is not None
        }
        return {**fresh, "createdAt": now, "updatedAt": now, **self._completed(fresh, values)}

    def _completed(self, row: Row, change: Row) -> Row:
        """The change, its composite values completed with the parts that it does not name."""
        composite = {field.column for field in self._fields.values() if field.type in COMPOSITE}
        return {
            name: {**row[name], **value} if name in composite else value
            for name, value in change.items()
        }

    def _put(self, planned: Sequence[Row], *, new: bool = False) -> list[str]:
        self._check(planned, new=new)
        for row in self._completed_rows(planned):
            self.rows[row["id"]] = row
        return [row["id"] for row in planned]

    def _completed_rows(self, planned: Sequence[Row]) -> Sequence[Row]:
        """The rows with what the database itself adds: the id, and the search vector."""
        for row in planned:
            row["id"] = row["id"] or self._new_id(f"company:{row['name']}")
            row["searchVector"] = search_vector(row["name"], row["domainName"])
        return planned

    def _check(self, planned: Sequence[Row], *, new: bool) -> None:
        """See that no constraint is broken; the first row that breaks one decides which."""
        ids = {row["id"] for row in planned}
        taken = {primary_url(row) for row in self.live_rows() if row["id"] not in ids}
        for row in planned:
            if row["name"] is None:
                raise null_name()
            if new and row["id"] in self.rows:
                raise duplicate_id()
            url = primary_url(row)
            if url and row["deletedAt"] is None:
                if url in taken:
                    raise duplicate_domain()
                taken.add(url)


def primary_url(row: Row) -> str | None:
    """The address that is unique among live rows, where there is one."""
    url = row["domainName"]["primaryLinkUrl"]
    return url if isinstance(url, str) else None
