"""Search definitions as canonical JSON: what the store keeps of each version of a search."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from daemon.domain.searches import SearchDefinition

_DEFINITIONS = TypeAdapter(SearchDefinition)


def definition_json(definition: SearchDefinition) -> dict[str, Any]:
    """JSON values of every field, in one order for equal definitions."""
    dumped: dict[str, Any] = _DEFINITIONS.dump_python(definition, mode="json")
    return {
        key: dict(sorted(value.items())) if key == "properties" else value
        for key, value in sorted(dumped.items())
    }


def definition_from_json(stored: Mapping[str, Any]) -> SearchDefinition:
    """The definition that :func:`definition_json` wrote, by this or an older or newer program.

    Fields that it did not know have their defaults; fields that we do not know are ignored.
    """
    return _DEFINITIONS.validate_python(dict(stored))
