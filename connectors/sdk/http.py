"""How every connector talks HTTP: one pooled client, time-outs, repeats, limits, redaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

import httpx
import orjson

from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    Permanent,
    QuotaExhausted,
    WaitUntil,
)
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.rates import RateLimiter
from connectors.sdk.replies import Reply, Where, judge_reply, redact
from connectors.sdk.retries import HttpLimits, RetryPolicy, pause_after, transport_fault

__all__ = ["NO_HEADERS", "HttpLimits", "HttpSession", "Reply", "RetryPolicy"]

Headers: TypeAlias = Mapping[str, str] | Callable[[], Mapping[str, str]]
Classify: TypeAlias = Callable[[Reply], Fault | None]
Params: TypeAlias = Mapping[str, str | int | float | bool | Sequence[str] | None]

NO_HEADERS: Mapping[str, str] = {}
_PUBLIC_HEADERS = frozenset({"accept", "content-type", "user-agent"})


def never(reply: Reply) -> Fault | None:  # noqa: ARG001 - the shape of the hook
    """The hook ``classify`` of a vendor without peculiarities."""
    return None


def no_renewal() -> bool:
    """The hook ``renew`` of a token that cannot be renewed."""
    return False


def ignore_reply(reply: Reply) -> None:
    """The hook ``on_reply`` where nobody listens."""


class HttpSession:
    """A pooled HTTP client for one vendor, whose every failure is a fault that says what to do.

    Args:
        base_url: everything before the paths that are given to ``send``; no redirect is followed,
            and no other host is ever sent to.
        context: clock, randomness, secrets, observer and, in tests, the transport.
        headers: sent with every request, such as ``Authorization``; a callable is asked each time.
        timeout: for connecting, for each read and write, and for a free connection; a whole reply
            may take ten times as long.
        limiter: asked before each request.
        classify: looks at each reply first; a fault that it returns beats the common rules.
        on_reply: told of each reply, for rate headers and such.
        renew: called once for a 401; when it returns True the request is sent once more.
        json_replies: whether a web page in place of a reply is a fault.
        limits: pool, size and repeats.
    """

    def __init__(  # noqa: PLR0913 - keyword-only; each is a separate policy of the vendor
        self,
        *,
        base_url: str,
        context: ConnectorContext,
        headers: Headers = NO_HEADERS,
        timeout: timedelta = timedelta(seconds=30),
        limiter: RateLimiter | None = None,
        classify: Classify = never,
        on_reply: Callable[[Reply], None] = ignore_reply,
        renew: Callable[[], bool] = no_renewal,
        json_replies: bool = True,
        limits: HttpLimits | None = None,
    ) -> None:
        self._context = context
        self._headers = headers
        self._limiter = limiter
        self._classify = classify
        self._on_reply = on_reply
        self._renew = renew
        self._json_replies = json_replies
        self._limits = limits or HttpLimits()
        self._slowest_reply = timeout.total_seconds() * 10
        self._client = _new_client(base_url, context, timeout, self._limits)

    def send(  # noqa: PLR0913 - keyword-only; each is a part of one request
        self,
        method: str,
        path: str,
        *,
        idempotent: bool,
        params: Params | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        expect: Collection[int] = (),
        cost: float = 1.0,
        also: RateLimiter | None = None,
    ) -> Reply:
        """Send one request and give the reply, if it is 2xx or one of ``expect``.

        An ``idempotent`` request (it only reads, or twice does no more than once) is repeated a few
        times; any other only where the vendor certainly did nothing. ``also`` is a second limiter
        to ask, for endpoints with a limit of their own; ``cost`` is in the limiter's unit.

        Raises:
            NotProcessed, Ambiguous, RateLimited, QuotaExhausted, BadCredentials, NeedsPerson,
            Permanent: what is to be done is the class's meaning. ``Ambiguous`` comes only from
            requests that are not idempotent.
        """
        call = _Call(
            method=method,
            path=path,
            idempotent=idempotent,
            params={} if params is None else {k: v for k, v in params.items() if v is not None},
            content=content if json is None else orjson.dumps(json),
            headers=headers if json is None else {"content-type": "application/json", **headers},
            expect=frozenset(expect),
            cost=cost,
            limiters=tuple(each for each in (self._limiter, also) if each is not None),
        )
        return self._send_patiently(call)

    def close(self) -> None:
        """Close the pool; calling it twice is fine."""
        self._client.close()

    def _send_patiently(self, call: "_Call") -> Reply:
        attempt, renewed = 0, False
        while True:
            attempt += 1
            answer = self._send_once(call)
            if isinstance(answer, Reply):
                return answer
            if isinstance(answer, BadCredentials) and answer.status == httpx.codes.UNAUTHORIZED:
                if renewed or not self._renew():
                    raise answer
                renewed = True
                continue
            self._tell_limiters(answer, call)
            pause = pause_after(
                answer,
                idempotent=call.idempotent,
                attempt=attempt,
                policy=self._limits.retries,
                fraction=self._context.random.random(),
                now=self._context.clock.now(),
            )
            if pause is None:
                raise answer
            self._context.clock.sleep(pause.total_seconds())

    def _tell_limiters(self, fault: Fault, call: "_Call") -> None:
        if isinstance(fault, WaitUntil) and fault.until is not None and call.limiters:
            # A quota is the whole account's; a burst limit that of the endpoint (the last one).
            chosen = call.limiters[0 if isinstance(fault, QuotaExhausted) else -1]
            chosen.block(fault.until, because=fault)

    def _send_once(self, call: "_Call") -> Reply | Fault:
        request = self._build(call)
        where = Where(
            vendor=self._context.name,
            method=call.method,
            path=redact(request.url.path, self._secrets()),
            idempotent=call.idempotent,
        )
        for limiter in call.limiters:
            limiter.acquire(call.cost)
        started = self._context.clock.monotonic()
        answer = self._exchange(request, where)
        self._observe(where, answer, started)
        if isinstance(answer, Fault):
            return answer
        if self._limiter is not None:
            self._limiter.heed(answer.headers)
        self._on_reply(answer)
        fault = self._judge(answer, call.expect)
        return answer if fault is None else fault

    def _build(self, call: "_Call") -> httpx.Request:
        own = self._headers() if callable(self._headers) else self._headers
        try:
            request = self._client.build_request(
                call.method,
                call.path,
                params=call.params or None,
                content=call.content,
                headers={**own, **call.headers},
            )
        except httpx.InvalidURL as error:
            message = f"{self._context.name}: base_url and path make no address; check base_url"
            raise Permanent("bad_address", message) from error
        base = self._client.base_url
        if (request.url.scheme, request.url.host, request.url.port) != (
            base.scheme,
            base.host,
            base.port,
        ):
            message = f"{self._context.name}: refused to send to {request.url.host}, another host"
            raise Permanent("foreign_address", message)
        return request

    def _exchange(self, request: httpx.Request, where: Where) -> Reply | Fault:
        deadline = self._context.clock.monotonic() + self._slowest_reply
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._read(response, where, deadline)
            finally:
                response.close()
        except httpx.HTTPError as error:
            what = redact(f"{type(error).__name__}: {error}", self._secrets())
            return transport_fault(error, where, what)
        if isinstance(body, Fault):
            return body
        headers = dict(response.headers.items())
        return Reply(status=response.status_code, headers=headers, body=body, where=where)

    def _read(self, response: httpx.Response, where: Where, deadline: float) -> bytes | Fault:
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._limits.body_bytes:
                kind = Permanent if where.idempotent else Ambiguous
                text = f"{where} sent more than {self._limits.body_bytes // 1024} KiB; gave up"
                return kind("too_large", text, status=response.status_code)
            if self._context.clock.monotonic() > deadline:
                text = f"{where} did not finish its reply in {self._slowest_reply:.0f} s; gave up"
                return where.doubt("too_slow", text, status=response.status_code)
        return b"".join(chunks)

    def _judge(self, reply: Reply, expect: Collection[int]) -> Fault | None:
        fault = self._classify(reply)
        if fault is not None:
            return fault
        page = self._json_replies and reply.is_html
        if page and httpx.codes.is_success(reply.status):
            text = f"{reply.where} answered {reply.status} with a web page in place of JSON"
            return reply.where.doubt("html", text, status=reply.status)
        if reply.status in expect and not page:
            return None
        return judge_reply(reply, now=self._context.clock.now(), secrets=self._secrets())

    def _observe(self, where: Where, answer: Reply | Fault, started: float) -> None:
        self._context.observe(
            Exchange(
                vendor=where.vendor,
                method=where.method,
                path=where.path,
                status=answer.status,
                milliseconds=round((self._context.clock.monotonic() - started) * 1000),
                error=answer.code if isinstance(answer, Fault) else "",
            )
        )

    def _secrets(self) -> set[str]:
        """Every text that must not be shown: the options' secrets, and what the headers carry."""
        own = self._headers() if callable(self._headers) else self._headers
        carried = [value for name, value in own.items() if name.lower() not in _PUBLIC_HEADERS]
        words = [word for value in carried for word in value.split()[1:]]
        return {*self._context.secrets.values(), *carried, *words}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request as ``send`` was asked for it."""

    method: str
    path: str
    idempotent: bool
    params: Mapping[str, Any]
    content: bytes | None
    headers: Mapping[str, str]
    expect: frozenset[int]
    cost: float
    limiters: tuple[RateLimiter, ...]


def _new_client(
    base_url: str, context: ConnectorContext, timeout: timedelta, limits: HttpLimits
) -> httpx.Client:
    return httpx.Client(
        base_url=base_url,
        transport=context.transport,
        timeout=httpx.Timeout(timeout.total_seconds()),
        limits=httpx.Limits(
            max_connections=limits.connections,
            max_keepalive_connections=limits.connections,
            # Shorter than any server's own: a write on a connection just closed is in doubt.
            keepalive_expiry=5.0,
        ),
        follow_redirects=False,
        headers={"user-agent": "prospectd", "accept": "application/json"},
    )
