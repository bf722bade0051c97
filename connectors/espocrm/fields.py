"""Which fields of an Account we write, and what to do when one is missing or refuses; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.records import FieldValue

KEY_LENGTH = 255
NAME_LENGTH = 249
_LENGTHS: Mapping[str, int] = {
    "name": NAME_LENGTH,
    "website": 255,
    **{
        f"{side}Address{part}": most
        for side in ("billing", "shipping")
        for part, most in (
            ("Street", 255),
            ("City", 100),
            ("State", 100),
            ("Country", 100),
            ("PostalCode", 40),
        )
    },
}
"""Lengths that the metadata does not show, as the vendor's OpenAPI document has them."""
_LINK_ENDINGS = ("Id", "Ids", "Name", "Names")
_NOT_IN_NAMES = str.maketrans("<>=", "   ")

DEFAULTS: Mapping[str, str] = {
    "name": "{name}",
    "website": "{website}",
    "description": "{description}",
    "billingAddressCity": "{city}",
    "billingAddressState": "{state}",
    "billingAddressCountry": "{country}",
    "cProspectdEmployees": "{employee_count}",
    "cProspectdFounded": "{founding_year}",
    "cProspectdRelevance": "{relevance}",
    "cProspectdSearch": "{search}",
    "cProspectdTask": "{task_url}",
}
_NOT_FOR_MAPPING = ("id", "deleted", "createdAt", "modifiedAt", "createdById", "modifiedById")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A field of our own: its name in the API, and how an administrator makes it."""

    name: str
    type: str
    label: str
    params: Mapping[str, int] = field(default_factory=dict)

    @property
    def typed_name(self) -> str:
        """The name to type: the server puts a ``c`` before it."""
        return self.name[1].lower() + self.name[2:]

    def definition(self) -> dict[str, Any]:
        """The body that creates it."""
        return {"name": self.typed_name, "type": self.type, "label": self.label, **self.params}

    def remedy(self) -> str:
        """What an administrator does, in words."""
        length = f", max length {self.params['maxLength']}" if "maxLength" in self.params else ""
        return (
            "in EspoCRM open Administration, Entity Manager, Account, Fields, Add Field: type "
            f'{self.type.capitalize()}, name "{self.typed_name}"{length} (EspoCRM itself puts the '
            '"c" before the name); or let this command run once with an administrator\'s '
            "username and password"
        )


def key_field(name: str) -> CustomField:
    """The field for our key."""
    return CustomField(
        name=name, type="varchar", label="Prospectd key", params={"maxLength": KEY_LENGTH}
    )


OTHER_FIELDS = (
    CustomField(
        name="cProspectdEmployees", type="varchar", label="Employees", params={"maxLength": 100}
    ),
    CustomField(name="cProspectdFounded", type="int", label="Founded"),
    CustomField(name="cProspectdRelevance", type="int", label="Prospectd relevance"),
    CustomField(
        name="cProspectdSearch", type="varchar", label="Prospectd search", params={"maxLength": 255}
    ),
    CustomField(
        name="cProspectdTask", type="varchar", label="Extruct task", params={"maxLength": 255}
    ),
)


def wanted_fields(mapping: FieldMapping, key: str) -> tuple[CustomField, ...]:
    """The fields of our own that this mapping writes, the key's first."""
    return key_field(key), *(one for one in OTHER_FIELDS if one.name in mapping.templates)


def new_mapping(overrides: Mapping[str, str], *, key_field: str) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or a field that only the connector or the server writes.
    """
    converters = {"cProspectdFounded": whole_number, "cProspectdRelevance": whole_number}
    return FieldMapping.merged(
        DEFAULTS, overrides, converters=converters, reserved=(key_field, *_NOT_FOR_MAPPING)
    )


def whole_number(value: FieldValue) -> FieldValue:
    """A number for a field of type Integer; what is none is left out."""
    try:
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None


def is_known(attribute: str, fields: Mapping[str, Any]) -> bool:
    """Whether the CRM has a field for the attribute; it ignores all others without a word."""
    stems = (attribute.removesuffix(end) for end in _LINK_ENDINGS if attribute.endswith(end))
    return attribute in fields or any(stem in fields for stem in stems)


def missing_findings(wanted: tuple[CustomField, ...], fields: Mapping[str, Any]) -> list[Finding]:
    """What to say about the fields that are not there; the first wanted one is the key's."""
    key = wanted[0]
    return [
        Finding(
            level=Level.PROBLEM if one is key else Level.WARNING,
            text=f"EspoCRM has no field {one.name} on Account: {_consequence(one is key)}",
            remedy=one.remedy(),
        )
        for one in wanted
        if one.name not in fields
    ]


def _consequence(is_key: bool) -> str:
    if is_key:
        return "after a lost reply a company is found again by website and name only"
    return "its value is left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is sent to create a record, and which fields were left out or changed on the way."""

    values: Mapping[str, FieldValue]
    warnings: tuple[str, ...] = ()


def known_only(values: Mapping[str, FieldValue], fields: Mapping[str, Any]) -> Body:
    """Leave out what the CRM would ignore silently."""
    unknown = [name for name in values if not is_known(name, fields)]
    return Body(
        values={name: value for name, value in values.items() if name not in unknown},
        warnings=tuple(
            f"{name} was left out: EspoCRM has no such field on Account" for name in unknown
        ),
    )


def fitted(body: Body, fields: Mapping[str, Any], *, instead: str | None) -> Body | None:
    """The body without what the CRM certainly refuses; None: nothing could be left of it."""
    fitting: Body | None = body
    for name, value in body.values.items():
        why = _misfit(name, value, fields.get(name))
        if why is not None and fitting is not None:
            fitting = without_refused(fitting, name, why, instead=instead)
    return fitting


def _misfit(name: str, value: FieldValue, definition: object) -> str | None:
    known = definition if isinstance(definition, dict) else {}
    most = known.get("maxLength") or _LENGTHS.get(name)
    options = known.get("options")
    if isinstance(value, str) and isinstance(most, int) and len(value) > most:
        return "maxLength"
    if known.get("type") == "enum" and isinstance(options, list) and value not in options:
        return "valid"
    if name == "name" and clean_name(str(value)) != " ".join(str(value).split()):
        return "pattern"
    return None


def without_refused(body: Body, name: str, why: str, *, instead: str | None) -> Body | None:
    """The body after the CRM refused one field; None: it cannot do without that field.

    ``instead`` is another spelling for a website that was refused. The name is shortened or
    cleaned rather than left out, since the CRM requires one.
    """
    if name not in body.values:
        return None
    values, old = dict(body.values), body.values[name]
    if name == "name":
        new: FieldValue = clean_name(str(old))
    else:
        new = instead if name == "website" and instead != old else None
    if new is None:
        del values[name]
        warning = f"{name} was left out: EspoCRM refuses the value ({why})"
    elif new in ("", old):
        return None
    else:
        values[name] = new
        warning = f"{name} was changed to {new!r}: EspoCRM refuses the value ({why})"
    return Body(values=values, warnings=(*body.warnings, warning))


def clean_name(name: str) -> str:
    """A name that EspoCRM takes: at most 249 characters, none of ``< > =``."""
    return " ".join(name.translate(_NOT_IN_NAMES).split())[:NAME_LENGTH].rstrip()
