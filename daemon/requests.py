"""Which HTTP requests a piece of work has made, so that its audit row can name them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from connectors.sdk.protocol import Exchange

_CURRENT: ContextVar[list[Exchange] | None] = ContextVar("requests", default=None)


def ignore_exchange(exchange: Exchange) -> None:
    """Tell nobody."""
    del exchange


class RequestLog:
    """Observes every request to a vendor; ``tell`` also hears of each (metrics, the log)."""

    def __init__(self, tell: Callable[[Exchange], None] = ignore_exchange) -> None:
        self._tell = tell

    def observe(self, exchange: Exchange) -> None:
        """Note a request; the piece of work that this thread is at gets it."""
        self._tell(exchange)
        current = _CURRENT.get()
        if current is not None:
            current.append(exchange)

    @contextmanager
    def collect(self) -> Iterator[list[Exchange]]:
        """The requests that are made inside the ``with``."""
        collected: list[Exchange] = []
        token = _CURRENT.set(collected)
        try:
            yield collected
        finally:
            _CURRENT.reset(token)


def audit_form(requests: list[Exchange]) -> list[dict[str, Any]]:
    """Requests as an audit row carries them: method, path, status, milliseconds."""
    return [
        {
            "method": request.method,
            "path": request.path,
            "status": request.status,
            "ms": request.milliseconds,
            **({"error": request.error} if request.error else {}),
        }
        for request in requests
    ]
