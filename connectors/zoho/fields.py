"""Which fields of an account we write, and what is left out before it is sent; pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.records import FieldValue, PushItem
from connectors.sdk.sizes import fewest_employees
from connectors.zoho.accounts import stored_key

Fields: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The definitions of the fields of accounts, by API name."""

API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
NAME = "Account_Name"
DEFAULTS: Mapping[str, str] = {
    NAME: "{name}",
    "Website": "{website}",
    "Description": "{description}",
    "Billing_City": "{city}",
    "Billing_State": "{state}",
    "Billing_Country": "{country}",
    "Employees": "{employee_count}",
    "Prospectd_Founded": "{founding_year}",
    "Prospectd_Relevance": "{relevance}",
    "Prospectd_Search": "{search}",
    "Prospectd_Task": "{task_url}",
}
_NOT_FOR_MAPPING = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
_NAME_LENGTH = 200
"""Zoho's own limit of Account_Name, where the definition does not tell another."""
_NUMBERS = frozenset({"integer", "bigint", "double", "currency", "percent", "boolean"})


def new_mapping(overrides: Mapping[str, str], *, key_field: str) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or a field that only the connector or Zoho writes.
    """
    converters = {
        "Employees": fewest_employees,
        "Prospectd_Founded": whole_number,
        "Prospectd_Relevance": whole_number,
    }
    reserved = (key_field, *_NOT_FOR_MAPPING)
    return FieldMapping.merged(DEFAULTS, overrides, converters=converters, reserved=reserved)


def whole_number(value: FieldValue) -> FieldValue:
    """A number for a Number field; what is none is left out."""
    try:
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None


WEBSITE: Final = "Website"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One company about to be sent; ``warnings`` name the fields that were left out or changed."""

    item: PushItem
    values: Mapping[str, FieldValue]
    warnings: tuple[str, ...] = ()
    renamed: bool = False

    @property
    def key(self) -> str:
        """Our key of the company; Zoho's unique fields ignore case."""
        return self.item.company.key.casefold()

    def without(self, name: str, why: str) -> "Draft":
        """The same with one field less; a website gives way to the plain domain first."""
        domain = self.item.company.domain
        plain = f"https://{domain}"
        if name == WEBSITE and domain is not None and self.values.get(name) != plain:
            warning = f"{name} written as {plain}: {why}"
            values = {**self.values, name: plain}
            return replace(self, values=values, warnings=(*self.warnings, warning))
        kept = {field: value for field, value in self.values.items() if field != name}
        return replace(self, values=kept, warnings=(*self.warnings, f"{name} left out: {why}"))

    def named_apart(self, length: int) -> "Draft":
        """The same under a name that tells it from a homonym."""
        company = self.item.company
        mark = f" ({company.domain or company.key})"[:length]
        name = as_text(self.values[NAME])[: length - len(mark)] + mark
        warning = f"another account has the name: created as {name!r}"
        values = {**self.values, NAME: name}
        return replace(self, values=values, warnings=(*self.warnings, warning), renamed=True)


def new_draft(item: PushItem, mapping: FieldMapping, fields: Fields, key_field: str) -> Draft:
    """What is sent for a company: what the organisation has fields for, and our key."""
    rendered = mapping.render(item)
    rendered.pop(key_field, None)
    rendered.setdefault(NAME, item.company.name or item.company.domain or item.company.key)
    draft = Draft(item=item, values=rendered)
    for name, value in rendered.items():
        draft = _fitted(draft, name, value, fields.get(name))
    return replace(draft, values={**draft.values, key_field: stored_key(item.company.key)})


def _fitted(draft: Draft, name: str, value: FieldValue, field: Mapping[str, Any] | None) -> Draft:
    """The draft with this value as the field takes it, or without it.

    Zoho ignores an unknown field without a word, and would add an unknown option to a pick list.
    """
    if name == NAME:
        return _short_name(draft, as_text(value), name_length({NAME: field or {}}))
    why, taken = _taken(value, field)
    if why:
        return draft.without(name, why)
    return replace(draft, values={**draft.values, name: taken})


def _taken(value: FieldValue, field: Mapping[str, Any] | None) -> tuple[str, FieldValue]:
    """Why the field does not take the value, or the value as it takes it."""
    if field is None:
        return "accounts have no such field in Zoho", None
    if field.get("read_only") or field.get("field_read_only"):
        return "Zoho fills this field itself", None
    if field.get("data_type") == "picklist":
        option = _option(as_text(value), field)
        why = f"the pick list has no option {as_text(value)[:60]!r}"
        return ("", option) if option is not None else (why, None)
    return "", value if field.get("data_type") in _NUMBERS else as_text(value)


def _short_name(draft: Draft, name: str, length: int) -> Draft:
    if len(name) <= length:
        return replace(draft, values={**draft.values, NAME: name})
    warning = f"{NAME} was cut to {length} characters"
    values = {**draft.values, NAME: name[:length]}
    return replace(draft, values=values, warnings=(*draft.warnings, warning))


def name_length(fields: Fields) -> int:
    """How many characters a name may have."""
    length = fields.get(NAME, {}).get("length")
    return length if isinstance(length, int) and length > 0 else _NAME_LENGTH


def _option(text: str, field: Mapping[str, Any]) -> str | None:
    options = field.get("pick_list_values")
    for option in options if isinstance(options, list) else []:
        known = {str(option.get("display_value")), str(option.get("actual_value"))}
        if text.casefold() in {name.casefold() for name in known}:
            return str(option.get("actual_value") or option.get("display_value"))
    return None


def needed(key_field: str) -> Collection[str]:
    """The fields without which an account is not sent."""
    return (NAME, key_field)
