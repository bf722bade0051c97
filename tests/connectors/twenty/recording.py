"""The recorded exchanges with a real Twenty 0.55, and a simulator that is led through them."""

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx

from connectors.twenty.simulator import ADMINISTRATOR, GRAPHQL_LIMIT, MEMBER, TwentySimulator

PATH = Path(__file__).resolve().parents[3] / ".." / "shared" / "recordings" / "twenty-0.55.json"
COUNT = 229
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_BEGINNING = datetime(2026, 11, 21, 17, 1, 57, 668_500, tzinfo=UTC)
"""When the recorded workspace was made."""
_HALF_A_MILLISECOND = timedelta(microseconds=500)
"""The server stores microseconds and shows milliseconds; so every moment is a little later."""
_OWN_IDS = "3f2b1c9e"
"""What the ids begin with that the recorded client made up itself."""
_OVER_THE_LIMIT = 227
_HIDDEN_QUINCES = 59
_LAST_QUINCE = "fee128b8-0c82-4081-b17d-d6f3591a8cc2"

_TOKENS = {4: "eyJhbGciOiJIUzI1NiJ9.wrong.signature", 163: MEMBER, 164: MEMBER}

_SEEN_LATER = {75: "2026-11-21T17:43:50.166Z", 145: "2026-11-21T17:43:52.128Z"}
"""When a write happened whose own answer shows no date: as the next exchange shows it."""

_SECOND_MOMENT = {129: (2, "2026-11-21T17:43:51.790Z")}
"""Exchange → after how many steps the server's clock stood at a later moment."""

_BEFORE: Mapping[int, Mapping[str, Any]] = {
    218: {
        "name": "Umbel 1",
        "employees": 1,
        "address": {"addressCity": "City 1"},
        "linkedinLink": {"primaryLinkUrl": "https://linkedin.example/1"},
    },
    223: {"name": "Umbel 102", "employees": 102},
}
"""Earlier rounds of the same race, which were not recorded: what they had left."""

_RACES: Mapping[int, tuple[int, tuple[tuple[str, str], ...]]] = {
    181: (
        8,
        (
            ("1 2 5 1 2 5", "55.805"),
            ("1 1", "55.805"),
            ("2 5 2 5", "55.822"),
        ),
    ),
    190: (8, (("2 2 2 2", "56.029"),)),
    199: (
        8,
        (
            ("1 1 1 1 1", "56.154"),
            ("6 6 2 2 2 2 2 3 3 3 3 4 4 4 4 5 5 5 5 7 7 7 7 0 0 0 0 3 4 5 7", "56.180"),
            ("6 6 6 0", "56.193"),
        ),
    ),
    208: (
        8,
        (("0 0 1 1 0 0 0 1 1 1 4 4 4 4 7 7 7 7 4 5 5 5 5 6 6 6 6 5 6 7 3 3 3 3 2 2 2 2", "56.3"),),
    ),
    218: (4, (("0 2 2 0 1 1 3 3", "56.527"),)),
    223: (4, (("0 1 1 2 2 3 3", "57.040"),)),
}
"""Requests that were sent at once → how many, and an order of their steps, with the server's
seconds, that explains every one of the recorded answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One exchange of the recording."""

    number: int
    what: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    status: int
    content_type: str
    answer: Any

    def request(self) -> httpx.Request:
        """The request as it is sent to the simulator, with a token where one was cut out."""
        headers = dict(self.headers)
        if headers.get("authorization") == "Bearer REDACTED":
            headers["authorization"] = f"Bearer {_TOKENS.get(self.number, ADMINISTRATOR)}"
        content = self.body if isinstance(self.body, str) else json.dumps(self.body)
        url = f"https://crm.example{self.path}"
        return httpx.Request(
            self.method, url, headers=headers, content=None if self.body is None else content
        )


@cache
def load_recording() -> tuple[Recorded, ...]:
    """Every exchange, in order."""
    exchanges = json.loads(PATH.read_text(encoding="utf-8"))["exchanges"]
    return tuple(
        Recorded(
            number=number,
            what=each["what"],
            method=each["request"]["method"],
            path=each["request"]["path"],
            headers=each["request"]["headers"],
            body=each["request"].get("body"),
            status=each["response"]["status"],
            content_type=each["response"]["headers"]["content-type"],
            answer=each["response"]["body"],
        )
        for number, each in enumerate(exchanges)
    )


@dataclass(slots=True)
class RecordedClock:
    """The server's clock, set before each exchange to the moment that its answer shows."""

    moment: datetime = _BEGINNING

    def now(self) -> datetime:
        """The moment that was set."""
        return self.moment

    def monotonic(self) -> float:
        """Seconds of the same clock."""
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.moment += timedelta(seconds=seconds)

    def show(self, text: str) -> None:
        """Stand at this moment, as far as milliseconds tell."""
        self.moment = datetime.fromisoformat(text) + _HALF_A_MILLISECOND


@dataclass(slots=True)
class RecordedIds:
    """Gives each thing the id that it had on the real server, found by its name."""

    known: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __call__(self, label: str) -> str:
        """The next id of this thing; one made out of the name where none was recorded."""
        if self.known[label]:
            return self.known[label].popleft()
        self.used[label] += 1
        digits = str(uuid5(NAMESPACE_OID, f"{label} {self.used[label]}"))
        # Names whose ids were cut out sort between those that were not.
        return f"5{digits[1:]}"

    def learn(self, label: str, record_id: str) -> None:
        """Remember an id that the recording shows."""
        if record_id not in self.known[label]:
            self.known[label].append(record_id)


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def recorded_ids(recording: tuple[Recorded, ...]) -> RecordedIds:
    """Every id of the recording under the name of what has it."""
    ids = RecordedIds()
    for node in (node for each in recording for node in _nodes(each.answer)):
        if str(node.get("id")).startswith(_OWN_IDS):
            continue
        if "nameSingular" in node and "id" in node:
            ids.learn(f"object:{node['nameSingular']}", node["id"])
        elif "displayName" in node:
            ids.learn("workspace", node["id"])
        elif "type" in node and "name" in node:
            ids.learn(f"field:{node['name']}", node["id"])
        elif "name" in node and "id" in node:
            ids.learn(f"company:{node['name']}", node["id"])
        if "dataSourceId" in node:
            ids.learn("dataSource", node["dataSourceId"])
    _learn_rowans(ids, recording)
    ids.learn(f"company:Quince {_HIDDEN_QUINCES:03}", _LAST_QUINCE)
    return ids


def _learn_rowans(ids: RecordedIds, recording: tuple[Recorded, ...]) -> None:
    """The mutation gave 60 ids of 65 and no names: in the order in which they were sent."""
    shown = [node["id"] for node in recording[159].answer["data"]["createCompanies"]]
    edges = recording[160].answer["data"]["companies"]["edges"]
    hidden = [edge["node"]["id"] for edge in edges if edge["node"]["id"] not in shown]
    for index, record_id in enumerate([*shown, *hidden]):
        ids.learn(f"company:Rowan {index:03}", record_id)


def run_replay() -> dict[int, httpx.Response]:
    """A fresh simulator's answer to each recorded exchange."""
    recording, clock = load_recording(), RecordedClock()
    simulator = TwentySimulator(clock=clock, new_id=recorded_ids(recording), cold=True)
    return Replay(recording, clock, simulator).run()


@dataclass(slots=True)
class Replay:
    """Leads a simulator through the recording."""

    recording: tuple[Recorded, ...]
    clock: RecordedClock
    simulator: TwentySimulator
    steps: int = 0
    later: tuple[int, str] | None = None

    def run(self) -> dict[int, httpx.Response]:
        """The simulator's answer to each exchange."""
        answers: dict[int, httpx.Response] = {}
        for each in self.recording:
            if each.number in answers:
                continue
            if each.number in _BEFORE:
                self._change_unrecorded(each)
            if each.number in _RACES:
                answers |= self._race(each.number)
            else:
                answers[each.number] = self._one(each)
        return answers

    def _one(self, each: Recorded) -> httpx.Response:
        if each.number == _OVER_THE_LIMIT:
            for _ in range(GRAPHQL_LIMIT):
                self.simulator.handle(each.request())
        self.clock.show(self._moment_of(each))
        self.steps, self.later = 0, _SECOND_MOMENT.get(each.number)
        self.simulator.between = self._step
        return self.simulator.handle(each.request())

    def _step(self, _: httpx.Request) -> None:
        self.steps += 1
        if self.later is not None and self.steps > self.later[0]:
            self.clock.show(self.later[1])

    def _moment_of(self, each: Recorded) -> str:
        """The latest moment that the answer shows and the request does not; else a bit later."""
        if each.number in _SEEN_LATER:
            return _SEEN_LATER[each.number]
        sent: list[str] = _MOMENT.findall(json.dumps(each.body))
        every: list[str] = _MOMENT.findall(json.dumps(each.answer))
        shown = [m for m in every if m not in sent]
        if each.number in _SECOND_MOMENT:
            shown = [m for m in shown if m < _SECOND_MOMENT[each.number][1]]
        now = self.clock.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return max([now, *shown])

    def _race(self, first: int) -> dict[int, httpx.Response]:
        count, phases = _RACES[first]
        requests = [each.request() for each in self.recording[first : first + count]]
        answers = self.simulator.interleave(requests, self._schedule(phases))
        return {first + index: answer for index, answer in enumerate(answers)}

    def _schedule(self, phases: Iterable[tuple[str, str]]) -> Iterator[int]:
        for order, seconds in phases:
            self.clock.show(f"2026-11-21T17:43:{seconds}+00:00")
            yield from (int(index) for index in order.split())

    def _change_unrecorded(self, each: Recorded) -> None:
        for name, value in _BEFORE[each.number].items():
            request = httpx.Request(
                "PATCH",
                f"https://crm.example{each.path}",
                headers={"authorization": f"Bearer {ADMINISTRATOR}"},
                json={name: value},
            )
            assert self.simulator.handle(request).is_success
