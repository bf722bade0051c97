"""What the tests of the client share: addresses, scripted servers, faults in a given order."""

from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

import httpx

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.simulator import FaultKind, Faults, FaultySimulator
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskRequest
from daemon.sandbox.extruct import ExtructSimulator

TOKEN = "sandbox-extruct-token"
BASE_URL = "https://extruct.test"
QUERY = "vertical SaaS companies serving freight forwarding"
REQUEST = TaskRequest(query=QUERY, desired_num_results=120, exclude_domains=("acme.com",))

MakeClient: TypeAlias = Callable[..., ExtructClient]
Answer: TypeAlias = Callable[[httpx.Request], httpx.Response]


class Scripted:
    """A server whose every answer the test decides; ``requests`` is what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Keep the request, give the answer."""
        self.requests.append(request)
        return self._answer(request)


Script: TypeAlias = Callable[[Answer], Scripted]


def reply(status: int, body: Any = None, **headers: str) -> Answer:
    return lambda _request: httpx.Response(status, json=body, headers=headers)


def disturbed(simulator: ExtructSimulator, clock: VirtualClock, *kinds: FaultKind) -> Any:
    """The simulator, whose first requests meet these faults."""
    left = list(kinds)

    class InOrder(Faults):
        def draw(self) -> FaultKind | None:
            return left.pop(0) if left else None

    return FaultySimulator(inner=simulator, faults=InOrder(random=Random(0)), clock=clock)
