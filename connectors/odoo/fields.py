"""From a result to a row for Odoo's ``load()``: pure."""

import hashlib
import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.records import FieldValue, PushItem

MODULE = "__prospectd__"
RESERVED = frozenset({"id", ".id", "is_company"})
COMMENT = "comment"
COUNTRY = "country_id"
WEBSITE = "website"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """A field of ours that an administrator may add to contacts."""

    name: str
    type: str
    label: str
    template: str


OWN_FIELDS = (
    OwnField(name="x_prospectd_key", type="char", label="Prospectd key", template=""),
    OwnField(
        name="x_prospectd_relevance",
        type="float",
        label="Prospectd relevance",
        template="{relevance}",
    ),
    OwnField(name="x_prospectd_search", type="char", label="Prospectd search", template="{search}"),
    OwnField(name="x_prospectd_task", type="char", label="Prospectd task", template="{task_id}"),
    OwnField(
        name="x_prospectd_employees",
        type="char",
        label="Prospectd employees",
        template="{employee_count}",
    ),
    OwnField(
        name="x_prospectd_founded",
        type="char",
        label="Prospectd founding year",
        template="{founding_year}",
    ),
)
KEY_FIELD = OWN_FIELDS[0].name

_DEFAULTS = {
    "name": "{name}",
    WEBSITE: "{website}",
    COMMENT: "{description}",
    "city": "{city}",
    COUNTRY: "{country}",
    **{own.name: own.template for own in OWN_FIELDS},
}
_ALIASES = {
    "usa": "united states",
    "united states of america": "united states",
    "uk": "united kingdom",
    "great britain": "united kingdom",
    "czechia": "czech republic",
    "turkey": "türkiye",
    "türkiye": "turkey",
    "republic of korea": "south korea",
    "korea": "south korea",
    "russia": "russian federation",
    "hong kong sar": "hong kong",
    "viet nam": "vietnam",
    "the netherlands": "netherlands",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What this Odoo has: field → type, and its countries by name or code in lower case."""

    types: Mapping[str, str]
    countries: Mapping[str, str]

    def has(self, column: str) -> bool:
        """Whether contacts have the field of this column (``country_id/id`` is of country_id)."""
        return column.partition("/")[0] in self.types


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One company for ``load()``: its external id, and text for each column."""

    external: str
    cells: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def without(self, column: str, why: str) -> "Row":
        """The row without a cell that Odoo refuses."""
        cells = {name: cell for name, cell in self.cells.items() if name != column}
        warning = f"{column} was left out: {why}"
        return Row(external=self.external, cells=cells, warnings=(*self.warnings, warning))


def external_name(key: str) -> str:
    """The name of our external id for a company: a hash, since Odoo refuses spaces."""
    return f"co_{hashlib.sha256(key.encode()).hexdigest()}"


def external_id(key: str) -> str:
    """The whole external id, with its module."""
    return f"{MODULE}.{external_name(key)}"


def new_mapping(overrides: Mapping[str, str]) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or a field that the connector writes itself.
    """
    return FieldMapping.merged(_DEFAULTS, overrides, reserved={*RESERVED, KEY_FIELD})


def plan_row(
    item: PushItem, mapping: FieldMapping, schema: Schema, *, overridden: Iterable[str] = ()
) -> Row:
    """The row that creates this company; what Odoo does not have is left out with a warning.

    Values of our own fields that do not exist are told in the notes, unless the operator writes the
    notes (``overridden``).
    """
    values = mapping.render(item)
    homeless = [own for own in OWN_FIELDS if own.name in values and own.name not in schema.types]
    facts = [f"{own.label}: {as_text(values.pop(own.name))}" for own in homeless]
    if facts and COMMENT not in overridden and COMMENT not in item.properties:
        values[COMMENT] = "\n".join([as_text(values.get(COMMENT)), *facts])
    warnings: list[str] = []
    cells: dict[str, str] = {}
    for name, value in values.items():
        if name in RESERVED:
            warnings.append(f"{name} was left out: the connector writes it itself")
        elif not schema.has(name):
            warnings.append(f"{name} was left out: contacts in Odoo have no such field")
        elif name == COUNTRY:
            _put_country(cells, value, schema, warnings)
        else:
            cells[name] = _cell(value, schema.types[name.partition("/")[0]])
    _put_identity(cells, item, schema)
    cells = {name: cell for name, cell in cells.items() if cell}
    return Row(external=external_id(item.company.key), cells=cells, warnings=tuple(warnings))


def _put_identity(cells: dict[str, str], item: PushItem, schema: Schema) -> None:
    key = clean_text(item.company.key)
    names = (cells.get("name"), clean_text(item.company.name), key, external_name(key))
    cells["name"] = next(name for name in names if name)
    if item.company.domain is not None:
        cells[WEBSITE] = cells.get(WEBSITE) or f"https://{item.company.domain}"
    if KEY_FIELD in schema.types:
        cells[KEY_FIELD] = key
    cells["is_company"] = "1"


def _put_country(
    cells: dict[str, str], value: FieldValue, schema: Schema, warnings: list[str]
) -> None:
    name = find_country(as_text(value), schema.countries)
    if name is None:
        warnings.append(f'{COUNTRY} was left out: Odoo knows no country "{as_text(value)}"')
    else:
        cells[COUNTRY] = name


def find_country(text: str, countries: Mapping[str, str]) -> str | None:
    """Odoo's own name of a country that was given by name or by two-letter code."""
    wanted = text.strip().casefold()
    return countries.get(wanted) or countries.get(_ALIASES.get(wanted, wanted))


def _cell(value: FieldValue, kind: str) -> str:
    """Text for a cell: ``load()`` breaks on JSON booleans and numbers."""
    if isinstance(value, bool):
        return "1" if value else "0"
    text = clean_text(as_text(value))
    if kind != "html":
        return text
    lines = (html.escape(line, quote=False) for line in text.splitlines() if line.strip())
    return "".join(f"<p>{line}</p>" for line in lines)


def clean_text(text: str) -> str:
    """The text without what PostgreSQL cannot store: the NUL character, half a surrogate pair."""
    return text.replace("\0", "").encode(errors="ignore").decode().strip()


def tables_of(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Rows with the same columns together, since an empty cell would clear a field's default."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row.cells)), []).append(row)
    yield from groups.items()


def load_arguments(columns: tuple[str, ...], rows: Iterable[Row]) -> dict[str, Any]:
    """The arguments of one ``load()``."""
    data = [[row.external, *(row.cells[name] for name in columns)] for row in rows]
    return {"fields": ["id", *columns], "data": data}
