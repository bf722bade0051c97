"""Twenty's OpenAPI document, as far as the recorded server itself keeps to it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification

SPECIFICATION = (
    Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "twenty-openapi.json"
)

DEVIATIONS = (
    "any value of an answer may be null (labels, employees, deletedAt); the document never says so",
    "startCursor and endCursor are base64 texts, where the document says UUID",
    "/companies/duplicates answers a list of groups under data, where the document says an object",
    "404 is answered to unknown paths, 403 to a missing token; the document has neither",
    "/graphql, /metadata, /healthz and /client-config are not described at all",
)
"""Where the recorded server does not keep to its own document; the recording wins."""

_TYPES = ("string", "number", "integer", "boolean", "object", "array")


def with_nulls(schema: Any) -> Any:
    """The schema of an answer as the recorded server keeps it."""
    if isinstance(schema, list):
        return [with_nulls(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    loose = {key: with_nulls(value) for key, value in schema.items()}
    if loose.get("type") in _TYPES:
        loose["type"] = [loose["type"], "null"]
    for cursor in ("startCursor", "endCursor"):
        if cursor in loose:
            loose[cursor] = {"type": ["string", "null"]}
    return loose


@cache
def judge(host: str, *, to_the_letter: bool = False) -> OpenApiValidator:
    """Judges what is said about companies on this host."""
    specification = load_specification(SPECIFICATION)
    paths = {name: path for name, path in specification["paths"].items() if "compan" in name}
    specification["paths"] = paths
    if not to_the_letter:
        _loosen(specification)
    return OpenApiValidator(
        [specification], base_url=f"https://{host}/rest", elsewhere=("/graphql", "/metadata")
    )


def _loosen(specification: dict[str, Any]) -> None:
    for path in specification["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = with_nulls(operation["responses"])
    schemas = specification["components"]["schemas"]
    schemas["Company for Response"] = with_nulls(schemas["Company for Response"])
