"""The conformance suite over the HubSpot connector, judged by HubSpot's own OpenAPI documents."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from connectors.hubspot.harness import HOST, HubSpotHarness
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.sdk.conformance.suite import ConformanceSuite

SPECS = Path(__file__).parents[4] / "shared" / "specs"
DOCUMENTS = (SPECS / "hubspot-companies.json", SPECS / "hubspot-properties.json")


@cache
def judge() -> OpenApiValidator:
    loaded = [load_specification(document) for document in DOCUMENTS]
    for document in loaded:
        errors = document["components"]["responses"]["Error"]["content"]
        errors["application/json"] = errors.pop("*/*")
        for path in document["paths"].values():
            for operation in path.values():
                # Errors stand under "default", which would allow any status at all.
                operation["responses"]["4XX"] = operation["responses"].pop("default")
    return OpenApiValidator(loaded, base_url=f"https://{HOST}")


class JudgedHarness(HubSpotHarness):
    """The harness, with HubSpot's documents as the judge where they are beside the checkout."""

    def validator(self) -> Validator | None:
        """Both documents."""
        return judge() if all(document.exists() for document in DOCUMENTS) else None


class TestHubSpot(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
    waived: ClassVar[Mapping[str, str]] = {}
