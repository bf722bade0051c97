"""Fixtures for the HubSpot tests."""

from collections.abc import Iterator

import pytest

from tests.connectors.hubspot.account import Account
from tests.connectors.hubspot.judge import find_judge


@pytest.fixture
def account() -> Iterator[Account]:
    """An empty HubSpot account whose clock stands still.

    Where HubSpot's documents are beside the checkout, each exchange must be allowed by them.
    """
    made = Account(judge=find_judge())
    yield made
    assert made.violations == []


@pytest.fixture
def large_account() -> Account:
    """The same without the judge, for tests with tens of thousands of records."""
    return Account()
