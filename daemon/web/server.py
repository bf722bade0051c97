"""An ASGI application on a socket of its own, in a thread that starts and stops cleanly."""

import errno
import socket
import threading
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry

from daemon.errors import ProspectdError
from daemon.web.health import HealthChecks, health_app

_STOP_WITHIN = 5.0
_REASONS = {
    errno.EADDRINUSE: "another program, perhaps another prospectd, listens there already",
    errno.EACCES: "this user may not listen there",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


class ListenFailed(ProspectdError):
    """The daemon's own port cannot be opened; the message says why and what to do."""


class HealthServer:
    """Serves ``/livez``, ``/readyz`` and ``/metrics`` until it is stopped.

    ``start`` and ``stop`` may each be called twice, and ``stop`` before ``start``.
    """

    def __init__(
        self, listen: tuple[str, int], checks: HealthChecks, registry: CollectorRegistry
    ) -> None:
        self._listen = listen
        self._app = health_app(checks, registry)
        self._running: tuple[_Server, threading.Thread, socket.socket] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; with port 0 asked for, the real one once it is started."""
        if self._running is None:
            return self._listen
        host, port, *_ = self._running[2].getsockname()
        return str(host), int(port)

    def start(self) -> None:
        """Open the port and answer from now on.

        Raises:
            ListenFailed: the port is taken, or may not be opened.
        """
        if self._running is not None:
            return
        opened = _open(*self._listen)
        server = _Server(
            uvicorn.Config(
                self._app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                http="h11",
                ws="none",
                loop="asyncio",
                timeout_keep_alive=5,
                timeout_graceful_shutdown=2,
                limit_concurrency=64,
                h11_max_incomplete_event_size=16_384,
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [opened]}, name="http", daemon=True
        )
        thread.start()
        server.turning.wait(_STOP_WITHIN)
        self._running = (server, thread, opened)

    def stop(self) -> None:
        """Finish what is being answered, at most a few seconds, and close the port."""
        if self._running is None:
            return
        server, thread, opened = self._running
        self._running = None
        server.should_exit = True
        thread.join(_STOP_WITHIN)
        opened.close()


class _Server(uvicorn.Server):
    """Tells when it has started, so that nobody has to poll for it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.turning = threading.Event()

    async def startup(self, *args: Any, **kwargs: Any) -> None:
        await super().startup(*args, **kwargs)
        self.turning.set()


def _open(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=64)
    except OSError as error:
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise ListenFailed(
            f"cannot listen on {shown}: {reason}; "
            'give [http] listen another address, or "" to do without health and metrics'
        ) from error
