"""The conformance suite over the Zoho connector, judged by Zoho's own OpenAPI document."""

from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.zoho.harness import ZohoHarness
from tests.connectors.zoho.judge import find_judge


class JudgedHarness(ZohoHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """Zoho's document."""
        return find_judge()


class TestZoho(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
