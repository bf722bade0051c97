"""The HTTP session: what each reply and each broken line becomes, and what is sent again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.http import HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.rates import RateLimiter, RateModel

TOKEN = "pat-very-secret-0001"
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = b"<!DOCTYPE html><html><body>Sorry</body></html>"

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Line:
    """A scripted vendor: each request gets the next answer, the last one for ever."""

    answers: list[httpx.Response | Exception]
    clock: VirtualClock = field(default_factory=VirtualClock)
    requests: list[httpx.Request] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request as the script says."""
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def context(self) -> ConnectorContext:
        """A connector's context on this line."""
        return ConnectorContext(
            name="crm",
            secrets={"token": TOKEN},
            transport=httpx.MockTransport(self),
            clock=self.clock,
            random=Random(1),
            observe=self.exchanges.append,
        )


def line(*answers: httpx.Response | Exception) -> Line:
    return Line(list(answers) or [httpx.Response(200, json={})])


def session(vendor: Line, **more: Any) -> HttpSession:
    settings: dict[str, Any] = {
        "base_url": "https://crm.test/api",
        "context": vendor.context(),
        "headers": {"authorization": f"Bearer {TOKEN}"},
        **more,
    }
    return HttpSession(**settings)


def fault_of(vendor: Line, *, idempotent: bool, **more: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        session(vendor, **more).send("POST", "/things", idempotent=idempotent)
    return caught.value


STATUSES: tuple[tuple[int, type[Fault], type[Fault]], ...] = (
    (301, Permanent, Permanent),
    (400, Permanent, Permanent),
    (401, BadCredentials, BadCredentials),
    (402, NeedsPerson, NeedsPerson),
    (403, BadCredentials, BadCredentials),
    (404, Permanent, Permanent),
    (408, NotProcessed, Ambiguous),
    (409, Permanent, Permanent),
    (422, Permanent, Permanent),
    (425, NotProcessed, NotProcessed),
    (429, RateLimited, RateLimited),
    (500, NotProcessed, Ambiguous),
    (502, NotProcessed, Ambiguous),
    (503, NotProcessed, Ambiguous),
)


@pytest.mark.parametrize(("status", "reading", "writing"), STATUSES)
def test_each_status_is_its_fault(status: int, reading: type[Fault], writing: type[Fault]) -> None:
    """A status becomes the fault that says what to do; in doubt only where something is written."""
    for idempotent, expected in ((True, reading), (False, writing)):
        fault = fault_of(line(httpx.Response(status, json={})), idempotent=idempotent)
        assert type(fault) is expected
        assert fault.status == status


LOST: tuple[tuple[Exception, type[Fault]], ...] = (
    (httpx.ConnectError("refused"), NotProcessed),
    (httpx.ConnectTimeout("slow"), NotProcessed),
    (httpx.PoolTimeout("busy"), NotProcessed),
    (httpx.ProxyError("no proxy"), NotProcessed),
    (httpx.ReadTimeout("slow"), Ambiguous),
    (httpx.WriteTimeout("slow"), Ambiguous),
    (httpx.ReadError("reset"), Ambiguous),
    (httpx.WriteError("broken pipe"), Ambiguous),
    (httpx.RemoteProtocolError("hung up"), Ambiguous),
    (httpx.DecodingError("bad gzip"), Ambiguous),
    (httpx.UnsupportedProtocol("ftp"), Permanent),
)


@pytest.mark.parametrize(("error", "writing"), LOST)
def test_a_lost_line_is_in_doubt_only_after_sending(error: Exception, writing: type[Fault]) -> None:
    """What never left is not processed; what left without an answer is in doubt for a write."""
    assert type(fault_of(line(error), idempotent=False)) is writing
    read = NotProcessed if writing is Ambiguous else writing
    assert type(fault_of(line(error), idempotent=True)) is read


@pytest.mark.parametrize(
    ("answer", "idempotent", "sent"),
    [
        (httpx.Response(500), True, 4),
        (httpx.Response(500), False, 1),
        (httpx.Response(503), False, 1),
        (httpx.Response(429), True, 4),
        (httpx.Response(429), False, 1),
        (httpx.Response(404), True, 1),
        (httpx.Response(401), True, 1),
        (httpx.ReadTimeout("slow"), True, 4),
        (httpx.ReadTimeout("slow"), False, 1),
        (httpx.ConnectError("refused"), True, 4),
        (httpx.ConnectError("refused"), False, 4),
        (httpx.PoolTimeout("busy"), False, 4),
    ],
)
def test_only_what_is_safe_is_sent_again(
    answer: httpx.Response | Exception, sent: int, *, idempotent: bool
) -> None:
    """Reads are repeated a few times; writes only where they certainly never arrived."""
    vendor = line(answer)
    fault_of(vendor, idempotent=idempotent)
    assert len(vendor.requests) == sent


def test_a_429_repeats_a_write_where_the_vendor_promises() -> None:
    """With ``repeat_429`` a write is sent again after a 429, as the vendor did nothing."""
    vendor = line(httpx.Response(429), httpx.Response(200, json={"id": 1}))
    limits = HttpLimits(retries=RetryPolicy(repeat_429=True))
    reply = session(vendor, limits=limits).send("POST", "/things", idempotent=False)
    assert reply.json() == {"id": 1}
    assert len(vendor.requests) == 2


def test_retry_after_in_seconds_is_waited_out() -> None:
    """A Retry-After of 7 seconds makes a pause of at least 7 seconds, and no longer than needed."""
    vendor = line(httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(200, json={}))
    session(vendor).send("GET", "/things", idempotent=True)
    assert vendor.clock.monotonic() == pytest.approx(7.0)


def test_retry_after_as_a_date_is_waited_out() -> None:
    """A Retry-After as an HTTP date makes a pause until that moment."""
    vendor = line()
    until = format_datetime(vendor.clock.now() + timedelta(seconds=20), usegmt=True)
    vendor.answers = [httpx.Response(503, headers={"retry-after": until}), httpx.Response(204)]
    session(vendor).send("GET", "/things", idempotent=True)
    assert vendor.clock.monotonic() == pytest.approx(20.0)


def test_a_long_retry_after_is_not_slept() -> None:
    """Beyond the bound nothing is slept: the fault names the moment, for the daemon to plan by."""
    for status in (429, 503):
        vendor = line(httpx.Response(status, headers={"retry-after": "3600"}))
        fault = fault_of(vendor, idempotent=True)
        assert isinstance(fault, RateLimited)
        assert fault.until == vendor.clock.now() + timedelta(hours=1)
        assert vendor.clock.monotonic() == 0


def test_back_off_grows_and_is_jittered() -> None:
    """Without Retry-After the pauses grow, stay under their cap, and differ by chance."""
    policy = RetryPolicy(first_pause=timedelta(seconds=1), longest_pause=timedelta(seconds=4))
    full = [policy.pause(attempt, 0.999).total_seconds() for attempt in range(1, 6)]
    half = [policy.pause(attempt, 0.0).total_seconds() for attempt in range(1, 6)]
    assert [round(each) for each in full] == [1, 2, 4, 4, 4]
    assert half == [0.5, 1.0, 2.0, 2.0, 2.0]


def test_html_is_not_an_answer() -> None:
    """A web page under 200 is no reply: a read may go on, a write is in doubt."""
    page = httpx.Response(200, headers=HTML, content=PAGE)
    assert type(fault_of(line(page), idempotent=True)) is NotProcessed
    assert type(fault_of(line(page), idempotent=False)) is Ambiguous


def test_html_without_its_content_type_is_seen_too() -> None:
    """A web page that calls itself JSON is still a web page."""
    page = httpx.Response(200, headers={"content-type": "application/json"}, content=PAGE)
    assert fault_of(line(page), idempotent=False).code == "html"


def test_an_expected_404_as_a_web_page_is_no_empty_answer() -> None:
    """A proxy's 404 page never passes for the vendor's own "nothing there"."""
    vendor = line(httpx.Response(404, headers=HTML, content=PAGE))
    with pytest.raises(Permanent):
        session(vendor).send("GET", "/things", idempotent=True, expect={404})


def test_html_403_is_a_wall_and_not_the_token() -> None:
    """A firewall's page does not condemn the token: nothing was processed."""
    fault = fault_of(line(httpx.Response(403, headers=HTML, content=PAGE)), idempotent=False)
    assert type(fault) is NotProcessed


def test_expected_statuses_come_back() -> None:
    """A status that the caller expects is a reply, with its body."""
    vendor = line(httpx.Response(409, json={"id": "7"}))
    reply = session(vendor).send("POST", "/things", idempotent=False, expect={409})
    assert (reply.status, reply.json()) == (409, {"id": "7"})


def test_classify_beats_the_common_rules() -> None:
    """The connector's own reading of a reply comes first, even of a 200."""

    def classify(reply: Reply) -> Fault | None:
        wrong = reply.json().get("error")
        return QuotaExhausted("quota", "used up", until=None) if wrong else None

    vendor = line(httpx.Response(200, json={"error": True}))
    assert type(fault_of(vendor, idempotent=True, classify=classify)) is QuotaExhausted
    assert len(vendor.requests) == 1, "a used-up quota was asked again"


def test_json_that_is_none_is_a_fault() -> None:
    """A body that is no JSON is told as such: in doubt for a write."""
    vendor = line(httpx.Response(200, content=b'{"cut": '))
    with pytest.raises(Ambiguous):
        session(vendor).send("POST", "/things", idempotent=False).json()
    with pytest.raises(NotProcessed):
        session(vendor).send("GET", "/things", idempotent=True).json()


def test_a_body_has_its_bound() -> None:
    """A reply beyond the bound is dropped: nobody reads it into memory; a write is in doubt."""
    limits = HttpLimits(body_bytes=1_000)
    vendor = line(httpx.Response(200, content=b"x" * 1_001))
    assert type(fault_of(vendor, idempotent=True, limits=limits)) is Permanent
    assert type(fault_of(vendor, idempotent=False, limits=limits)) is Ambiguous


def test_a_dripping_body_has_its_end() -> None:
    """A reply that drips past the deadline is given up, though each read was in time."""
    clock = VirtualClock()

    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> "Dripping":
            return self

        def __next__(self) -> bytes:
            clock.sleep(20)
            return b" "

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Dripping()))
    context = ConnectorContext(name="crm", transport=transport, clock=clock, random=Random(1))
    with pytest.raises(Ambiguous, match="did not finish"):
        HttpSession(base_url="https://crm.test", context=context).send(
            "POST", "/", idempotent=False
        )


def test_nobody_else_gets_the_token() -> None:
    """An absolute address on another host, port or scheme is refused before anything is sent."""
    vendor = line()
    for address in ("https://evil.test/x", "https://crm.test:8443/x", "http://crm.test/x"):
        with pytest.raises(Permanent, match="another host"):
            session(vendor).send("GET", address, idempotent=True)
    assert not vendor.requests


def test_redirects_are_not_followed() -> None:
    """A redirect is a fault that names base_url; the token does not travel."""
    vendor = line(httpx.Response(302, headers={"location": "https://evil.test/"}))
    assert "base_url" in fault_of(vendor, idempotent=True).message
    assert len(vendor.requests) == 1


def test_a_renewed_token_is_tried_once() -> None:
    """After a 401 the token is renewed once and the request sent again with it, a write too."""
    tokens = ["old"]

    def renew() -> bool:
        tokens.append("new")
        return True

    vendor = line(httpx.Response(401, json={}), httpx.Response(200, json={}))
    headers = lambda: {"authorization": f"Bearer {tokens[-1]}"}  # noqa: E731 - a hook
    session(vendor, headers=headers, renew=renew).send("POST", "/things", idempotent=False)
    assert [each.headers["authorization"] for each in vendor.requests] == [
        "Bearer old",
        "Bearer new",
    ]
    refused = line(httpx.Response(401, json={}))
    assert type(fault_of(refused, idempotent=True, renew=lambda: True)) is BadCredentials
    assert len(refused.requests) == 2


def test_every_attempt_is_observed() -> None:
    """Each attempt is told with method, path without query, status and time; lost ones too."""
    vendor = line(httpx.ReadTimeout("slow"), httpx.Response(200, json={}))
    session(vendor).send("GET", "/things", params={"q": TOKEN}, idempotent=True)
    told = [(each.method, each.path, each.status, each.error) for each in vendor.exchanges]
    assert told == [("GET", "/api/things", None, "timeout"), ("GET", "/api/things", 200, "")]


def test_a_crash_in_the_transport_passes() -> None:
    """What is no HTTP error is not swallowed: a simulated crash must reach the top."""

    class Crash(BaseException):
        pass

    def crash(_: httpx.Request) -> httpx.Response:
        raise Crash

    context = ConnectorContext(name="crm", transport=httpx.MockTransport(crash))
    with pytest.raises(Crash):
        HttpSession(base_url="https://crm.test", context=context).send("GET", "/", idempotent=True)


def test_json_and_parameters_are_sent_as_given() -> None:
    """A JSON body has its content type; a parameter that is None is left out."""
    vendor = line()
    session(vendor).send(
        "POST", "/things", json={"name": "Zoë"}, params={"a": 1, "b": None}, idempotent=True
    )
    request = vendor.requests[0]
    assert str(request.url) == "https://crm.test/api/things?a=1"
    assert request.headers["content-type"] == "application/json"
    assert request.content == '{"name":"Zoë"}'.encode()


def test_the_limiter_is_asked_and_told() -> None:
    """Each attempt takes a place, headers teach the limit, and a 429 blocks until it says."""
    vendor = line(httpx.Response(429, headers={"retry-after": "5"}), httpx.Response(200, json={}))
    limiter = RateLimiter(RateModel(limit=1, per_seconds=2), vendor="crm", clock=vendor.clock)
    calm = session(vendor, limiter=limiter)
    calm.send("GET", "/things", idempotent=True)
    assert vendor.clock.monotonic() == pytest.approx(5.0)
    calm.send("GET", "/things", idempotent=True)
    assert vendor.clock.monotonic() == pytest.approx(7.0)


def messages_of(body: bytes, headers: Mapping[str, str], status: int) -> str:
    fault = fault_of(line(httpx.Response(status, headers=headers, content=body)), idempotent=False)
    return f"{fault.code} {fault.message} {fault} {fault!r}"


@given(
    status=st.sampled_from([400, 401, 402, 403, 404, 422, 429, 500, 503]),
    before=st.text(max_size=350),
    key=st.sampled_from(["message", "error", "detail", "errors"]),
)
def test_no_message_holds_the_token(status: int, before: str, key: str) -> None:
    """Wherever a vendor echoes the token, no fault repeats it, nor a piece of it at the cut."""
    said = httpx.Response(200, json={key: f"{before}{TOKEN} is bad"}).content
    told = messages_of(said, {"content-type": "application/json"}, status)
    assert TOKEN[:8] not in told
    assert len(told) < 1_200


def test_vendor_messages_are_told_and_cut() -> None:
    """The vendor's reason stands in the message, at most 300 characters of it."""
    said = httpx.Response(200, json={"message": "x" * 1_000}).content
    told = fault_of(line(httpx.Response(400, content=said)), idempotent=True).message
    assert "x" * 299 in told
    assert "x" * 300 not in told


@pytest.mark.parametrize("value", ["soon", "", "-5", "nan", "Wed, 99 Foo 2026"])
def test_odd_retry_after_is_an_ordinary_pause(value: str) -> None:
    """Nonsense in Retry-After is neither a date nor a number: the ordinary pause is made."""
    vendor = line(httpx.Response(429, headers={"retry-after": value}), httpx.Response(204))
    session(vendor).send("GET", "/things", idempotent=True)
    assert vendor.clock.monotonic() <= 0.5


def test_an_endless_retry_after_has_an_end() -> None:
    """A Retry-After beyond all reason is cut to a year, and no arithmetic fails over it."""
    for value in ("1e999", "99999999999999999999"):
        vendor = line(httpx.Response(429, headers={"retry-after": value}))
        fault = fault_of(vendor, idempotent=True)
        assert isinstance(fault, RateLimited)
        assert fault.until == vendor.clock.now() + timedelta(days=366)
