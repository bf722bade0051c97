"""The store that plans are made from."""

import pytest

from daemon.db.store import Store
from tests.planning.stage import Stage
from tests.support.clocks import VirtualClock


@pytest.fixture
def stage(store: Store, clock: VirtualClock) -> Stage:
    return Stage(store, clock)
