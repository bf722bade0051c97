"""The HTTP session on real sockets: pooling, packed bodies, broken lines, shut doors."""

import gzip
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import Ambiguous, NotProcessed, Permanent
from connectors.sdk.http import HttpLimits, HttpSession
from connectors.sdk.protocol import ConnectorContext


class Handler(BaseHTTPRequestHandler):
    """A small server with bad habits, by path."""

    protocol_version = "HTTP/1.1"
    connections: set[int]
    served: list[str]

    def do_POST(self) -> None:
        """Answer as the path says."""
        self.rfile.read(int(self.headers.get("content-length", "0")))
        type(self).connections.add(self.client_address[1])
        type(self).served.append(self.path)
        match self.path:
            case "/bomb":
                self._answer(gzip.compress(b" " * 30_000_000), encoding="gzip")
            case "/cut":
                self._answer(b'{"a"', length=1_000)
                self.close_connection = True
            case "/hang-up":
                self.close_connection = True
            case _:
                self._answer(b"{}")

    def _answer(self, body: bytes, *, encoding: str = "", length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body) if length is None else length))
        if encoding:
            self.send_header("content-encoding", encoding)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.connections, Handler.served = set(), []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def session(server: str) -> Iterator[HttpSession]:
    opened = open_session(server)
    yield opened
    opened.close()
    opened.close()


def open_session(base_url: str) -> HttpSession:
    context = ConnectorContext(name="crm", clock=VirtualClock(), random=Random(1))
    return HttpSession(
        base_url=base_url,
        context=context,
        timeout=timedelta(seconds=5),
        limits=HttpLimits(body_bytes=1_000_000),
    )


def test_connections_are_used_again(session: HttpSession) -> None:
    """Requests in a row share one connection of the pool."""
    for _ in range(20):
        assert session.send("POST", "/ok", idempotent=False).json() == {}
    assert len(Handler.connections) == 1


def test_a_packed_body_is_bounded_unpacked(session: HttpSession) -> None:
    """A small packed body that unpacks to a huge one is dropped at the bound."""
    with pytest.raises(Permanent, match="more than"):
        session.send("POST", "/bomb", idempotent=True)
    assert session.send("POST", "/ok", idempotent=True).json() == {}


@pytest.mark.parametrize("path", ["/cut", "/hang-up"])
def test_a_broken_line_is_in_doubt(session: HttpSession, path: str) -> None:
    """A reply that is cut off or never comes leaves a write in doubt, and it is not repeated."""
    with pytest.raises(Ambiguous):
        session.send("POST", path, json={"a": 1}, idempotent=False)
    assert Handler.served == [path]
    with pytest.raises(NotProcessed):
        session.send("POST", path, json={"a": 1}, idempotent=True)
    assert len(Handler.served) == 5


def test_a_shut_door_is_not_processed() -> None:
    """Where nobody listens nothing was processed, and it was tried a few times."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        shut = open_session(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(NotProcessed, match="could not be sent"):
            shut.send("POST", "/ok", idempotent=False)
        shut.close()


def test_many_threads_share_a_session(session: HttpSession) -> None:
    """A session may be used by many threads at once."""
    replies: list[int] = []

    def send() -> None:
        replies.extend(session.send("POST", "/ok", idempotent=True).status for _ in range(10))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [200] * 80
    assert len(Handler.connections) <= 10
