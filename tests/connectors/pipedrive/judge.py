"""Pipedrive's OpenAPI document as the judge of requests and of the simulator's replies."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from connectors.pipedrive.harness import HOST
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification

SPECIFICATION = Path(__file__).parents[4] / "shared" / "specs" / "pipedrive-v2.yml"

PATHS = (
    "/organizations",
    "/organizations/{id}",
    "/organizations/search",
    "/organizationFields",
)
NEWER = ("website", "employee_count")
"""Fields that the vendor's own client has known since 2026, and this document does not yet."""


def nullable(node: Any, *names: str) -> None:
    """Let these properties be null, as the document's own words say of the last cursor."""
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            nullable(inner, *names)
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        for name in names:
            if isinstance(node["properties"].get(name), dict):
                node["properties"][name]["nullable"] = True


class Judge:
    """The document's verdicts; the laws repeat themselves, so each is found once only."""

    def __init__(self, document: OpenApiValidator) -> None:
        self._document = document
        self._verdicts: dict[tuple[object, ...], Sequence[str]] = {}

    def request_problems(self, request: httpx.Request) -> Sequence[str]:
        """What the document forbids about this request."""
        told = (request.method, str(request.url), request.content)
        if told not in self._verdicts:
            self._verdicts[told] = self._document.request_problems(request)
        return self._verdicts[told]

    def response_problems(self, request: httpx.Request, response: httpx.Response) -> Sequence[str]:
        """What the document forbids about this reply."""
        told = (request.method, request.url.path, response.status_code, response.content)
        if told not in self._verdicts:
            self._verdicts[told] = self._document.response_problems(request, response)
        return self._verdicts[told]


@cache
def judge() -> Judge:
    specification = load_specification(SPECIFICATION)
    # Of two hundred paths the four of interest, or finding the right one takes most of the time;
    # any other path is then "no such path", as it should be for this connector.
    paths = {path: specification["paths"][path] for path in PATHS}
    specification["paths"] = paths
    for path in ("/organizations", "/organizations/{id}"):
        for parameter in paths[path]["get"]["parameters"]:
            if parameter["name"] == "include_fields":
                # "Comma separated string array", but the document lists single names only.
                one = "|".join((*parameter["schema"].pop("enum"), *NEWER))
                parameter["schema"]["pattern"] = f"^({one})(,({one}))*$"
    created = paths["/organizations"]["post"]["requestBody"]["content"]["application/json"]
    # The document requires a "title", which organizations do not have, in place of the name.
    created["schema"]["required"] = ["name"]
    nullable(paths, "next_cursor", "address")
    return Judge(OpenApiValidator([specification], base_url=f"https://{HOST}/api/v2"))


def find_judge() -> Validator | None:
    """The judge; None where the document is not beside the checkout."""
    return judge() if SPECIFICATION.exists() else None
