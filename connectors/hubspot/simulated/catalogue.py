"""The properties that a company has in every HubSpot account, for the simulator."""

from typing import Any

_TEXT = (
    "name", "domain", "website", "description", "country", "state", "city", "address", "zip",
    "phone", "founded_year", "hs_additional_domains",
)  # fmt: skip
_NUMBERS = ("numberofemployees", "annualrevenue")
_READ_ONLY = {
    "hs_object_id": "number",
    "createdate": "datetime",
    "hs_lastmodifieddate": "datetime",
    "hs_merged_object_ids": "string",
}
_CHOICES = {
    "industry": (
        "ACCOUNTING", "BANKING", "COMPUTER_SOFTWARE", "CONSTRUCTION", "LOGISTICS_AND_SUPPLY_CHAIN",
        "MACHINERY", "PACKAGE_FREIGHT_DELIVERY", "RETAIL", "TRANSPORTATION_TRUCKING_RAILROAD",
    ),
    "lifecyclestage": ("subscriber", "lead", "opportunity", "customer", "other"),
    "type": ("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"),
}  # fmt: skip


def standard_properties() -> dict[str, dict[str, Any]]:
    """A fresh copy of the definitions, by name."""
    made = [_definition(name, "string", "text") for name in _TEXT]
    made += [_definition(name, "number", "number") for name in _NUMBERS]
    made += [_definition(name, kind, "text", read_only=True) for name, kind in _READ_ONLY.items()]
    for name, values in _CHOICES.items():
        choice = _definition(name, "enumeration", "select")
        choice["options"] = [
            {"label": value.replace("_", " ").title(), "value": value, "hidden": False}
            for value in values
        ]
        made.append(choice)
    return {each["name"]: each for each in made}


def _definition(name: str, kind: str, field: str, *, read_only: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": kind,
        "fieldType": field,
        "groupName": "companyinformation",
        "description": "",
        "options": [],
        "hasUniqueValue": False,
        "hubspotDefined": True,
        "modificationMetadata": {
            "archivable": False,
            "readOnlyDefinition": True,
            "readOnlyValue": read_only,
        },
    }
