"""The conformance suite over the Attio connector, judged by Attio's own OpenAPI document."""

from functools import cache
from pathlib import Path
from typing import Any

from connectors.attio.harness import HOST, AttioHarness
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.openapi import OpenApiValidator, load_specification
from connectors.sdk.conformance.suite import ConformanceSuite

SPECIFICATION = Path(__file__).parents[4] / "shared" / "specs" / "attio.yaml"

PATHS = (
    "/v2/self",
    "/v2/{target}/{identifier}/attributes",
    "/v2/objects/{object}/records",
    "/v2/objects/{object}/records/query",
)
DEVIATIONS = (
    "Unknown response http status",  # the refusals that every request may get: 401, 403, 429 …
    "code: ",  # each refusal is listed with one code as an example; "uniqueness_conflict" is real
)


def corrected(node: Any) -> Any:
    """The document without its slips.

    Enumerations leave out the null that their type allows, and the value of a timestamp is called
    a date although the document's own examples have a time.
    """
    if isinstance(node, list):
        return [corrected(one) for one in node]
    if not isinstance(node, dict):
        return node
    fixed = {name: corrected(value) for name, value in node.items()}
    kinds = fixed.get("type")
    if isinstance(kinds, list) and "null" in kinds and "enum" in fixed:
        fixed["enum"] = [*fixed["enum"], None]
    if isinstance(kinds, str) and fixed.get("format") == "date":
        del fixed["format"]
    return fixed


@cache
def judge() -> OpenApiValidator:
    specification = corrected(load_specification(SPECIFICATION))
    # Of a hundred paths the four of interest, or finding the right one takes most of the time;
    # any other path is then "no such path", as it should be for this connector.
    paths = specification["paths"]
    specification["paths"] = {path: paths[path] for path in PATHS}
    return OpenApiValidator([specification], base_url=f"https://{HOST}", tolerated=DEVIATIONS)


class JudgedHarness(AttioHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """Attio's document."""
        return judge() if SPECIFICATION.exists() else None


class TestAttio(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
