"""Fixtures for the looks at websites."""

from collections.abc import Iterator

import pytest

from tests.redirects.support import Web, opened_web


@pytest.fixture
def web() -> Iterator[Web]:
    """Websites on loopback."""
    with opened_web() as opened:
        yield opened
