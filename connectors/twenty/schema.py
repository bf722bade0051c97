"""Our own fields on companies: which there are, making those that are missing, saying so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.protocol import Finding, Level
from connectors.twenty.api import TwentyApi
from connectors.twenty.payloads import KEY_FIELD, STANDARD, Columns
from connectors.twenty.queries import COMPANY_FIELDS, CREATE_FIELD, OBJECTS

_UNWRITABLE = frozenset({"RELATION", "MORPH_RELATION", "TS_VECTOR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """A custom field that this connector can make. ``type`` is Twenty's."""

    name: str
    type: str
    label: str
    description: str


OWN_FIELDS: Mapping[str, OwnField] = {
    field.name: field
    for field in (
        OwnField(
            name=KEY_FIELD,
            type="TEXT",
            label="Prospectd key",
            description="Identity of the company in prospectd; please leave it as it is",
        ),
        OwnField(
            name="prospectdDescription",
            type="TEXT",
            label="Prospectd description",
            description="What the company does, as the search found it",
        ),
        OwnField(
            name="prospectdFoundingYear",
            type="NUMBER",
            label="Prospectd founding year",
            description="Year in which the company was founded",
        ),
        OwnField(
            name="prospectdRelevance",
            type="NUMBER",
            label="Prospectd relevance",
            description="Relevance to the search, from 0 to 100",
        ),
        OwnField(
            name="prospectdSearch",
            type="TEXT",
            label="Prospectd search",
            description="Name of the search that found the company",
        ),
        OwnField(
            name="prospectdTask",
            type="TEXT",
            label="Prospectd task",
            description="Id of the Extruct task that found the company",
        ),
    )
}
"""Never of the type NUMERIC: Twenty's own pages break on it (twentyhq/twenty#16023)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySchema:
    """What the workspace's companies look like; ``object_id`` None: it may not be read."""

    columns: Columns
    object_id: str | None = None
    switched_off: frozenset[str] = frozenset()
    domain_is_unique: bool = True

    def shows(self, name: str) -> bool:
        """Whether a query may ask for this field."""
        return name in self.columns and name not in self.switched_off


def wanted_columns(mapping: FieldMapping) -> list[str]:
    """The columns that are not Twenty's own: our key's, and those that the mapping writes to."""
    mapped = {name.partition(".")[0] for name in mapping.templates}
    return [KEY_FIELD, *sorted(mapped - STANDARD.keys() - {KEY_FIELD})]


def fetch_schema(api: TwentyApi) -> CompanySchema:
    """Read it; where the token may not, only Twenty's own columns are taken for granted."""
    try:
        objects = _nodes(api.metadata(OBJECTS, {}, idempotent=True), "objects")
        ids = [node.get("id") for node in objects if node.get("nameSingular") == "company"]
        if not ids:
            return CompanySchema(columns=STANDARD)
        company = str(ids[0])
        data = api.metadata(COMPANY_FIELDS, {"i": company}, idempotent=True)
    except (BadCredentials, Permanent) as refused:
        if refused.code == "unauthorized":
            raise
        return CompanySchema(columns=STANDARD)
    return read_schema(company, _nodes(data.get("object"), "fields"))


def read_schema(object_id: str, fields: Iterable[Mapping[str, Any]]) -> CompanySchema:
    """The schema out of the fields' descriptions."""
    known = [field for field in fields if isinstance(field.get("name"), str)]
    columns = {field["name"]: str(field.get("type")) for field in known}
    writable = {name: kind for name, kind in columns.items() if kind not in _UNWRITABLE}
    unique = {field["name"]: field.get("isUnique") for field in known}
    return CompanySchema(
        columns={"accountOwnerId": "UUID", **writable},
        object_id=object_id,
        switched_off=frozenset(f["name"] for f in known if f.get("isActive") is False),
        domain_is_unique=unique.get("domainName") is not False,
    )


def create_missing(api: TwentyApi, schema: CompanySchema, wanted: Sequence[str]) -> list[Finding]:
    """Make our own fields that are missing; stops at the first that the token may not make."""
    made: list[Finding] = []
    for name in wanted:
        if name in schema.columns or name not in OWN_FIELDS or schema.object_id is None:
            continue
        try:
            api.metadata(CREATE_FIELD, _creation(OWN_FIELDS[name], schema), idempotent=True)
        except BadCredentials as refused:
            if refused.code != "forbidden":
                raise
            return made
        except Permanent as refused:
            # Another replica may just have made it; reading the schema again tells.
            text = f"Twenty did not make the field {name}: {refused.message}"
            made.append(Finding(level=Level.WARNING, text=text, remedy=_remedy(name)))
        else:
            made.append(Finding(level=Level.OK, text=f"made the field {name} on companies"))
    return made


def check_schema(schema: CompanySchema, wanted: Sequence[str]) -> list[Finding]:
    """What is missing or switched off, and what a person should do about it."""
    findings = [
        Finding(
            level=Level.WARNING,
            text=f'Twenty has no field "{name}" on companies: its value is left out',
            remedy=_remedy(name),
        )
        for name in wanted
        if name not in schema.columns
    ]
    findings += [
        Finding(
            level=Level.WARNING,
            text=f'the field "{name}" is switched off in Twenty: nobody sees its values',
            remedy="switch it on under Settings → Data model → Companies",
        )
        for name in wanted
        if name in schema.switched_off
    ]
    if not schema.domain_is_unique:
        text = "the field Domain Name is not unique: Twenty no longer stops a person's duplicate"
        remedy = "set it to unique under Settings → Data model → Companies → Domain Name"
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def _creation(field: OwnField, schema: CompanySchema) -> Mapping[str, Any]:
    details = {
        "objectMetadataId": schema.object_id,
        "type": field.type,
        "name": field.name,
        "label": field.label,
        "description": field.description,
        "isNullable": True,
    }
    return {"i": {"field": details}}


def _remedy(name: str) -> str:
    own = OWN_FIELDS.get(name)
    if own is None:
        return f'add the field to companies in Twenty, or take "{name}" out of the mapping'
    kind = "Number" if own.type == "NUMBER" else "Text"
    return (
        f"an administrator adds it under Settings → Data model → Companies → Add field: type "
        f'{kind}, name "{own.label}" (API name {name}); or gives the API key a role that may '
        "change the data model, and prospectd makes it"
    )


def _nodes(value: Any, name: str) -> list[Mapping[str, Any]]:
    """The nodes of a connection; an answer of another shape has none."""
    connection = value.get(name) if isinstance(value, Mapping) else None
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    nodes = [each.get("node") for each in edges or () if isinstance(each, Mapping)]
    return [node for node in nodes if isinstance(node, Mapping)]
