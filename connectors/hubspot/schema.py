"""The properties of our own in HubSpot: what they must be, and what to say when they are not."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.sdk.protocol import Finding, Level

GROUP = {"name": "prospectd", "label": "prospectd"}

Json = dict[str, Any]

_OWN = {
    "prospectd_relevance": ("number", "number", "Relevance", "How well it fits the search, 0-100"),
    "prospectd_search": ("string", "text", "Found by search", "The saved search that found it"),
    "prospectd_task": ("string", "text", "Extruct task", "The Deep Search task that found it"),
}


def key_definition(name: str) -> Json:
    """The unique text property for our key. Uniqueness cannot be changed later, says HubSpot."""
    return {
        **_definition(name, "string", "text", "prospectd key"),
        "description": "Tells prospectd which company this is; please leave it as it is.",
        "hasUniqueValue": True,
    }


def own_definitions(mapped: Iterable[str]) -> list[Json]:
    """Our other properties, as far as the mapping uses them."""
    used = set(mapped)
    return [
        {**_definition(name, kind, field, label), "description": text}
        for name, (kind, field, label, text) in _OWN.items()
        if name in used
    ]


def _definition(name: str, kind: str, field: str, label: str) -> Json:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": field,
        "groupName": GROUP["name"],
        "formField": False,
    }


def check_key(
    name: str, existing: Mapping[str, Any] | None, *, missing: Level = Level.PROBLEM
) -> Finding:
    """Whether the account's property can hold our key; ``missing`` is how bad it is without it."""
    if existing is None:
        return Finding(
            level=missing,
            text=f'the company property "{name}" does not exist yet',
            remedy="the daemon creates it if the token has crm.schemas.companies.write; otherwise "
            f"{by_hand(name)}",
        )
    if existing.get("type") != "string" or not existing.get("hasUniqueValue"):
        return Finding(
            level=Level.PROBLEM,
            text=f'the company property "{name}" exists but is not a unique text property, which '
            "cannot be changed any more",
            remedy="set key_property in config.toml to a new name, or delete that property in "
            "HubSpot (Settings, Properties, Company properties) and start again",
        )
    return Finding(level=Level.OK, text=f'the unique property "{name}" is there')


def check_own(wanted: Mapping[str, Any], existing: Mapping[str, Any] | None) -> Finding:
    """Whether one of our other properties is there with the right type."""
    name = wanted["name"]
    if existing is None:
        return Finding(
            level=Level.WARNING,
            text=f'the company property "{name}" does not exist yet; its value will be left out',
            remedy=f'create it as a {wanted["type"]} property, or set mapping.{name} = ""',
        )
    if existing.get("type") != wanted["type"]:
        return Finding(
            level=Level.WARNING,
            text=f'the company property "{name}" is a {existing.get("type")}, not a '
            f"{wanted['type']}; HubSpot may refuse its values",
            remedy=f'rename or delete it in HubSpot, or set mapping.{name} = ""',
        )
    return Finding(level=Level.OK, text=f'the property "{name}" is there')


def check_mapped(names: Iterable[str], existing: Mapping[str, Any]) -> list[Finding]:
    """Warnings for mapped properties that the account does not have or does not let be written."""
    findings = []
    for name in sorted(set(names) - _OWN.keys()):
        definition = existing.get(name)
        if definition is None:
            text = f'the mapping writes "{name}", which is no company property of this account'
        elif (definition.get("modificationMetadata") or {}).get("readOnlyValue"):
            text = f'the mapping writes "{name}", which is read-only in HubSpot'
        else:
            continue
        remedy = f'create it in HubSpot, or set mapping.{name} = ""; until then it is left out'
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def by_hand(name: str) -> str:
    """How an administrator makes the key's property."""
    return (
        "an administrator creates it in HubSpot: Settings, Properties, Company properties, Create "
        f'property, field type "Single-line text", internal name "{name}", and under Rules '
        '"Require unique values for this property"'
    )
