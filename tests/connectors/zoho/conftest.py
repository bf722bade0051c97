"""Fixtures for the Zoho tests."""

from collections.abc import Iterator

import pytest

from tests.connectors.zoho.judge import find_judge
from tests.connectors.zoho.organisation import Organisation


@pytest.fixture
def zoho() -> Iterator[Organisation]:
    """An empty organisation whose clock stands still.

    Where Zoho's document is beside the checkout, each exchange must be allowed by it.
    """
    made = Organisation(judge=find_judge())
    yield made
    assert made.violations == []
