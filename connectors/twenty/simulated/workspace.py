"""One simulated workspace: its fields, its companies, its clock."""

from collections.abc import Generator
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from connectors.sdk.clock import Clock
from connectors.twenty.simulated.fields import OBJECTS, Field, NewId, standard_fields
from connectors.twenty.simulated.table import CompanyTable, Row

ResultT = TypeVar("ResultT")
Steps: TypeAlias = Generator[None, None, ResultT]
"""Work in steps, between which other requests may be carried out, as on the real server."""

MOST_READ_BACK = 60
"""So many of the companies that it has just made a GraphQL mutation gives back."""


class Workspace:
    """What all the simulated interfaces share."""

    def __init__(self, clock: Clock, new_id: NewId) -> None:
        self._clock = clock
        self.new_id = new_id
        self.made_at = clock.now()
        self.id = new_id("workspace")
        self.source_id = new_id("dataSource")
        self.object_ids = {name: new_id(f"object:{name}") for name in OBJECTS}
        self.fields: dict[str, Field] = {
            field.name: field for field in standard_fields(new_id, self.made_at)
        }
        self.table = CompanyTable(self.fields, new_id)

    def now(self) -> datetime:
        """The server's time."""
        return self._clock.now()

    def conflicting_fields(self) -> list[tuple[str, ...]]:
        """The fields by which an upsert finds a company, as paths into its row."""
        own = [(f.name,) for f in self.fields.values() if f.is_unique and f.is_custom]
        return [("id",), ("domainName", "primaryLinkUrl"), *own]


def value_at(row: Row, path: tuple[str, ...]) -> Any:
    """The value at a path; None where nothing is there."""
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def find_matches(workspace: Workspace, given: list[Row]) -> list[Row | None]:
    """For each row of an upsert the live company that it means, or None.

    The server asks with one condition for all rows: every field that any of them names must hold
    one of the values given for it. So a row by id and a row by domain hide each other.
    """
    paths = workspace.conflicting_fields()
    wanted = {path: [v for row in given if (v := value_at(row, path))] for path in paths}
    named = {path: values for path, values in wanted.items() if values}
    found = [
        row
        for row in workspace.table.live_rows()
        if named and all(value_at(row, path) in values for path, values in named.items())
    ]
    return [next((row for row in found if _same(row, each, paths)), None) for each in given]


def _same(row: Row, given: Row, paths: list[tuple[str, ...]]) -> bool:
    values = [(value_at(row, path), value) for path in paths if (value := value_at(given, path))]
    return bool(values) and all(stored == value for stored, value in values)
