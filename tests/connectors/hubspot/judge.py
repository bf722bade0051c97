"""HubSpot's own OpenAPI documents as the judge of every request and reply."""

from functools import cache
from pathlib import Path

import httpx

from connectors.hubspot.harness import HOST
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.sdk.simulator import Simulator

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
DOCUMENTS = (SPECS / "hubspot-companies.json", SPECS / "hubspot-properties.json")


@cache
def find_judge() -> Validator | None:
    """Both documents, where they are beside the checkout."""
    if not all(document.exists() for document in DOCUMENTS):
        return None
    loaded = [load_specification(document) for document in DOCUMENTS]
    for document in loaded:
        errors = document["components"]["responses"]["Error"]["content"]
        errors["application/json"] = errors.pop("*/*")
        for path in document["paths"].values():
            for operation in path.values():
                # Errors stand under "default", which would allow any status at all.
                operation["responses"]["4XX"] = operation["responses"].pop("default")
    return OpenApiValidator(loaded, base_url=f"https://{HOST}")


class Judged:
    """A simulator whose every exchange is held against the documents."""

    def __init__(self, inner: Simulator, judge: Validator, violations: list[str]) -> None:
        self._inner = inner
        self._judge = judge
        self._violations = violations

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request and note what the documents forbid about it and its reply."""
        self._violations += self._judge.request_problems(request)
        response = self._inner.handle(request)
        self._violations += self._judge.response_problems(request, response)
        return response
