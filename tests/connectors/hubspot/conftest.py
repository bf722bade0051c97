"""Fixtures for the HubSpot tests."""

import pytest

from tests.connectors.hubspot.account import Account


@pytest.fixture
def account() -> Account:
    """An empty HubSpot account whose clock stands still."""
    return Account()
