"""Serves simulators over loopback sockets.

A small threaded adapter rather than an ASGI server: a lost connection must be a socket that really
closes without a reply, which ASGI has no word for.
"""

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx
import orjson

from connectors.sdk.clock import Clock, SystemClock
from connectors.sdk.simulator import FaultKind, Faults, FaultySimulator, LostConnection, Simulator

CONTROLS = "/_sandbox/"
_IDLE_SECONDS = 600.0
_LONGEST_BODY = 50 * 1024 * 1024

Control: TypeAlias = Callable[[dict[str, Any]], Any]
"""What stands behind a path below ``/_sandbox/``: the posted object (empty for GET) to JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One simulator on one port (0: any free one), the faults in front of it, and its controls."""

    simulator: Simulator
    faults: Faults = field(default_factory=Faults)
    controls: Mapping[str, Control] = field(default_factory=dict)
    port: int = 0


class SandboxServer:
    """Serves each site on its own port of ``host`` while it is started.

    A simulator answers one request at a time; faults that only wait do not keep others waiting.
    Every site answers ``POST /_sandbox/faults`` (``rate``, ``kinds``, ``slow_seconds``) beside its
    own controls; controls meet no faults.
    """

    def __init__(
        self, sites: Mapping[str, Site], *, host: str = "127.0.0.1", clock: Clock | None = None
    ) -> None:
        self._sites = sites
        self._host = host
        self._clock = clock or SystemClock()
        self._running: list[tuple[_Server, threading.Thread]] = []

    def start(self) -> dict[str, str]:
        """Listen; gives the base URL of each site.

        Raises:
            OSError: a port is taken.
        """
        urls: dict[str, str] = {}
        try:
            for name, site in self._sites.items():
                server = _Server((self._host, site.port), _Gate(site, self._clock))
                thread = threading.Thread(
                    target=server.serve_forever, args=(0.05,), name=f"sandbox-{name}", daemon=True
                )
                self._running.append((server, thread))
                urls[name] = f"http://{self._host}:{server.server_port}"
        except OSError:
            self.stop()
            raise
        for _, thread in self._running:
            thread.start()
        return urls

    def stop(self) -> None:
        """Close every socket and wait for the threads; calling it twice is fine."""
        while self._running:
            server, thread = self._running.pop()
            if thread.is_alive():
                server.shutdown()
                thread.join()
            server.hang_up()
            server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Gate:
    """What one port does with a request: controls, then faults, then the simulator in turn."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._turn = threading.Lock()
        # The lock is inside the faults, so that a slow reply is waited for outside of it.
        self._faulty = FaultySimulator(inner=self, faults=site.faults, clock=clock)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The reply; raises :class:`LostConnection`."""
        if request.url.path.startswith(CONTROLS):
            return self._control(request)
        return self._faulty.handle(request)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The simulator behind the faults: one request at a time."""
        with self._turn:
            return self._site.simulator.handle(request)

    def _control(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix(CONTROLS)
        control = self._set_faults if name == "faults" else self._site.controls.get(name)
        if control is None:
            known = ["faults", *self._site.controls]
            return httpx.Response(404, json={"message": f"there is {', '.join(known)}"})
        try:
            body = orjson.loads(request.content) if request.content else {}
            with self._turn:
                return httpx.Response(200, json=control(body))
        except (ValueError, TypeError, KeyError) as error:
            return httpx.Response(400, json={"message": f"{type(error).__name__}: {error}"})

    def _set_faults(self, body: dict[str, Any]) -> dict[str, Any]:
        faults = self._site.faults
        kinds = tuple(FaultKind(kind) for kind in body.get("kinds", faults.kinds))
        rate = float(body.get("rate", faults.rate))
        slow_seconds = float(body.get("slow_seconds", faults.slow_seconds))
        faults.rate, faults.kinds, faults.slow_seconds = rate, kinds, slow_seconds
        return {"rate": rate, "kinds": list(kinds), "slow_seconds": slow_seconds}


class _Server(ThreadingHTTPServer):
    """Keeps the open connections in hand, so that it can hang up on idle ones when it stops."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], gate: _Gate) -> None:
        self.gate = gate
        self._open: set[socket.socket] = set()
        self._closing = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, and hand it to a thread."""
        with self._closing:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, and close it."""
        with self._closing:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the other side merely hung up."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End every open connection; their threads end with them."""
        with self._closing:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept alive over many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server: _Server

    def answer(self) -> None:
        """Answer one request, or hang up where the simulator does."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self._send(httpx.Response(411, json={"message": "a content-length is needed"}))
            self.close_connection = True
            return
        if int(length) > _LONGEST_BODY:
            self._send(httpx.Response(413, json={"message": "too long"}))
            self.close_connection = True
            return
        request = httpx.Request(
            self.command,
            f"http://{self.headers.get('host', 'localhost')}{self.path}",
            headers=self.headers.items(),
            content=self.rfile.read(int(length)),
        )
        try:
            response = self.server.gate.answer(request)
        except LostConnection:
            self.close_connection = True
            return
        self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Log nothing: the daemon's own log shows each exchange."""

    def _send(self, response: httpx.Response) -> None:
        body = response.content
        lines = [f"HTTP/1.1 {response.status_code} {_phrase(response.status_code)}"]
        lines += [f"{name}: {value}" for name, value in response.headers.multi_items()]
        if (
            "content-length" not in response.headers
            and response.status_code != HTTPStatus.NO_CONTENT
        ):
            lines.append(f"content-length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.wfile.write(head.encode("latin-1") + body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
