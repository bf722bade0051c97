"""The conformance suite over the Salesforce connector."""

from collections.abc import Mapping
from typing import ClassVar

from connectors.salesforce.harness import SalesforceHarness
from connectors.sdk.conformance.suite import ConformanceSuite


class TestSalesforce(ConformanceSuite):
    """Every law of the suite."""

    harness = SalesforceHarness
    waived: ClassVar[Mapping[str, str]] = {}
