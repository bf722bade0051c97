import threading
from collections.abc import Iterator
from random import Random

import httpx
import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import Ambiguous
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.simulator import FaultKind, Faults, LostConnection
from daemon.extruct.adoption import match_created_task
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskRequest
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.launch import Sandbox, SandboxOptions
from daemon.sandbox.server import SandboxServer, Site, _Gate
from tests.sandbox.calls import QUERY, TASKS


class Echo:
    """Answers with what it was sent; hangs up or breaks where the path says so."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path == "/lost":
            raise LostConnection(processed=True)
        if request.url.path == "/odd":
            return httpx.Response(477, headers={"x-odd": "1"}, text="odd")
        if request.url.path == "/nothing":
            return httpx.Response(204)
        return httpx.Response(
            200,
            json={
                "method": request.method,
                "target": str(request.url.raw_path, "ascii"),
                "header": request.headers.get("x-sent"),
                "body": request.content.decode(),
            },
        )


@pytest.fixture
def faults() -> Faults:
    return Faults(rate=0.0, random=Random(1), slow_seconds=0.0)


@pytest.fixture
def web(faults: Faults) -> Iterator[httpx.Client]:
    """A client of an echoing site, over a real socket."""
    controls = {"double": lambda body: {"twice": body["number"] * 2}}
    server = SandboxServer({"echo": Site(simulator=Echo(), faults=faults, controls=controls)})
    url = server.start()["echo"]
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client
    server.stop()


def test_requests_arrive_whole(web: httpx.Client) -> None:
    """Method, path, query, headers and body reach the simulator as they were sent."""
    response = web.request(
        "PATCH", "/a%2Fb?x=1&x=2", headers={"x-sent": "yes"}, content="grüße".encode()
    )
    assert response.json() == {
        "method": "PATCH",
        "target": "/a%2Fb?x=1&x=2",
        "header": "yes",
        "body": "grüße",
    }


def test_replies_arrive_whole(web: httpx.Client) -> None:
    """A status nobody has heard of, headers and an empty body reach the client as they are."""
    odd, nothing = web.get("/odd"), web.delete("/nothing")
    assert (odd.status_code, odd.headers["x-odd"], odd.text) == (477, "1", "odd")
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert web.get("/again").status_code == 200


def test_a_connection_serves_many_requests(web: httpx.Client) -> None:
    """Keep-alive holds: a hundred requests need one connection."""
    ports = set()
    for _ in range(100):
        with web.stream("GET", "/") as response:
            response.read()
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr")[1])
    assert len(ports) == 1


def test_a_lost_connection_is_a_closed_socket(web: httpx.Client) -> None:
    """Where the simulator hangs up, the client sees the connection close without a reply."""
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        web.post("/lost", json={})
    assert web.get("/").status_code == 200


@pytest.mark.parametrize("kind", [FaultKind.DROPPED, FaultKind.REPLY_LOST])
def test_both_kinds_of_loss_look_alike(web: httpx.Client, faults: Faults, kind: FaultKind) -> None:
    """From outside nobody can tell whether the request was processed."""
    faults.rate, faults.kinds = 1.0, (kind,)
    with pytest.raises(httpx.RemoteProtocolError):
        web.get("/")


def test_slow_replies_keep_nobody_waiting() -> None:
    """While one reply is held back, other requests are answered."""
    held, gate = threading.Event(), threading.Event()

    class Held(VirtualClock):
        def sleep(self, seconds: float) -> None:
            held.set()
            assert gate.wait(30)
            super().sleep(seconds)

    site = Site(simulator=Echo(), faults=Faults(rate=1.0, kinds=(FaultKind.SLOW,)), controls={})
    server = SandboxServer({"echo": site}, clock=Held())
    url = server.start()["echo"]
    answers: list[int] = []
    try:
        slow = threading.Thread(target=lambda: answers.append(httpx.get(url).status_code))
        slow.start()
        assert held.wait(30)
        assert httpx.post(f"{url}/_sandbox/faults", json={"rate": 0}).status_code == 200
        assert httpx.get(url).status_code == 200
        assert answers == []
    finally:
        gate.set()
        slow.join()
        server.stop()
    assert answers == [200]


def test_a_simulator_answers_one_request_at_a_time() -> None:
    """While a simulator works on a request, no other thread can enter it."""
    entered: list[bool] = []

    class Watching(Echo):
        def handle(self, request: httpx.Request) -> httpx.Response:
            entered.append(gate._turn.acquire(blocking=False))
            return super().handle(request)

    gate = _Gate(Site(simulator=Watching()), VirtualClock())
    assert gate.answer(httpx.Request("GET", "http://echo.test/")).status_code == 200
    assert entered == [False]


def test_controls_meet_no_faults(web: httpx.Client, faults: Faults) -> None:
    """Whatever the line does, the sandbox itself can be asked and told."""
    faults.rate = 1.0
    assert web.post("/_sandbox/double", json={"number": 4}).json() == {"twice": 8}
    told = web.post("/_sandbox/faults", json={"rate": 0.5, "kinds": ["slow"]}).json()
    assert told == {"rate": 0.5, "kinds": ["slow"], "slow_seconds": 0.0}
    assert (faults.rate, faults.kinds) == (0.5, (FaultKind.SLOW,))
    assert web.get("/_sandbox/faults").json() == told


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/_sandbox/nothing", b"", 404),
        ("/_sandbox/double", b"{", 400),
        ("/_sandbox/double", b"{}", 400),
        ("/_sandbox/double", b"[]", 400),
        ("/_sandbox/faults", b'{"kinds": ["unheard of"]}', 400),
    ],
)
def test_a_wrong_control_is_told(web: httpx.Client, path: str, content: bytes, status: int) -> None:
    """A mistake in a control is answered in words, and breaks nothing."""
    response = web.post(path, content=content)
    assert response.status_code == status
    assert response.json()["message"]


def test_a_body_without_length_is_refused(web: httpx.Client) -> None:
    """What the adapter does not understand it refuses, rather than misread the next request."""
    assert web.post("/", content=iter([b"a", b"b"])).status_code == 411


def test_stopping_closes_idle_connections() -> None:
    """A stopped server leaves no thread and no open socket, whoever is still connected."""
    before = threading.active_count()
    server = SandboxServer({"echo": Site(simulator=Echo())})
    with httpx.Client(base_url=server.start()["echo"]) as client:
        assert client.get("/").status_code == 200
        server.stop()
        server.stop()
        assert threading.active_count() == before
        with pytest.raises(httpx.TransportError):
            client.get("/")


def test_a_taken_port_leaves_nothing_open() -> None:
    """When one port is taken, the others are given back and the mistake is raised."""
    before = threading.active_count()
    first = SandboxServer({"echo": Site(simulator=Echo())})
    port = int(first.start()["echo"].rpartition(":")[2])
    second = SandboxServer(
        {"free": Site(simulator=Echo()), "taken": Site(simulator=Echo(), port=port)}
    )
    with pytest.raises(OSError, match="in use"):
        second.start()
    first.stop()
    assert threading.active_count() == before


# The whole sandbox, over sockets.


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    options = SandboxOptions(companies=2_000, crm=250, slow_seconds=0.0)
    with Sandbox(options, clock=VirtualClock()) as opened:
        yield opened


def test_the_state_can_be_seen_and_changed(sandbox: Sandbox) -> None:
    """Tests in another process see each company and task, and may act as a person does."""
    hubspot = f"{sandbox.urls['hubspot']}/_sandbox"
    made = httpx.post(f"{hubspot}/create", json={"properties": {"name": "By hand"}}).json()["id"]
    httpx.post(f"{hubspot}/edit", json={"id": made, "properties": {"domain": "a.com"}})
    companies = httpx.get(f"{hubspot}/state").json()["companies"]
    assert len(companies) == 251
    assert next(each for each in companies if each["id"] == made)["properties"]["domain"] == "a.com"
    httpx.post(f"{hubspot}/merge", json={"survivor_id": companies[0]["id"], "lost_id": made})
    httpx.post(f"{hubspot}/archive", json={"id": companies[0]["id"]})
    assert len(httpx.get(f"{hubspot}/state").json()["companies"]) == 249
    extruct = f"{sandbox.urls['extruct']}/_sandbox"
    httpx.post(f"{extruct}/credits", json={"available": 3})
    httpx.post(f"{extruct}/billing", json={"refusal": "plan_required"})
    httpx.post(f"{extruct}/failing", json={"next": 2})
    assert httpx.get(f"{extruct}/state").json() == {"credits": 3, "tasks": []}
    settings = sandbox.simulators.extruct.settings
    assert (settings.refusal, settings.failing) == ("plan_required", 2)


def test_a_task_lost_on_the_line_is_adopted(sandbox: Sandbox) -> None:
    """Over a real socket: the reply is lost, the task exists once, and the list tells which."""
    url = sandbox.urls["extruct"]
    context = ConnectorContext(name="extruct", clock=VirtualClock(), random=Random(0))
    client = ExtructClient(base_url=url, token=sandbox.options.extruct_token, context=context)
    request = TaskRequest(query=QUERY, exclude_domains=("acme.com",))
    sent_at = context.clock.now()
    httpx.post(f"{url}/_sandbox/faults", json={"rate": 1, "kinds": ["reply_lost"]})
    with pytest.raises(Ambiguous):
        client.create_task(request)
    httpx.post(f"{url}/_sandbox/faults", json={"rate": 0})
    tasks = httpx.get(f"{url}/_sandbox/state").json()["tasks"]
    found = match_created_task(request, sent_at, client.list_tasks())
    client.close()
    assert found is not None
    assert [found.id] == [task["id"] for task in tasks]


def test_many_clients_at_once_are_served(sandbox: Sandbox) -> None:
    """Eight threads that create tasks at once get as many tasks, each its own."""
    url, token = sandbox.urls["extruct"], sandbox.options.extruct_token
    ids: list[str] = []

    def work() -> None:
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:
            for _ in range(5):
                body = {"query": QUERY, "desired_num_results": 5}
                ids.append(client.post(TASKS, json=body).json()["id"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    simulator: ExtructSimulator = sandbox.simulators.extruct
    assert len(set(ids)) == len(simulator.state()["tasks"]) == 40
