"""The conformance suite over the EspoCRM connector, judged by EspoCRM's own OpenAPI document."""

from functools import cache
from pathlib import Path

from connectors.espocrm.harness import HOST, EspoCrmHarness
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.sdk.conformance.suite import ConformanceSuite

SPECIFICATION = Path(__file__).parents[4] / "shared" / "specs" / "espocrm.json"

RENAMED = {"whereGroup": "where", "attributeSelect": "select"}
"""Names of 9.x in the document → those that the recorded 8.4 knows, which 9.x knows too."""

NULLABLE = (
    "type",
    "industry",
    "emailAddressIsOptedOut",
    "emailAddressIsInvalid",
    "phoneNumberIsOptedOut",
    "phoneNumberIsInvalid",
)
"""Attributes that the running server answers as null, although the document does not allow it."""


@cache
def judge() -> OpenApiValidator:
    specification = load_specification(SPECIFICATION)
    for parameter in specification["paths"]["/Account"]["get"]["parameters"]:
        name = parameter["name"]
        if name in RENAMED:
            parameter["name"] = RENAMED[name]
            # Custom fields, and "id", are not among the attributes that the document lists.
            parameter["schema"]["items"] = {}
    for name in NULLABLE:
        schema = specification["components"]["schemas"]["Account"]["properties"][name]
        schema["type"] = ["boolean", "string", "null"]
        schema["enum"] = [*schema.get("enum", (True, False)), None]
    return OpenApiValidator(
        [specification],
        base_url=f"https://{HOST}/api/v1",
        elsewhere=tuple(
            f"/api/v1/{path}" for path in ("Action", "Admin/", "App/", "Metadata", "Settings")
        ),
        # The document leaves out the refusals that every request may get: 401, 404 and 500.
        tolerated=("Unknown response http status",),
    )


class JudgedHarness(EspoCrmHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """EspoCRM's document."""
        return judge() if SPECIFICATION.exists() else None


class TestEspoCrm(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
