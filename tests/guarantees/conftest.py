"""Fixtures for what is promised of pushes."""

import pytest

from daemon.db.store import Store
from tests.guarantees.stage import Stage
from tests.support.clocks import VirtualClock


@pytest.fixture
def stage(store: Store, clock: VirtualClock) -> Stage:
    """A search's way to a CRM that keeps our key unique."""
    return Stage(store, clock)
