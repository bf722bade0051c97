"""The fields of an organization: Pipedrive's own, custom ones, and those that we need; pure.

The code of a custom field is a random hash of 40 digits, different in every account, so that fields
are named in the config by what people call them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.records import FieldValue
from connectors.sdk.sizes import fewest_employees

MOST_CUSTOM_FIELDS = 15
"""So many custom fields may be asked for by their codes in one listing (vendor's OpenAPI)."""

DEFAULTS: Mapping[str, str] = {
    "name": "{name}",
    "website": "{website}",
    "address": "{city}, {state}, {country}",
    "employee_count": "{employee_count}",
    "Prospectd employees": "{employee_count}",
    "Prospectd description": "{description}",
    "Prospectd founded": "{founding_year}",
    "Prospectd relevance": "{relevance}",
    "Prospectd search": "{search}",
    "Prospectd task": "{task_url}",
}
OPTIONAL = ("employee_count",)
"""Standard fields that older accounts do not have: not missed there."""
_OWN_TYPES: Mapping[str, str] = {
    "Prospectd employees": "varchar",
    "Prospectd description": "text",
    "Prospectd founded": "double",
    "Prospectd relevance": "double",
    "Prospectd search": "varchar",
    "Prospectd task": "varchar",
}
_HASH = re.compile(r"[0-9a-f]{40}")
_NOT_FOR_MAPPING = ("id", "add_time", "update_time", "is_deleted")
_TEXTS = ("varchar", "varchar_auto", "text")
_TYPE_NAMES = {"varchar": "Text", "text": "Large text", "double": "Numerical"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an organization. ``options`` are ids by label in lower case.

    ``is_optional``: replies have it only when it is asked for.
    """

    code: str
    name: str
    type: str
    is_custom: bool = False
    is_optional: bool = False
    options: Mapping[str, int] = with_default(default_factory=dict)


def parse_field(row: Mapping[str, Any]) -> Field:
    """A row of ``organizationFields``."""
    options = {
        str(one["label"]).casefold(): int(one["id"])
        for one in row.get("options") or ()
        if str(one.get("id", "")).isdecimal() and "label" in one
    }
    return Field(
        code=str(row["field_code"]),
        name=str(row.get("field_name") or ""),
        type=str(row.get("field_type") or ""),
        is_custom=row.get("is_custom_field") is True,
        is_optional=row.get("is_optional_response_field") is True,
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """All fields of an organization in one account."""

    known: tuple[Field, ...] = ()

    def named(self, text: str) -> tuple[Field, ...]:
        """Every field that has this code, and every custom one of this name, in that order.

        Nothing in Pipedrive stops people from giving two fields one name.
        """
        by_code = [one for one in self.known if one.code == text]
        name = text.strip().casefold()
        by_name = [one for one in self.known if one.is_custom and one.name.casefold() == name]
        return (*by_code, *(one for one in by_name if one not in by_code))

    def first(self, text: str) -> Field | None:
        """The field that is meant by a code or a name; None: there is none."""
        return next(iter(self.named(text)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """A custom field that we want to have."""

    name: str
    type: str
    is_key: bool = False
    is_website: bool = False

    @property
    def can_be_made(self) -> bool:
        """Whether it is named by a name: the hash of a field cannot be chosen."""
        return not _HASH.fullmatch(self.name)

    def remedy(self) -> str:
        """What an administrator does, in words."""
        return (
            "in Pipedrive open Company settings, Data fields, Organization, Custom field and add "
            f'a field of type "{_TYPE_NAMES.get(self.type, self.type)}" called "{self.name}"; or '
            "let prospectd run once with the API token of an administrator"
        )


def wanted_fields(
    mapping: FieldMapping, fields: Fields, *, key_field: str, website_field: str
) -> tuple[OwnField, ...]:
    """The fields of our own that this mapping writes, the key's first."""
    wanted = [OwnField(name=key_field, type="varchar", is_key=True)]
    if not fields.named(website_field):
        wanted.append(OwnField(name=_title(website_field), type="varchar", is_website=True))
    own = ((name, kind) for name, kind in _OWN_TYPES.items() if name in mapping.templates)
    return (*wanted, *(OwnField(name=name, type=kind) for name, kind in own))


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def missing(wanted: Iterable[OwnField], fields: Fields) -> list[OwnField]:
    """Those that are not there."""
    return [one for one in wanted if not fields.named(one.name)]


def missing_findings(wanted: Iterable[OwnField], fields: Fields) -> list[Finding]:
    """What to say about the fields that are not there."""
    return [
        Finding(
            level=Level.PROBLEM if one.is_key or one.is_website else Level.WARNING,
            text=f'Pipedrive has no organization field "{one.name}": {_consequence(one)}',
            remedy=one.remedy(),
        )
        for one in missing(wanted, fields)
    ]


def _consequence(one: OwnField) -> str:
    if one.is_key:
        return "nothing is pushed, because a lost reply could not be cleared up without it"
    if one.is_website:
        return "nothing is pushed, because no organization could be recognised by its website"
    return "its value is left out"


def field_findings(key_field: str, website_field: str, fields: Fields) -> list[Finding]:
    """Whether the fields that are there can hold what we put into them, and are there once."""
    return [
        *_text_findings("our key", key_field, fields),
        *_text_findings("the website", website_field, fields),
    ]


def _text_findings(what: str, name: str, fields: Fields) -> list[Finding]:
    found = fields.named(name)
    if not found:
        return []
    first = found[0]
    if first.type not in _TEXTS:
        text = f'"{first.name}" is a field of type {first.type}, which cannot hold {what}'
        remedy = "name another field in the config, or rename this one and let it be made anew"
        return [Finding(level=Level.PROBLEM, text=text, remedy=remedy)]
    kind = "custom field" if first.is_custom else "field"
    findings = [Finding(level=Level.OK, text=f'the {kind} "{first.name}" holds {what}')]
    if sum(one.is_custom for one in found) > 1:
        text = (
            f'there are {len(found)} fields "{first.name}"; written is {first.code}, read are all'
        )
        remedy = "move what the others hold, and remove them"
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def new_mapping(overrides: Mapping[str, str], *, key_field: str) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or a field that only the connector or Pipedrive writes.
    """
    converters = {"address": tidy_place, "employee_count": fewest_employees}
    return FieldMapping.merged(
        DEFAULTS, overrides, converters=converters, reserved=(key_field, *_NOT_FOR_MAPPING)
    )


def tidy_place(value: FieldValue) -> FieldValue:
    """A place without the gaps that missing parts left: ``"Hamburg, , Germany"``."""
    parts = [part.strip() for part in str(value).split(",")]
    return ", ".join(part for part in parts if part) or None


def custom_codes(fields: Sequence[Field]) -> tuple[str, ...]:
    """The hashes of the custom ones among them, as many as one listing may name."""
    return tuple(one.code for one in fields if one.is_custom)[:MOST_CUSTOM_FIELDS]
