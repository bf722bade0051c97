"""Fixtures for the Pipedrive tests."""

from collections.abc import Iterator

import pytest

from tests.connectors.pipedrive.account import Office
from tests.connectors.pipedrive.judge import find_judge


@pytest.fixture
def office() -> Iterator[Office]:
    """An empty account; each exchange must be allowed by the document, where it is there."""
    made = Office(judge=find_judge())
    yield made
    assert made.violations == []


@pytest.fixture
def older() -> Iterator[Office]:
    """The same without the fields that the vendor added in 2026, the website among them."""
    made = Office(standard_website=False, judge=find_judge())
    yield made
    assert made.violations == []
