"""Which property values HubSpot refuses, for the simulator."""

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.hubspot.simulated.portal import Invalid, Portal

LONGEST_TEXT = 65_536


def check_values(portal: Portal, properties: Mapping[str, str], *, creating: bool) -> None:
    """See that each property exists and takes its value, and that none is missing.

    Raises:
        Invalid: HubSpot would refuse it, with its code and all offending properties at once.
    """
    wrong = [
        found
        for name, value in properties.items()
        if (found := _check_value(portal, name, value)) is not None
    ]
    if wrong:
        raise Invalid(wrong[0]["error"], invalid_values(wrong), name=wrong[0]["name"])
    if creating and properties.get("name") in portal.refused_names:
        raise Invalid("CUSTOM_RULE", "A rule of this account does not allow this company")
    missing = sorted(each for each in portal.required if creating and not properties.get(each))
    if missing:
        message = f"Required properties are missing: {', '.join(missing)}"
        raise Invalid("MISSING_REQUIRED_PROPERTY", message, name=missing[0])


def invalid_values(wrong: list[dict[str, Any]]) -> str:
    """The one sentence into which HubSpot packs the refused properties, as JSON."""
    return f"Property values were not valid: {orjson.dumps(wrong).decode()}"


def _check_value(portal: Portal, name: str, value: str) -> dict[str, Any] | None:
    definition = portal.definitions.get(name)
    if definition is None:
        return _wrong(portal, name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.get("modificationMetadata", {}).get("readOnlyValue"):
        return _wrong(portal, name, "READ_ONLY_VALUE", f'"{name}" is a read only property')
    allowed = [option["value"] for option in definition.get("options", [])]
    problems = (
        (len(value) > LONGEST_TEXT, "TOO_LONG", f"{name} is longer than {LONGEST_TEXT} characters"),
        (
            definition["type"] == "number" and not _is_number(value),
            "INVALID_INTEGER",
            f"{value} was not a valid number.",
        ),
        (
            definition["type"] == "enumeration" and value not in allowed,
            "INVALID_OPTION",
            f"{value} was not one of the allowed options: {allowed}",
        ),
    )
    for wrong, error, message in problems:
        if wrong and value:
            return _wrong(portal, name, error, message)
    return None


def _wrong(portal: Portal, name: str, error: str, message: str) -> dict[str, Any]:
    return {
        "isValid": False,
        "message": message,
        "error": error,
        "name": name,
        "localizedErrorMessage": message,
        "portalId": portal.portal_id,
    }


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
