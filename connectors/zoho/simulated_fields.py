"""The definitions of fields in a simulated organisation, and how new ones come about."""

from collections.abc import Mapping
from typing import Any

_STANDARD = {
    "Account_Name": ("text", 200),
    "Website": ("website", 450),
    "Description": ("textarea", 32_000),
    "Billing_City": ("text", 100),
    "Billing_State": ("text", 100),
    "Billing_Country": ("text", 100),
    "Industry": ("picklist", 120),
    "Employees": ("integer", 9),
    "Phone": ("phone", 30),
    "Created_Time": ("datetime", 120),
    "Modified_Time": ("datetime", 120),
}
_OPTIONS = ("-None-", "Communications", "Technology", "Other")
_FIELD_ID = 5545974000000002415
MOST_AT_ONCE = 5
MOST_UNIQUE = 2


def new_field(
    name: str, data_type: str, length: int, *, custom: bool, number: int
) -> dict[str, Any]:
    """A definition as ``settings/fields`` shows it."""
    options = _OPTIONS if data_type == "picklist" else ()
    return {
        "api_name": name,
        "field_label": name.replace("_", " "),
        "data_type": data_type,
        "length": length,
        "id": str(_FIELD_ID + number),
        "custom_field": custom,
        "system_mandatory": name == "Account_Name",
        "read_only": data_type == "datetime",
        "field_read_only": data_type == "datetime",
        "unique": {},
        "pick_list_values": [{"display_value": one, "actual_value": one} for one in options],
    }


def standard_fields() -> dict[str, dict[str, Any]]:
    """The fields that every organisation has."""
    return {
        name: new_field(name, kind, length, custom=False, number=number)
        for number, (name, (kind, length)) in enumerate(_STANDARD.items())
    }


def create_field(
    fields: dict[str, dict[str, Any]], given: Mapping[str, Any], *, most_custom: int
) -> dict[str, Any]:
    """Make a field; gives the server's verdict on it."""
    label = str(given.get("field_label", ""))
    name = label.replace(" ", "_")
    if name in fields:
        return _refusal("DUPLICATE_DATA", "duplicate data", {"api_name": "field_label"})
    custom = [one for one in fields.values() if one["custom_field"]]
    unique = bool(given.get("unique"))
    taken = sum(1 for one in custom if one["unique"])
    if len(custom) >= most_custom or (unique and taken >= MOST_UNIQUE):
        return _refusal("LIMIT_EXCEEDED", "Maximum field limit exceeded", {})
    made = new_field(name, given["data_type"], given["length"], custom=True, number=len(fields))
    made["unique"] = {"case_sensitive": False} if unique else {}
    fields[name] = made
    details = {"id": made["id"]}
    return {"code": "SUCCESS", "details": details, "message": "field created", "status": "success"}


def _refusal(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "details": dict(details), "message": message, "status": "error"}
