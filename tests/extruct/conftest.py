from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.simulator import Simulator, SimulatorTransport
from daemon.extruct.client import ExtructClient
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.workspace import ExtructSettings
from daemon.sandbox.worlds import World, make_world

TOKEN = "sandbox-extruct-token"
BASE_URL = "https://extruct.test"
QUERY = "vertical SaaS companies serving freight forwarding"

MakeClient: TypeAlias = Callable[..., ExtructClient]
Answer: TypeAlias = Callable[[httpx.Request], httpx.Response]


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


class Scripted:
    """A server whose every answer the test decides; ``requests`` is what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Keep the request, give the answer."""
        self.requests.append(request)
        return self._answer(request)


@pytest.fixture
def scripted() -> Callable[[Answer], Scripted]:
    return Scripted
