"""The fields that we make in Zoho, and what to say about those that are missing; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.protocol import Finding, Level
from connectors.zoho.accounts import KEY_LENGTH
from connectors.zoho.fields import NAME, Fields

_TYPES = {"text": "Single Line", "integer": "Number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """A field that we make. Zoho derives the API name from the label."""

    name: str
    data_type: str
    length: int
    unique: bool = False

    @property
    def label(self) -> str:
        """What people see."""
        return self.name.replace("_", " ")

    def definition(self) -> dict[str, Any]:
        """The body that creates it (Zoho's page "Create Custom Fields")."""
        made = {"field_label": self.label, "data_type": self.data_type, "length": self.length}
        return made | {"unique": {"case_sensitive": False}} if self.unique else made

    def remedy(self) -> str:
        """What an administrator does, in words."""
        unique = ', tick "Do not allow duplicate values"' if self.unique else ""
        return (
            "in Zoho CRM open Setup, Customization, Modules and Fields, Accounts, the standard "
            f'layout: add a field {_TYPES[self.data_type]}, label "{self.label}"{unique}, and see '
            f'under Setup, Developer Hub, APIs and SDKs, API Names that it is "{self.name}"; or '
            "give the refresh token the scope ZohoCRM.settings.fields.CREATE"
        )


OTHER_FIELDS = (
    OwnField(name="Prospectd_Founded", data_type="integer", length=9),
    OwnField(name="Prospectd_Relevance", data_type="integer", length=9),
    OwnField(name="Prospectd_Search", data_type="text", length=255),
    OwnField(name="Prospectd_Task", data_type="text", length=255),
)


def wanted_fields(mapping: FieldMapping, key_field: str) -> tuple[OwnField, ...]:
    """The fields of our own that this mapping writes, the key's first."""
    key = OwnField(name=key_field, data_type="text", length=KEY_LENGTH, unique=True)
    return key, *(one for one in OTHER_FIELDS if one.name in mapping.templates)


def key_problem(key: OwnField, fields: Fields) -> Finding | None:
    """Why the field cannot hold our key; None: it can."""
    held = fields.get(key.name)
    if held is None:
        text = f"accounts have no field {key.name}: nothing is created without it"
        return Finding(level=Level.PROBLEM, text=text, remedy=key.remedy())
    if held.get("data_type") != "text":
        text = f"the field {key.name} is a {held.get('data_type')} and cannot hold our key"
        remedy = "name another field with key_field in config.toml"
        return Finding(level=Level.PROBLEM, text=text, remedy=remedy)
    if not held.get("unique"):
        return Finding(
            level=Level.PROBLEM,
            text=f"the field {key.name} allows duplicates: nothing is created with it as it is",
            remedy='in Zoho CRM edit the field and tick "Do not allow duplicate values"',
        )
    return None


def field_findings(
    wanted: Sequence[OwnField], mapping: FieldMapping, fields: Fields
) -> list[Finding]:
    """What to say about the fields; the first wanted one is the key's."""
    key, *others = wanted
    problem = key_problem(key, fields)
    there = Finding(level=Level.OK, text=f"the unique field {key.name} is there")
    findings = [problem or there]
    findings += [
        Finding(
            level=Level.WARNING,
            text=f"accounts have no field {one.name}: its value is left out",
            remedy=one.remedy(),
        )
        for one in others
        if one.name not in fields
    ]
    own = {one.name for one in wanted}
    return [*findings, *_foreign(sorted(set(mapping.templates) - own), fields), *_rules(fields)]


def _foreign(names: Sequence[str], fields: Fields) -> list[Finding]:
    return [
        Finding(
            level=Level.WARNING,
            text=f"the mapping writes {name}, which is no field of accounts: it is left out",
            remedy=f'correct its API name, or set mapping.{name} = ""',
        )
        for name in names
        if name not in fields
    ]


def _rules(fields: Fields) -> list[Finding]:
    """People's own unique name: two companies of one name are common."""
    if not fields.get(NAME, {}).get("unique"):
        return []
    text = f"{NAME} allows no duplicates: a company of the same name gets its domain added to it"
    return [Finding(level=Level.WARNING, text=text)]


def creation_trouble(wanted: OwnField, entry: Mapping[str, Any]) -> Finding | None:
    """Why Zoho did not make a field; None: it did, or somebody was quicker."""
    code = str(entry.get("code", ""))
    if code in {"SUCCESS", "DUPLICATE_DATA"}:
        return None
    level = Level.PROBLEM if wanted.unique else Level.WARNING
    said = str(entry.get("message", ""))[:200]
    text = f"Zoho does not make the field {wanted.name}: {code} {said}".rstrip()
    return Finding(level=level, text=text, remedy=wanted.remedy())
