"""The conformance suite over the HubSpot connector, judged by HubSpot's own OpenAPI documents."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from connectors.hubspot.harness import HubSpotHarness
from connectors.sdk.conformance import Validator
from connectors.sdk.conformance.suite import ConformanceSuite
from tests.connectors.hubspot.account import OBJECTS, Account
from tests.connectors.hubspot.judge import SPECS, find_judge


class JudgedHarness(HubSpotHarness):
    """The harness, with HubSpot's documents as the judge where they are beside the checkout."""

    def validator(self) -> Validator | None:
        """Both documents."""
        return find_judge()


class TestHubSpot(ConformanceSuite):
    """Every law of the suite."""

    harness = JudgedHarness
    waived: ClassVar[Mapping[str, str]] = {}


@pytest.mark.skipif(not SPECS.exists(), reason="HubSpot's documents are not beside the checkout")
def test_the_judge_can_find_fault() -> None:
    """The documents do forbid something: a bare search, and a reply without its required parts."""
    judge = find_judge()
    assert judge is not None
    account = Account()
    account.open().ensure_schema()
    request = account.requests[0]
    response = account.send(request.method, str(request.url))
    assert not judge.request_problems(request)
    assert not judge.response_problems(request, response)
    account.open(inner=account.simulator).probe()
    listing = next(each for each in account.requests if str(each.url).startswith(OBJECTS))
    assert judge.response_problems(listing, response)
