"""The simulator beside the recorded exchanges with a running EspoCRM 8.4.2."""

import base64
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.espocrm.simulated_users import SimulatedUser
from connectors.espocrm.simulator import EspoCrmSimulator
from connectors.sdk.conformance.clock import VirtualClock

RECORDING = Path(__file__).parents[4] / "shared" / "recordings" / "espocrm-8.4.json"
HEADERS = ("content-type", "x-status-reason", "www-authenticate", "allow", "x-app-timestamp")

USERS = (
    SimulatedUser(user_id="6b01cbcfeffea4e70", name="sync", login="key-sync"),
    SimulatedUser(user_id="6b01cb9048700519d", name="admin", login="pw", kind="admin"),
    SimulatedUser(
        user_id="6b01d40463fbc2155", name="bulk", login="key-bulk", imports=True, mass_update=True
    ),
    SimulatedUser(
        user_id="6b01d40449c5337e8", name="own", login="key-own", read="own", stream="no"
    ),
    SimulatedUser(
        user_id="6b01d40440000000f",
        name="none",
        login="key-none",
        read="no",
        edit="no",
        delete="no",
        create=False,
    ),
)
ADMIN = base64.b64encode(b"admin:pw").decode()
WRONG = base64.b64encode(b"admin:wrong").decode()
LOGINS: Mapping[str, dict[str, str]] = {
    "wrong key": {"x-api-key": "key-wrong"},
    "nobody": {},
    "wrong password": {"authorization": f"Basic {WRONG}"},
    "password": {"authorization": f"Basic {ADMIN}"},
    "espo password": {"espo-authorization": ADMIN},
    **{user.name: {"x-api-key": user.login} for user in USERS if user.kind == "api"},
}
WHO = {
    1: "wrong key",
    2: "nobody",
    3: "wrong password",
    4: "password",
    5: "espo password",
    **dict.fromkeys((6, 7, 48), "none"),
    **dict.fromkeys((57, 104, 105, 132), "password"),
    **dict.fromkeys((75, 76, 77, 78, 101, 102), "bulk"),
    94: "own",
    129: "wrong key",
}
"""Who sent which exchange (keys are blacked out in the recording); all others are ``sync``'s."""

HIDDEN = {
    21: [
        ("6b01d40517648be62", "Birch Freight"),
        ("6b01d4051c620866b", "Cedar Freight"),
        ("6b01d405222af5729", "Dogwood Freight"),
        ("6b01d4052854a2628", "Elm Freight"),
        ("6b01d4052f1d4f448", "Fir Freight"),
    ],
    97: [("6b01d409e8586df5d", "Iris One"), ("6b01d409ef8219644", "Iris Two")],
}
"""Records that were made off the record before an exchange."""

CREATING = ("/api/v1/Account", "/api/v1/Import/file", "/api/v1/Import")
SINGLE_RACE, DOUBLE_RACE = range(111, 119), range(120, 128)
WINNER, SECOND_WINNER = "6b01d40b1dc73e3fa", 123

PARTLY: Mapping[int, tuple[str, Callable[[Any], Any]]] = {
    0: (
        "the recording is cut after 6,144 bytes: what it holds of the user and his rights counts",
        lambda body: {"user": body["user"], "acl": body["acl"]},
    ),
    9: (
        "the text is the licence: its first line counts, and the version",
        lambda body: {"text": body["text"].splitlines()[0], "version": body["version"]},
    ),
    10: (
        "two values are the server's present time",
        lambda body: {k: v for k, v in body.items() if k not in ("cacheTimestamp", "microtime")},
    ),
}
"""Exchanges whose bodies are compared in part: why, and which part."""


@cache
def exchanges() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RECORDING.read_text(encoding="utf-8"))["exchanges"]
    return found


def times_in(body: Any) -> Iterator[str]:
    """Time stamps of the records in a reply."""
    for record in body if isinstance(body, list) else [body]:
        if isinstance(record, dict):
            yield from (record[at] for at in ("createdAt", "modifiedAt") if record.get(at))


@dataclass(slots=True)
class Replay:
    """One simulator, led through the whole recording in the order in which things happened."""

    clock: VirtualClock = field(
        default_factory=lambda: VirtualClock(datetime(2026, 11, 21, 17, 25, 24, tzinfo=UTC))
    )
    ids: deque[str] = field(default_factory=deque)
    answers: dict[int, httpx.Response] = field(default_factory=dict)
    simulator: EspoCrmSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.simulator = EspoCrmSimulator(users=USERS, clock=self.clock, new_id=self.ids.popleft)

    def run(self) -> dict[int, httpx.Response]:
        """The simulator's answer to every exchange, by number."""
        for number in self.order():
            self.prepare(number)
            # The first winner's transaction was not over when the second one's check looked.
            unseen = {WINNER} if number == SECOND_WINNER else set()
            self.simulator.accounts.unseen = unseen
            self.answers[number] = self.send(number)
        return self.answers

    def order(self) -> list[int]:
        """Of simultaneous creates the successful ones came first, whatever the recorder noted."""
        numbers = list(range(len(exchanges())))
        for race in (SINGLE_RACE, DOUBLE_RACE):
            inside = sorted(race, key=lambda n: exchanges()[n]["response"]["status"])
            numbers[race.start : race.stop] = inside
        return numbers

    def prepare(self, number: int) -> None:
        """What happened off the record: time, ids, other people's records, wrong logins."""
        response = exchanges()[number]["response"]
        method = exchanges()[number]["request"]["method"]
        body = response["body"]
        for record_id, name in HIDDEN.get(number, ()):
            self.insert(record_id, name)
        if method != "GET" and response["status"] == 200:
            for at in times_in(body):
                self.move_to(datetime.fromisoformat(at).replace(tzinfo=UTC))
        path = exchanges()[number]["request"]["path"]
        if path in CREATING and method == "POST" and response["status"] == 200:
            self.ids.extend(body[key] for key in ("attachmentId", "id") if key in body)
        if number == 76:
            made = [row["id"] for row in exchanges()[77]["response"]["body"]["list"]]
            self.ids.extend(reversed(made))
        if number in (129, 131):
            self.clock.advance(timedelta(seconds=61))
        if number in (129, 132):
            self.fail_logins("wrong key" if number == 129 else "wrong password")

    def move_to(self, moment: datetime) -> None:
        """Let the clock show that moment, unless it is past."""
        if moment > self.clock.now():
            self.clock.advance(moment - self.clock.now())

    def insert(self, record_id: str, name: str) -> None:
        """Make a record off the record."""
        freight = name.endswith("Freight")
        site = name.lower().replace(" ", "-") if freight else "iris"
        values = {"name": name, "website": f"https://{site}.example"}
        self.ids.append(record_id)
        city = {"billingAddressCity": "Porto"} if freight else {}
        self.simulator.accounts.insert(USERS[0], values | city)

    def fail_logins(self, who: str) -> None:
        """Log in wrongly eleven times."""
        for _ in range(11):
            request = httpx.Request(
                "GET", "https://crm.example/api/v1/App/user", headers=LOGINS[who]
            )
            assert self.simulator.handle(request).status_code == 401

    def send(self, number: int) -> httpx.Response:
        """Send the recorded request as the one who sent it."""
        request = exchanges()[number]["request"]
        kept = {
            name: value
            for name, value in request["headers"].items()
            if name not in ("x-api-key", "authorization", "espo-authorization")
        }
        body = request["body"]
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.simulator.handle(
            httpx.Request(
                request["method"],
                f"https://crm.example{request['path']}",
                headers=kept | LOGINS[WHO.get(number, "sync")],
                content=content,
            )
        )


@pytest.fixture(scope="module")
def answers() -> dict[int, httpx.Response]:
    if not RECORDING.exists():
        pytest.skip("the recordings are not beside the checkout")
    return Replay().run()


def recorded_body(number: int) -> Any:
    """The body of the recording; the one that was cut is closed again."""
    body = exchanges()[number]["response"]["body"]
    if not (isinstance(body, str) and body.startswith("{")):
        return body
    decoder, cut = json.JSONDecoder(), {}
    for name in ("user", "acl"):
        start = body.index(f'"{name}":') + len(name) + 3
        cut[name] = decoder.raw_decode(body[start:])[0]
    return cut


def simulated_body(response: httpx.Response) -> Any:
    if response.headers["content-type"].startswith("text/html"):
        return response.text or None
    return response.json() if response.content else None


@pytest.mark.parametrize("number", range(134))
def test_the_simulator_answers_as_the_running_server(
    number: int, answers: dict[int, httpx.Response]
) -> None:
    """Every recorded exchange gets the same status, headers and body from the simulator."""
    recorded, answer = exchanges()[number]["response"], answers[number]
    what = exchanges()[number]["what"]
    assert answer.status_code == recorded["status"], what
    shown = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    assert shown == recorded["headers"], what
    chosen = PARTLY[number][1] if number in PARTLY else lambda body: body
    assert chosen(simulated_body(answer)) == chosen(recorded_body(number)), what


def test_the_whole_recording_is_replayed(answers: dict[int, httpx.Response]) -> None:
    """No exchange of the recording is left out, and those compared in part say why."""
    assert sorted(answers) == list(range(len(exchanges())))
    assert all(reason for reason, _ in PARTLY.values())
