"""The simulator answers as the recorded Odoo 17 did, exchange by exchange."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from connectors.odoo.simulated.schema import DATA, PARTNER
from connectors.odoo.simulator import OdooSimulator
from connectors.sdk.conformance.clock import VirtualClock

RECORDING = Path(__file__).resolve().parents[4] / "shared/recordings/odoo-17-jsonrpc.json"

pytestmark = pytest.mark.skipif(
    not RECORDING.is_file(), reason="the recorded exchanges are not beside the checkout"
)


INSTALLED = datetime(2026, 11, 21, 17, 6, 39, tzinfo=UTC)
MOMENTS = {
    0: "17:19:10.5",
    37: "17:19:11.25",
    49: "17:19:13.25",
    60: "17:19:14.25",
    92: "17:19:15.25",
    100: "17:19:16.25",
    104: "17:19:17.25",
    119: "17:19:17.379585",
    128: "17:19:18.25",
    141: "17:19:19.25",
    158: "17:19:21.25",
}
"""From which exchange on the recorded server's clock showed this."""

SKIPPED_IDS = {
    158: {PARTNER: 79, DATA: 12_934},
}
"""Before these exchanges ids were used up by transactions whose order cannot be told: those eight
raced for the same rows, and each loser took ids from the sequences before it gave up."""

RACES = (range(158, 166), range(168, 176))
"""Exchanges that were sent at once. The one that won is played first."""

VOLATILE: dict[int, tuple[re.Pattern[str], str]] = {
    146: (re.compile(r"res_partner_11_[0-9a-f]{8}"), "a random name for the external id"),
    147: (re.compile(r"res_partner_11_[0-9a-f]{8}"), "the same random name"),
}
"""What is random in a reply, and why it cannot be the same."""


def exchanges() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RECORDING.read_text())["exchanges"]
    return found


def request_of(recorded: dict[str, Any]) -> httpx.Request:
    body = recorded["body"]
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.Request(
        recorded["method"],
        "http://odoo.example" + recorded["path"],
        headers=recorded["headers"],
        content=None if body is None else content,
    )


def comparable(number: int, response: dict[str, Any]) -> dict[str, Any]:
    """A reply without the trace of the server's own source, and without what is random."""
    body = response["body"]
    if isinstance(body, dict) and "error" in body:
        data = body["error"]["data"]
        data["debug"] = data["debug"].rstrip("\n").rpartition("\n  ")[2].partition("\n")[2]
    if number in VOLATILE:
        pattern, _ = VOLATILE[number]
        body = json.loads(pattern.sub("RANDOM", json.dumps(body)))
    return {**response, "body": body}


def answer_of(simulator: OdooSimulator, request: httpx.Request) -> dict[str, Any]:
    response = simulator.handle(request)
    kind = response.headers["content-type"]
    names = ("content-type", "x-content-type-options")
    return {
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in names if name in response.headers},
        "body": response.json() if kind.startswith("application/json") else response.text,
    }


def playing_order(recorded: list[dict[str, Any]]) -> Iterator[tuple[int, bool]]:
    """The exchanges' numbers in the order of their commits, and whether they overlapped."""
    number = 0
    while number < len(recorded):
        race = next((each for each in RACES if number in each), None)
        if race is None:
            yield number, False
            number += 1
            continue
        won = {each for each in race if recorded[each]["response"]["body"]["result"]["ids"]}
        yield from ((each, True) for each in sorted(race, key=lambda each: each not in won))
        number = race.stop


def replayed(simulator: OdooSimulator, clock: VirtualClock) -> Iterator[tuple[int, Any, Any]]:
    recorded = exchanges()
    overlap = ExitStack()
    for number, overlapping in playing_order(recorded):
        if number in MOMENTS:
            moment = datetime.fromisoformat(f"2026-11-21T{MOMENTS[number]}+00:00")
            clock.advance(moment - clock.now())
        simulator.orm.tables.next_ids |= SKIPPED_IDS.get(number, {})
        if overlapping and simulator._snapshot is None:
            overlap.enter_context(simulator.overlapping())
        if not overlapping:
            overlap.close()
        exchange = recorded[number]
        answered = answer_of(simulator, request_of(exchange["request"]))
        yield number, comparable(number, answered), comparable(number, exchange["response"])


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(INSTALLED)


@pytest.fixture
def simulator(clock: VirtualClock) -> OdooSimulator:
    simulator = OdooSimulator(clock=clock, random=Random(17), secret="REDACTED")
    clock.advance(timedelta(seconds=14))
    simulator.by_hand(PARTNER, "write", [1], {"lang": "en_US"})  # the installation's last step
    return simulator


def test_every_exchange_is_answered_as_recorded(
    simulator: OdooSimulator, clock: VirtualClock
) -> None:
    """Status, headers, ids, dates, values and error texts are those of the running server."""
    different, compared = [], 0
    for number, simulated, recorded in replayed(simulator, clock):
        compared += 1
        if simulated != recorded:
            what = exchanges()[number]["what"]
            different.append(f"#{number} {what}\n  got      {simulated}\n  recorded {recorded}")
    assert not different, "\n".join(different)
    assert compared == len(exchanges()) == 178
