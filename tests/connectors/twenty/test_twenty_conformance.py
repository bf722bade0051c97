"""The conformance suite against the simulated Twenty, judged by Twenty's own OpenAPI document."""

from collections.abc import Mapping
from typing import ClassVar

from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.twenty.harness import HOST, TwentyHarness
from tests.connectors.twenty.specification import SPECIFICATION, judge


class JudgedHarness(TwentyHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """Twenty's document."""
        return judge(HOST) if SPECIFICATION.exists() else None


class TestTwenty(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
    waived: ClassVar[Mapping[str, str]] = {}
