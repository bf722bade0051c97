from random import Random

import pytest

from connectors.sdk.conformance.clock import VirtualClock
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.workspace import ExtructSettings
from daemon.sandbox.worlds import World, make_world
from tests.sandbox.calls import Calls


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(7, 5_000)


@pytest.fixture
def settings() -> ExtructSettings:
    return ExtructSettings()


@pytest.fixture
def simulator(world: World, clock: VirtualClock, settings: ExtructSettings) -> ExtructSimulator:
    return ExtructSimulator(world=world, clock=clock, random=Random(1), settings=settings)


@pytest.fixture
def calls(simulator: ExtructSimulator, clock: VirtualClock) -> Calls:
    return Calls(simulator, clock)
