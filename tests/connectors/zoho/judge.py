"""Zoho's own document on records as the judge of every exchange, where it is at hand."""

from functools import cache
from pathlib import Path
from typing import Any

from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.zoho.harness import API_HOST

SPECIFICATION = Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "zoho-record.json"
PATHS = (
    "/crm/v8/{module_api_name}",
    "/crm/v8/{module_api_name}/upsert",
    "/crm/v8/{module_api_name}/deleted",
)
ELSEWHERE = ("/oauth/", "/crm/v8/settings/", "/crm/v8/coql")
"""What the document on records does not describe."""
_REQUIRED = {
    "Response_Wrapper": ["data", "info"],
    "Deleted_Records_Wrapper": ["data", "info"],
    "Success_Response": ["status", "code", "details", "message"],
    "API_Exception": ["status", "code", "details", "message"],
}
"""Without these any object is either, and "exactly one of" can never hold."""
_EMPTY = ("204", "304")
_SAME_AS_200 = ("201", "202", "207", "400")
_CODES = ("TOO_MANY_REQUESTS",)


def corrected(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its slips: the only status is 200, and nothing is required."""
    schemas = document["components"]["schemas"]
    for name, required in _REQUIRED.items():
        schemas[name]["required"] = required
    schemas["API_Exception"]["properties"]["code"]["enum"] += _CODES
    paths = {path: document["paths"][path] for path in PATHS}
    for path in paths.values():
        for operation in path.values():
            responses = operation["responses"]
            responses |= dict.fromkeys(_SAME_AS_200, responses["200"])
            responses |= {status: {"description": ""} for status in _EMPTY}
            for content in _contents(responses["200"]):
                for option in content["schema"].get("oneOf", []):
                    if "$ref" not in option:
                        option["required"] = ["data"]
    return {**document, "paths": paths}


def _contents(response: dict[str, Any]) -> list[dict[str, Any]]:
    return list(response.get("content", {}).values())


@cache
def find_judge() -> OpenApiValidator | None:
    """The judge; None where the vendors' documents are not beside the checkout."""
    if not SPECIFICATION.exists():
        return None
    return OpenApiValidator(
        [corrected(load_specification(SPECIFICATION))],
        base_url=f"https://{API_HOST}",
        elsewhere=ELSEWHERE,
    )
