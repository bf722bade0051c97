from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.simulator import Simulator, SimulatorTransport
from daemon.extruct.client import ExtructClient
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.workspace import ExtructSettings
from daemon.sandbox.worlds import World, make_world
from tests.extruct.stage import BASE_URL, TOKEN, Answer, MakeClient, Scripted


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(7, 5_000)


@pytest.fixture
def simulator(world: World, clock: VirtualClock) -> ExtructSimulator:
    return ExtructSimulator(
        world=world, clock=clock, random=Random(1), settings=ExtructSettings(token=TOKEN)
    )


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def connect(clock: VirtualClock, exchanges: list[Exchange]) -> MakeClient:
    """A client of any simulator, in process."""

    def make(server: Simulator, **more: Any) -> ExtructClient:
        context = ConnectorContext(
            name="extruct",
            transport=SimulatorTransport({"extruct.test": server}),
            clock=clock,
            random=Random(2),
            observe=exchanges.append,
        )
        return ExtructClient(**{"base_url": BASE_URL, "token": TOKEN, "context": context, **more})

    return make


@pytest.fixture
def client(connect: MakeClient, simulator: ExtructSimulator) -> ExtructClient:
    return connect(simulator)


@pytest.fixture
def scripted() -> Callable[[Answer], Scripted]:
    return Scripted
