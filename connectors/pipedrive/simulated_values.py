"""What the simulated Pipedrive takes: version 2 is strict, and one bad value refuses all."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SHORT = 255
_LONG = 65_000
_PROPERTIES = ("name", "owner_id", "visible_to", "label_ids", "address", "custom_fields")


def _standard(code: str, name: str, kind: str, *, optional: bool = False) -> dict[str, Any]:
    return {
        "field_name": name,
        "field_code": code,
        "field_type": kind,
        "options": None,
        "subfields": None,
        "is_custom_field": False,
        "is_optional_response_field": optional,
    }


STANDARD_FIELDS = (
    _standard("id", "ID", "int"),
    _standard("name", "Name", "varchar"),
    _standard("owner_id", "Owner", "user"),
    _standard("visible_to", "Visible to", "visible_to"),
    _standard("address", "Address", "address"),
    _standard("add_time", "Organization created", "date"),
    _standard("update_time", "Update time", "date"),
)
STANDARD_OPTIONAL = (
    _standard("website", "Website", "varchar", optional=True),
    _standard("employee_count", "Number of employees", "int", optional=True),
)
"""Fields that the vendor added in 2026; replies have them only when they are asked for."""


class RefusedError(Exception):
    """A 400; the message is what stands behind ``Validation failed:``."""


def check_time(name: str, value: str) -> str:
    """A moment in whole seconds of UTC, which is all that the vendor's parser takes.

    Raises:
        RefusedError: it is none.
    """
    if not _TIME.fullmatch(value):
        raise RefusedError(f"{name}: {value} is not a valid datetime")
    return value


def check_organization(
    body: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], refused_names: Collection[str]
) -> None:
    """See that everything in the body of a create fits.

    Raises:
        RefusedError: for the first thing that does not.
    """
    name = body.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= _SHORT:
        raise RefusedError(f"name: must have 1 to {_SHORT} characters")
    if name in refused_names:
        raise RefusedError("name: this name is not allowed in this account")
    optional = {one["field_code"]: one for one in fields if one["is_optional_response_field"]}
    for code, value in body.items():
        if code not in _PROPERTIES and code not in optional:
            raise RefusedError(f"{code}: is not allowed")
        if code in optional:
            _check_value(code, str(optional[code]["field_type"]), value, optional[code])
    _check_address(body.get("address"))
    _check_custom(body.get("custom_fields") or {}, fields)


def _check_address(address: object) -> None:
    if address is None:
        return
    if not isinstance(address, dict) or not isinstance(address.get("value"), str):
        raise RefusedError("address: value is required")


def _check_custom(custom: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> None:
    known = {one["field_code"]: one for one in fields if one["is_custom_field"]}
    for code, value in custom.items():
        if code not in known:
            raise RefusedError(f"custom_fields: Unknown custom field {code}")
        kind = str(known[code]["field_type"])
        _check_value(f"custom_fields: custom field {code}", kind, value, known[code])


def _check_value(what: str, kind: str, value: object, definition: Mapping[str, Any]) -> None:
    """The value of one field, by its type."""
    if value is None:
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "text":
            fits = isinstance(value, str) and len(value) <= _LONG
        case "double" | "int":
            fits = is_number
        case "enum":
            fits = value in [one["id"] for one in definition["options"] or ()]
        case "set":
            ids = [one["id"] for one in definition["options"] or ()]
            fits = isinstance(value, list) and bool(value) and all(one in ids for one in value)
        case "date":
            fits = isinstance(value, str) and _DATE.fullmatch(value) is not None
        case _:
            fits = isinstance(value, str) and len(value) <= _SHORT
    if not fits:
        raise RefusedError(f"{what}: Expected a value of type {kind}")
