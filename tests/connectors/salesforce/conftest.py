"""Fixtures for the Salesforce tests."""

import pytest

from tests.connectors.salesforce.organisation import Organisation


@pytest.fixture
def org() -> Organisation:
    """An empty organisation whose clock stands still."""
    return Organisation()
