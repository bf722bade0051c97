"""The options of the CSV connector."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.csv.columns import ROLES
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import ConnectorOptions

DEFAULT_MAPPING: Mapping[str, str] = {
    "name": "{name}",
    "website": "{website}",
    "domain": "{domain}",
    "description": "{description}",
    "country": "{country}",
    "state": "{state}",
    "city": "{city}",
    "employees": "{employee_count}",
    "founded": "{founding_year}",
    "relevance": "{relevance}",
    "search": "{search}",
    "found_at": "{found_at}",
}


class CsvOptions(ConnectorOptions):
    """What ``[connectors.NAME]`` may hold for a CSV file."""

    path: Path | None = None
    """New companies are added to this file; None: nothing can be pushed."""
    import_path: Path | None = None
    """What is in this file counts as known; usually a CRM's own export."""
    import_columns: dict[str, str] = Field(default_factory=dict)
    """Role (name, website …) → column of the imported file, where it is not found by itself."""
    key_column: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)] = (
        "prospectd_key"
    )
    """The column of ``path`` that holds the company's key; it must stay as it is."""
    encoding: str | None = None
    """Of the imported file; None: found out."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    """Of the imported file; None: found out."""

    @model_validator(mode="after")
    def check(self) -> Self:
        """See that there is a file, and that its columns make sense."""
        if self.path is None and self.import_path is None:
            raise ValueError("set path (to add companies to), import_path (to read), or both")
        if self.path is not None and self.path == self.import_path:
            raise ValueError(
                "path and import_path are one file; path is read anyway, leave one out"
            )
        unknown = sorted(set(self.import_columns) - set(ROLES))
        if unknown:
            known = ", ".join(ROLES)
            raise ValueError(f"import_columns: {unknown[0]} is no role; known are {known}")
        return self

    def field_mapping(self) -> FieldMapping:
        """Column → template.

        Raises:
            ValueError: a template is wrong, or the key's column was mapped.
        """
        return FieldMapping.merged(DEFAULT_MAPPING, self.mapping, reserved=(self.key_column,))
