"""The conformance suite against the simulated Twenty, judged by Twenty's own OpenAPI document."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.twenty.harness import HOST, TwentyHarness

SPECIFICATION = (
    Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "twenty-openapi.json"
)

NULLS = ("string", "number", "integer", "boolean", "object", "array")
"""The document knows no null; the recorded server answers it wherever a value is missing."""


def with_nulls(schema: Any) -> Any:
    """The schema as the real server keeps it: any value may be null, and no cursor is a UUID."""
    if isinstance(schema, list):
        return [with_nulls(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    loose = {key: with_nulls(value) for key, value in schema.items()}
    if loose.get("type") in NULLS:
        loose["type"] = [loose["type"], "null"]
    for cursor in ("startCursor", "endCursor"):
        if cursor in loose:
            loose[cursor] = {"type": ["string", "null"]}
    return loose


@cache
def judge() -> OpenApiValidator:
    specification = load_specification(SPECIFICATION)
    paths = specification["paths"]
    for path in paths.values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = with_nulls(operation["responses"])
    schemas = specification["components"]["schemas"]
    schemas["Company for Response"] = with_nulls(schemas["Company for Response"])
    specification["paths"] = {name: paths[name] for name in paths if "compan" in name}
    return OpenApiValidator(
        [specification],
        base_url=f"https://{HOST}/rest",
        elsewhere=("/graphql", "/metadata"),
    )


class JudgedHarness(TwentyHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """Twenty's document."""
        return judge() if SPECIFICATION.exists() else None


class TestTwenty(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
    waived: Mapping[str, str] = {}
