"""The conformance suite over the Pipedrive connector, judged by Pipedrive's OpenAPI document."""

import pytest

from connectors.pipedrive.harness import PipedriveHarness
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.laws import Law, pushing, reading
from connectors.sdk.conformance.stage import play
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.sdk.conformance.verdict import DoesNotApply
from tests.connectors.pipedrive.judge import find_judge


class JudgedHarness(PipedriveHarness):
    """The harness, with the vendor's document as the judge where it is beside the checkout."""

    def validator(self) -> Validator | None:
        """Pipedrive's document."""
        return find_judge()


class OlderHarness(JudgedHarness):
    """An account without Pipedrive's own field for the website: a custom one holds it."""

    standard_website = False


class TestPipedrive(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness


@pytest.mark.parametrize("law", [*reading.LAWS, *pushing.LAWS], ids=lambda law: law.__name__)
def test_laws_in_an_older_account(law: Law) -> None:
    """Reading and creating keep their laws where the website stands in a custom field."""
    try:
        play(law, OlderHarness)
    except DoesNotApply as skipped:
        pytest.skip(str(skipped))
