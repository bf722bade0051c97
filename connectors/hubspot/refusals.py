"""Why HubSpot refused one record, read out of its errors; pure.

HubSpot packs the offending properties as JSON into the message: ``Property values were not valid:
[{"name": …, "error": "INVALID_OPTION", …}]`` (its guide to errors). A taken unique value reads
``Cannot set PropertyValueCoordinates{… propertyName=…} on 1. 2 already has that value.``, and a
conflict ``… already exists. Existing ID: 2``.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]

_INVALID = "Property values were not valid:"
_TAKEN = re.compile(r"propertyName=([^,}]+).* on \d+\. (\d+) already has that value", re.DOTALL)
_EXISTING = re.compile(r"[Ee]xisting ID:? ?(\d+)")
_REQUIRED = "MISSING_REQUIRED_PROPERTY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What HubSpot said of one record.

    ``properties`` maps each property that it refused to the reason. ``holder_id`` is the record
    that already has the value of the unique property ``taken``. ``required`` says that a property
    is missing, so that leaving out more will not help.
    """

    message: str
    properties: tuple[tuple[str, str], ...] = ()
    taken: str | None = None
    holder_id: str | None = None
    required: bool = False
    conflict: bool = False


def read_refusal(error: Json) -> Refusal:
    """The refusal in one entry of ``errors``, or in the body of a 4xx."""
    message = str(error.get("message") or error.get("category") or "no reason given")
    properties = _invalid_properties(message) or _detailed_properties(error)
    taken, holder = _holder(message, error)
    codes = {code for _, code in properties} | {str(error.get("category"))}
    required = _REQUIRED in codes or _REQUIRED in message or _says_required(error)
    return Refusal(
        message=_shorten(message, properties),
        properties=() if required else properties,
        taken=taken,
        holder_id=holder,
        required=required,
        conflict=holder is not None or error.get("category") == "CONFLICT",
    )


def _invalid_properties(message: str) -> tuple[tuple[str, str], ...]:
    _, found, packed = message.partition(_INVALID)
    try:
        entries = orjson.loads(packed) if found else []
    except orjson.JSONDecodeError:
        return ()
    return tuple(
        (str(entry["name"]), str(entry.get("error") or "INVALID"))
        for entry in _objects(entries)
        if entry.get("name")
    )


def _detailed_properties(error: Json) -> tuple[tuple[str, str], ...]:
    """The properties that ``errors[].in`` or ``context.propertyName`` name."""
    found: dict[str, str] = {}
    for each in [error, *_objects(error.get("errors"))]:
        code = str(each.get("code") or each.get("subCategory") or error.get("category"))
        names = [each.get("in"), *context_values(each, "propertyName")]
        found |= {str(name): code for name in names if name}
    return tuple(found.items())


def _says_required(error: Json) -> bool:
    return any(_REQUIRED in str(each.get("code")) for each in _objects(error.get("errors")))


def _holder(message: str, error: Json) -> tuple[str | None, str | None]:
    if found := _TAKEN.search(message):
        return found[1], found[2]
    existing = next(iter(context_values(error, "existingId")), None)
    if existing is None and (found := _EXISTING.search(message)):
        existing = found[1]
    return None, existing


def context_values(error: Json, name: str) -> list[str]:
    """The texts under this name in an error's ``context``, where they are lists."""
    context = error.get("context")
    values = context.get(name) if isinstance(context, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _shorten(message: str, properties: tuple[tuple[str, str], ...]) -> str:
    if properties and message.startswith(_INVALID):
        return "; ".join(f"{name}: {code}" for name, code in properties)
    return " ".join(message.split())
