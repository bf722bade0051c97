import socket
import threading
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from daemon.web import health
from daemon.web.health import Check
from daemon.web.server import HealthServer, ListenFailed


class Daemon:
    """What the pages ask, as a test wants it."""

    def __init__(self) -> None:
        self.well = True
        self.error: Exception | None = None
        self.waits_for: threading.Event | None = None

    def live(self) -> Sequence[Check]:
        """Well, unless a test says otherwise."""
        return (Check(name="loop", ok=self.well, detail="turned 1 s ago"),)

    def ready(self) -> Sequence[Check]:
        """Well, slow, or broken, as a test says."""
        if self.waits_for is not None:
            self.waits_for.wait(30)
        if self.error is not None:
            raise self.error
        return (
            Check(name="store", ok=True),
            Check(name="migrations", ok=self.well, detail="" if self.well else "2 are missing"),
        )


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def server(daemon: Daemon) -> Iterator[HealthServer]:
    registry = CollectorRegistry()
    Counter("prospectd_things", "What was counted", registry=registry).inc(3)
    server = HealthServer(("127.0.0.1", 0), daemon, registry)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: HealthServer) -> Iterator[httpx.Client]:
    host, port = server.address
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=20, trust_env=False) as client:
        yield client


def test_a_daemon_that_is_well_says_so(client: httpx.Client) -> None:
    """Both pages answer 200, with the result of each check."""
    assert client.get("/livez").json() == {
        "ok": True,
        "checks": [{"name": "loop", "ok": True, "detail": "turned 1 s ago"}],
    }
    reply = client.get("/readyz")
    assert reply.status_code == 200
    assert [check["name"] for check in reply.json()["checks"]] == ["store", "migrations"]


def test_a_daemon_that_is_not_well_says_what_is_wrong(client: httpx.Client, daemon: Daemon) -> None:
    """One failed check makes the page a 503, and the failed one is told."""
    daemon.well = False
    assert client.get("/livez").status_code == 503
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["checks"][1] == {
        "name": "migrations",
        "ok": False,
        "detail": "2 are missing",
    }


def test_a_check_that_breaks_shows_nothing_of_itself(client: httpx.Client, daemon: Daemon) -> None:
    """An error inside a check is a 503 with its kind, without its text and without a traceback."""
    daemon.error = RuntimeError("postgresql://user:geheim@db")
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["checks"][0]["detail"] == "failed with RuntimeError"
    assert "geheim" not in reply.text


def test_a_check_that_hangs_is_not_waited_for(
    client: httpx.Client, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not answer makes /readyz a 503 in time, and leaves /livez alone."""
    monkeypatch.setattr(health, "ANSWER_WITHIN", 0.05)
    daemon.waits_for = threading.Event()
    try:
        for _ in range(3):
            assert client.get("/readyz").status_code == 503
        assert client.get("/livez").status_code == 200
    finally:
        daemon.waits_for.set()


def test_metrics_are_what_prometheus_reads(client: httpx.Client) -> None:
    """The page has the registry's numbers in the form that the reader asks for, and no others."""
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert "prospectd_things_total 3.0" in reply.text
    assert "python_info" not in reply.text
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    assert client.get("/metrics", headers=accept).text.endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_allowed(client: httpx.Client, method: str, path: str) -> None:
    """The port changes nothing, whatever is sent to it."""
    assert client.request(method, path).status_code == 405


def test_replies_say_nothing_about_the_server(client: httpx.Client) -> None:
    """No reply names the server's software, an unknown page neither; none is to be cached."""
    for path in ("/livez", "/nope"):
        assert "server" not in client.get(path).headers
    assert client.get("/nope").status_code == 404
    assert client.get("/livez").headers["cache-control"] == "no-store"


def test_a_taken_port_is_a_sentence(server: HealthServer, daemon: Daemon) -> None:
    """Who starts a second daemon on one port reads what is wrong and what to do."""
    second = HealthServer(server.address, daemon, CollectorRegistry())
    with pytest.raises(ListenFailed, match=r"another prospectd, listens there .* \[http\] listen"):
        second.start()
    second.stop()


def test_an_address_of_another_machine_is_a_sentence(daemon: Daemon) -> None:
    """An address that this machine does not have is told as such."""
    with pytest.raises(ListenFailed, match=r"192\.0\.2\.1:0: this machine has no such address"):
        HealthServer(("192.0.2.1", 0), daemon, CollectorRegistry()).start()


def test_it_starts_and_stops_cleanly(daemon: Daemon) -> None:
    """Stop before start, start twice, stop twice are fine; port and thread are given back."""
    server = HealthServer(("127.0.0.1", 0), daemon, CollectorRegistry())
    server.stop()
    server.start()
    server.start()
    address = server.address
    server.stop()
    server.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "http"]
    socket.create_server(address).close()


def test_an_open_connection_does_not_hold_it_up(server: HealthServer) -> None:
    """Somebody who keeps a connection open, or sends half a request, does not delay the stop."""
    idle = HTTPConnection(*server.address)
    idle.request("GET", "/livez")
    idle.getresponse().read()
    half = socket.create_connection(server.address)
    half.sendall(b"GET /livez HTT")
    server.stop()
    names = {thread.name for thread in threading.enumerate()}
    idle.close()
    half.close()
    assert "http" not in names


def test_it_serves_ipv6(daemon: Daemon) -> None:
    """An IPv6 address of the configuration is listened on as such."""
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    server = HealthServer(("::1", 0), daemon, CollectorRegistry())
    server.start()
    try:
        reply: Any = httpx.get(f"http://[::1]:{server.address[1]}/livez", trust_env=False)
        assert reply.status_code == 200
    finally:
        server.stop()


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
