"""The daemon's own port: does it live, is it ready, what does it count. It answers GET only."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Protocol

import anyio
import anyio.to_thread
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWER_WITHIN = 5.0
"""Seconds after which a check that hangs counts as failed."""
_UNCACHED = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found; ``detail`` is for a person and holds no secret."""

    name: str
    ok: bool
    detail: str = ""


class HealthChecks(Protocol):
    """What the daemon tells about itself. Both are called from threads of the server."""

    def live(self) -> Sequence[Check]:
        """Does the loop turn? If not, a restart helps; a database that is away is no reason."""
        ...

    def ready(self) -> Sequence[Check]:
        """Store reachable, configuration valid, migrations current."""
        ...


def health_app(checks: HealthChecks, registry: CollectorRegistry) -> Starlette:
    """The three pages as an ASGI application."""
    return Starlette(
        routes=[
            Route("/livez", partial(_answer, checks.live, anyio.CapacityLimiter(2))),
            Route("/readyz", partial(_answer, checks.ready, anyio.CapacityLimiter(2))),
            Route("/metrics", partial(_metrics, registry)),
        ]
    )


async def _answer(
    run: Callable[[], Sequence[Check]], limiter: anyio.CapacityLimiter, _request: Request
) -> JSONResponse:
    found: Sequence[Check] = (
        Check(name="answer", ok=False, detail=f"no answer within {ANSWER_WITHIN:g} s"),
    )
    # The limiter is this page's own: checks that hang pile up here and nowhere else.
    with anyio.move_on_after(ANSWER_WITHIN):
        found = await anyio.to_thread.run_sync(
            _guarded, run, limiter=limiter, abandon_on_cancel=True
        )
    ok = all(check.ok for check in found)
    body = {"ok": ok, "checks": [asdict(check) for check in found]}
    return JSONResponse(body, status_code=200 if ok else 503, headers=_UNCACHED)


def _guarded(run: Callable[[], Sequence[Check]]) -> Sequence[Check]:
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not well"
        return (Check(name="check", ok=False, detail=f"failed with {type(error).__name__}"),)


async def _metrics(registry: CollectorRegistry, request: Request) -> Response:
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    body = await anyio.to_thread.run_sync(encode, registry)
    return Response(body, headers={**_UNCACHED, "content-type": content_type})
