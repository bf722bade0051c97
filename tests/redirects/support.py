"""A web of our own: real servers on loopback, behind names and ports that a test decides about."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpcore

from connectors.sdk.clock import Clock, SystemClock
from daemon.sites.visitor import Network, SiteVisitor, VisitLimits

LOOPBACK = "127.0.0.1"
CERTIFICATE = Path(__file__).with_name("certificate.pem")
"""For acme.com and www.acme.com."""

Serve = Callable[[socket.socket, bytes], None]
"""Answers one request on a connection, given its head."""


def answer(status: int, location: str = "", **headers: str) -> Serve:
    """A server's whole answer, with a short page."""

    def serve(connection: socket.socket, head: bytes) -> None:
        del head
        lines = [f"HTTP/1.1 {status} Whatever", "Content-Length: 2", "Connection: close"]
        lines += [f"Location: {location}"] if location else []
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\nok").encode())

    return serve


def by_method(**answers: Serve) -> Serve:
    """One answer a method."""

    def serve(connection: socket.socket, head: bytes) -> None:
        answers[head.split(b" ", 1)[0].decode()](connection, head)

    return serve


@dataclass
class Web:
    """Websites by host, all on one loopback server; what no site is named for answers 404."""

    sites: dict[str, Serve] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sni: list[str] = field(default_factory=list)
    ports: Mapping[int, int] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def asked(self) -> list[str]:
        """Each request's method, host and target, in their order."""
        return [" ".join(_told(head)) for head in self.requests]

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection."""
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(4096)
            if not chunk:
                return
            head += chunk
        self.requests.append(head)
        _, host, target = _told(head)
        site = self.sites.get(host + target) or self.sites.get(host) or answer(404)
        site(connection, head)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Every name that has a site leads to loopback; the others do not exist."""
        del port
        self.names.append(host)
        if not any(name == host or name.startswith(host + "/") for name in self.sites):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [LOOPBACK]

    def visitor(
        self,
        *,
        clock: Clock | None = None,
        network: Network | None = None,
        seconds: float = 5,
        **limits: int,
    ) -> SiteVisitor:
        """Somebody who sees this web only, and may ask loopback."""
        return SiteVisitor(
            VisitLimits(
                timeout=timedelta(seconds=seconds), **{"requests_per_minute": 10_000} | limits
            ),
            clock=clock or SystemClock(),
            network=network or self.network(),
        )

    def network(
        self,
        *,
        resolve: Callable[[str, int], Sequence[str]] | None = None,
        is_allowed: Callable[[str], bool] = lambda address: address == LOOPBACK,
    ) -> Network:
        """This web instead of the world's."""
        return Network(
            resolve=resolve or self.resolve,
            is_allowed=is_allowed,
            backend=Diverted(self.ports),
            tls=ssl.create_default_context(cafile=CERTIFICATE),
        )


class Diverted(httpcore.SyncBackend):
    """Connects to the address it is told, at the port that stands for the one it is told."""

    def __init__(self, ports: Mapping[int, int]) -> None:
        self._ports = ports

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        return super().connect_tcp(host, self._ports[port], timeout, local_address, socket_options)


@contextmanager
def opened_web() -> Iterator[Web]:
    """A web whose servers answer until the end of the test."""
    web = Web()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.sni_callback = lambda _socket, name, _context: web.sni.append(name)
    with _listening(web, None) as plain, _listening(web, context) as secure:
        web.ports = {80: plain, 443: secure}
        try:
            yield web
        finally:
            web.over.set()


@contextmanager
def _listening(web: Web, context: ssl.SSLContext | None) -> Iterator[int]:
    listener = socket.create_server((LOOPBACK, 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=_answer, args=(web, connection, context))
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        web.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _answer(web: Web, connection: socket.socket, context: ssl.SSLContext | None) -> None:
    connection.settimeout(10)
    try:
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        web.serve(connection)
    except OSError:
        pass  # the other side hung up, as some tests want it
    finally:
        connection.close()


def _told(head: bytes) -> tuple[str, str, str]:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    host = next(line[6:] for line in rest if line.lower().startswith("host: "))
    return method, host.partition(":")[0], target
