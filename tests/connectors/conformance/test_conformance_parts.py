"""The parts of the suite: its clock, its wire, its judge."""

import gzip
from contextlib import suppress
from datetime import timedelta
from random import Random

import httpx
import orjson
import pytest

from connectors.sdk.conformance import DoesNotApply, Harness, LawBroken, Runaway, Typed
from connectors.sdk.conformance.clock import START, VirtualClock
from connectors.sdk.conformance.openapi import OpenApiValidator
from connectors.sdk.conformance.stage import Lab, play
from connectors.sdk.conformance.wire import UNKNOWN_FIELD, Wire, with_unknown_fields
from connectors.sdk.simulator import FaultKind
from connectors.sdk.skeleton.samplecrm.harness import SampleCrmHarness

BASE = "https://crm.example/api"


class Counting:
    """A simulator that counts what reaches it."""

    def __init__(self) -> None:
        self.count = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Say which number this was."""
        self.count += 1
        headers = {"content-encoding": "gzip"} if "zip" in request.url.path else {}
        if "broken" in request.url.path:
            raise KeyError("oops")
        body = b'{"number": %d}' % self.count
        if headers:
            body = gzip.compress(body)
        return httpx.Response(200, headers=headers, content=body)


@pytest.fixture
def wire() -> Wire:
    """A wire with nothing on it."""
    return Wire(clock=VirtualClock())


@pytest.fixture
def crm() -> Counting:
    """The simulator at its end."""
    return Counting()


@pytest.fixture
def client(wire: Wire, crm: Counting) -> httpx.Client:
    """A client over the wire."""
    return httpx.Client(transport=wire.transport({"crm.example": crm}), base_url=BASE)


def test_the_clock_moves_only_when_told() -> None:
    """Sleeping moves the clock; nothing else does, and it never goes back."""
    clock = VirtualClock()
    assert clock.now() == START
    clock.sleep(90)
    clock.advance(timedelta(minutes=1))
    assert clock.now() - START == timedelta(seconds=150)
    assert clock.monotonic() == 150
    with pytest.raises(ValueError, match="less than no time"):
        clock.sleep(-1)


def test_requests_are_numbered_and_kept(wire: Wire, client: httpx.Client) -> None:
    """Every request is kept with its number, until the wire is calmed."""
    client.get("/a")
    client.post("/b", json={"x": 1})
    assert [(seen.number, seen.method) for seen in wire.seen] == [(1, "GET"), (2, "POST")]
    assert wire.seen[1].body == b'{"x":1}'
    wire.calm()
    client.get("/c")
    assert [seen.number for seen in wire.seen] == [1]


@pytest.mark.parametrize(
    ("kind", "reached"),
    [(FaultKind.DROPPED, 0), (FaultKind.REPLY_LOST, 1)],
)
def test_a_lost_connection_is_httpx_s_own(
    kind: FaultKind, reached: int, wire: Wire, client: httpx.Client, crm: Counting
) -> None:
    """A lost request and a lost reply look alike to the client; only one reached the CRM."""
    wire.faults[1] = kind
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/a")
    assert crm.count == reached


@pytest.mark.parametrize(
    ("kind", "status", "reached"),
    [
        (FaultKind.RATE_LIMITED, 429, 0),
        (FaultKind.UNAVAILABLE, 503, 0),
        (FaultKind.HTML, 502, 0),
        (FaultKind.FAILED_AFTER, 500, 1),
        (FaultKind.SLOW, 200, 1),
    ],
)
def test_a_fault_has_its_status(
    kind: FaultKind, status: int, reached: int, wire: Wire, client: httpx.Client, crm: Counting
) -> None:
    """Each fault is answered as the real thing would be."""
    wire.every_fault = kind
    assert client.get("/a").status_code == status
    assert crm.count == reached


def test_a_stuck_wire_repeats_itself(wire: Wire, client: httpx.Client) -> None:
    """From the given number on, every answer is the one before."""
    wire.stuck_after = 2
    assert [client.get("/a").json()["number"] for _ in range(4)] == [1, 2, 2, 2]


def test_a_runaway_cannot_be_swallowed(wire: Wire, client: httpx.Client) -> None:
    """Too many requests end even a connector that catches everything."""
    wire.limit = 3

    def ask_for_ever() -> None:
        while True:
            with suppress(Exception):
                client.get("/a")

    with pytest.raises(Runaway):
        ask_for_ever()


def test_compressed_answers_are_passed_on_plain(client: httpx.Client) -> None:
    """An answer that the simulator compressed is read, and can be read again."""
    assert client.get("/zip").json() == {"number": 1}


def test_a_simulator_s_own_mistake_is_no_missing_host(client: httpx.Client) -> None:
    """A KeyError inside the simulator is its failure, not a host that does not exist."""
    with pytest.raises(RuntimeError, match="the simulator itself failed"):
        client.get("/broken")
    with pytest.raises(httpx.ConnectError):
        client.get("https://elsewhere.example/")


def test_unknown_fields_stand_where_a_vendor_may_add_them() -> None:
    """New fields come in the envelope and in the objects of lists, and nowhere else."""
    plain = {"rows": [{"id": 1, "tags": [{"a": 1}]}], "map": {"1": "one"}}
    decorated = orjson.loads(with_unknown_fields(orjson.dumps(plain)))
    assert UNKNOWN_FIELD in decorated
    assert UNKNOWN_FIELD in decorated["rows"][0]
    assert UNKNOWN_FIELD in decorated["rows"][0]["tags"][0]
    assert decorated["map"] == {"1": "one"}
    assert with_unknown_fields(b"<html>") == b"<html>"


def test_what_a_harness_lacks_is_a_reason_to_skip() -> None:
    """An act that a CRM does not have says so; what every harness needs must be written."""
    bare = Harness(clock=VirtualClock(), random=Random(1))
    acts = (
        lambda: bare.person_edits("1", Typed(name="x")),
        lambda: bare.person_deletes("1"),
        lambda: bare.person_revives("1"),
        lambda: bare.person_merges(survivor_id="1", lost_id="2"),
        lambda: bare.creates_late(Typed(name="x"), after=timedelta(0)),
        lambda: bare.refuse_company("x"),
    )
    for act in acts:
        with pytest.raises(DoesNotApply):
            act()
    for needed in (bare.simulators, bare.live, lambda: bare.person_creates(Typed(name="x"))):
        with pytest.raises(NotImplementedError):
            needed()


def test_a_law_may_not_end_with_a_broken_specification() -> None:
    """A law that holds is broken all the same when a request was one that is forbidden."""

    def law(lab: Lab) -> None:
        lab.stage().ready().wire.violations.append("GET /x: no such path")

    with pytest.raises(LawBroken, match="no such path"):
        play(law, SampleCrmHarness)


COMPANY = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "owner": {"$ref": "https://elsewhere.example/o"}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Crm", "version": "1"},
    "security": [{"key": []}],
    "paths": {
        "/companies": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}},
                    {"name": "filter", "in": "query", "schema": {"type": "array", "items": {}}},
                ],
                "responses": {
                    "200": {
                        "description": "one",
                        "content": {"application/json": {"schema": COMPANY, "example": None}},
                    },
                    "default": {"description": "anything"},
                },
            }
        }
    },
}


@pytest.fixture(scope="module")
def judge() -> OpenApiValidator:
    """A judge by a small document with a vendor's usual mistakes."""
    return OpenApiValidator(
        [DOCUMENT], base_url=BASE, elsewhere=("/oauth",), tolerated=("known mistake",)
    )


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/companies?limit=50", ""),
        ("GET", "/companies?filter[a]=1", ""),
        ("GET", "/companies?limit=51", "maximum"),
        ("GET", "/companies?limit=many", "integer"),
        ("GET", "/companies?page=2", "query parameter page is not in the specification"),
        ("POST", "/companies", "no such path or method"),
        ("GET", "/people", "no such path or method"),
    ],
)
def test_requests_are_judged(judge: OpenApiValidator, method: str, path: str, said: str) -> None:
    """Path, method and parameters are held against the document, unknown parameters too."""
    problems = judge.request_problems(httpx.Request(method, f"{BASE}{path}"))
    assert bool(problems) is bool(said)
    assert said in " ".join(problems)


def test_what_no_document_describes_is_not_judged(judge: OpenApiValidator) -> None:
    """Paths that are named as elsewhere pass, requests and replies."""
    request = httpx.Request("POST", "https://crm.example/oauth/token")
    assert judge.request_problems(request) == ()
    assert judge.response_problems(request, httpx.Response(200, json={})) == ()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"id": 1}, ""),
        (200, {"id": 1, "owner": {"any": "thing"}}, ""),
        (200, {"id": "1"}, "is not of type 'integer'"),
        (200, {}, "'id' is a required property"),
        (201, {"id": 1}, "201"),
        (418, {"message": "teapot"}, ""),
    ],
)
def test_replies_are_judged(
    judge: OpenApiValidator, status: int, body: dict[str, object], said: str
) -> None:
    """A reply is held against the document; a refusal that it does not describe is let pass."""
    request = httpx.Request("GET", f"{BASE}/companies")
    problems = judge.response_problems(request, httpx.Response(status, json=body))
    assert bool(problems) is bool(said)
    assert said in " ".join(problems)
