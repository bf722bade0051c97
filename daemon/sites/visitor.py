"""Follow a website's redirects by hand, within limits, and tell where they end."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

import httpcore
import httpx

from connectors.sdk.clock import Clock
from connectors.sdk.rates import RateLimiter, RateModel
from daemon.domain.redirects import Answer, Ask, Failure, Landing, Reply, first_step, next_step
from daemon.domain.web_addresses import is_public_address
from daemon.sites.guarded import (
    Allowance,
    ForbiddenAddress,
    GuardedBackend,
    OutOfBytes,
    OutOfTime,
    Resolve,
    resolve_host,
)

_HEADERS: Final = (
    (b"user-agent", b"prospectd"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"identity"),
    (b"connection", b"close"),
)
"""All that a website learns of us: no cookie, no token, no address that we came from."""
_CONNECTING: Final = 0.25
"""One connection takes at most this share of the website's time, so that others can be tried."""
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLimits:
    """``timeout`` and ``max_bytes`` are of one website, with everything that it leads through."""

    timeout: timedelta = timedelta(seconds=10)
    max_redirects: int = 5
    max_bytes: int = 65_536
    requests_per_minute: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How names are resolved, which addresses may be asked, and who connects.

    The defaults are the real ones. Nothing in the configuration leads here: only a test may say
    that loopback is a place to ask.
    """

    resolve: Resolve = resolve_host
    is_allowed: Callable[[str], bool] = is_public_address
    backend: httpcore.NetworkBackend | None = None
    tls: ssl.SSLContext | None = None


class SiteVisitor:
    """Tells where websites lead. No page is read: the head of each answer is all that is wanted.

    It connects directly, whatever proxy the environment names: a proxy would resolve names anew.
    """

    def __init__(
        self, limits: VisitLimits, *, clock: Clock, network: Network | None = None
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._network = network or Network()
        model = RateModel(limit=limits.requests_per_minute, per_seconds=_MINUTE)
        self._limiter = RateLimiter(
            model, vendor="websites", clock=clock, longest_wait=timedelta(minutes=2)
        )

    def visit(self, domain: str) -> Landing:
        """Where the website of this registered domain leads, as far as it tells.

        Raises:
            WaitUntil: the program is to stop while a request waits for its turn.
        """
        seconds = self._limits.timeout.total_seconds()
        allowance = Allowance(self._clock, seconds=seconds, size=self._limits.max_bytes)
        step: Ask | Landing = first_step(domain, max_redirects=self._limits.max_redirects)
        while isinstance(step, Ask):
            before = self._clock.monotonic()
            self._limiter.acquire()
            allowance.extend(self._clock.monotonic() - before)
            step = next_step(step, self._send(step, allowance))
        return step

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._network.tls or httpx.create_ssl_context(trust_env=False)

    def _send(self, ask: Ask, allowance: Allowance) -> Reply:
        try:
            return self._exchange(ask, allowance)
        except ForbiddenAddress:
            return Failure.FORBIDDEN
        except (OutOfTime, httpcore.ReadTimeout, httpcore.WriteTimeout):
            return Failure.TOO_SLOW
        except OutOfBytes:
            return Failure.TOO_LARGE
        except (httpcore.ConnectError, httpcore.ConnectTimeout, ValueError):
            return Failure.UNREACHABLE  # ValueError: a name that the TLS library does not take
        except (httpcore.NetworkError, httpcore.ProtocolError):
            return Failure.BROKEN

    def _exchange(self, ask: Ask, allowance: Allowance) -> Answer:
        backend = GuardedBackend(
            allowance,
            resolve=self._network.resolve,
            is_allowed=self._network.is_allowed,
            inner=self._network.backend or httpcore.SyncBackend(),
        )
        address = ask.address
        url = httpcore.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=address.target.encode(),
        )
        connecting = self._limits.timeout.total_seconds() * _CONNECTING
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
            pool.stream(
                ask.method, url, headers=_HEADERS, extensions={"timeout": {"connect": connecting}}
            ) as response,
        ):
            location = _header(response, b"location")
            return Answer(status=response.status, location=location)


def _header(response: httpcore.Response, name: bytes) -> str:
    """The first header of this name; "" where there is none."""
    for key, value in response.headers:
        if key.lower() == name:
            text: bytes = value
            return text.decode("utf-8", errors="replace")
    return ""
