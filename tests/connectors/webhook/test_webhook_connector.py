"""Sending messages: what each refusal means, and what the audit sees."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random

import httpx
import pytest

from connectors.registry import open_connector
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.conformance.stage import company_item
from connectors.sdk.faults import BadCredentials, NeedsPerson, Permanent, RateLimited
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.simulator import SimulatorTransport
from connectors.webhook import WebhookConnector, WebhookOptions, connector
from connectors.webhook.harness import SECRET
from connectors.webhook.simulator import WebhookReceiver

Answer = Callable[[httpx.Request], httpx.Response]


class Scripted:
    """A receiver that answers as it is told, and keeps what it got."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.got: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The next answer; the last one again and again."""
        self.got.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def opened(
    receiver: Scripted | WebhookReceiver,
    *,
    url: str = "https://hooks.example/T0123/secret-path",
    seen: list[Exchange] | None = None,
    **values: object,
) -> WebhookConnector:
    """A connector to the receiver."""
    context = ConnectorContext(
        name="hook",
        secrets={"secret": SECRET},
        transport=SimulatorTransport({"hooks.example": receiver}),
        clock=VirtualClock(),
        random=Random(1),
        observe=([] if seen is None else seen).append,
    )
    options = WebhookOptions.model_validate({"type": "webhook", "url": url, **values})
    made = open_connector(connector, options, context)
    assert isinstance(made, WebhookConnector)
    return made


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, BadCredentials),
        (403, BadCredentials),
        (404, NeedsPerson),
        (405, NeedsPerson),
        (410, NeedsPerson),
        (302, NeedsPerson),
        (402, NeedsPerson),
        (429, RateLimited),
    ],
)
def test_refusals_of_the_address_are_faults(status: int, fault: type[Exception]) -> None:
    """What says something of the address, and not of the company, is a fault."""
    hook = opened(Scripted(httpx.Response(status, json={"message": "no"})))
    with pytest.raises(fault):
        hook.push([company_item(1)])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, OutcomeKind.CREATED),
        (204, OutcomeKind.CREATED),
        (400, OutcomeKind.REJECTED),
        (409, OutcomeKind.EXISTED),
        (422, OutcomeKind.REJECTED),
        (500, OutcomeKind.UNKNOWN),
        (502, OutcomeKind.UNKNOWN),
    ],
)
def test_what_a_status_means_for_the_company(status: int, kind: OutcomeKind) -> None:
    """Each status is read as the company's fate; a server's error leaves it open."""
    (outcome,) = opened(Scripted(httpx.Response(status))).push([company_item(1)])
    assert outcome.kind is kind


def test_a_doubt_sends_no_more() -> None:
    """After a message in doubt the others wait; nothing is sent twice."""
    receiver = Scripted(httpx.Response(204), httpx.ReadTimeout("late"), httpx.Response(204))
    outcomes = opened(receiver).push([company_item(number) for number in range(4)])
    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.CREATED,
        OutcomeKind.UNKNOWN,
        OutcomeKind.NOT_SENT,
        OutcomeKind.NOT_SENT,
    ]
    assert len(receiver.got) == 2


def test_a_limit_in_the_middle_names_the_time() -> None:
    """When the receiver slows us down, the rest is not sent before the time that it names."""
    busy = httpx.Response(429, headers={"retry-after": "600"})
    outcomes = opened(Scripted(httpx.Response(204), busy)).push(
        [company_item(number) for number in range(3)]
    )
    waiting = VirtualClock().now() + timedelta(seconds=600)
    assert [outcome.retry_at for outcome in outcomes] == [None, waiting, waiting]


def test_a_message_keeps_its_id_over_connectors() -> None:
    """After a restart the same company's message has the same id."""
    receiver = Scripted(httpx.Response(204))
    for _ in range(2):
        opened(receiver).push([company_item(1)])
    first, again = (request.headers["webhook-id"] for request in receiver.got)
    assert first == again == "trace-1"


def test_the_path_is_kept_secret() -> None:
    """The path and query of the address, often its password, show in no exchange or fault."""
    seen: list[Exchange] = []
    url = "https://hooks.example/T0123/secret-path?token=abcdef"
    hook = opened(Scripted(httpx.Response(404)), url=url, seen=seen)
    with pytest.raises(NeedsPerson) as raised:
        hook.push([company_item(1)])
    shown = repr(seen) + str(raised.value)
    assert "secret-path" not in shown
    assert "abcdef" not in shown


def test_the_query_is_sent() -> None:
    """The address is used whole, with its path and query."""
    receiver = Scripted(httpx.Response(204))
    opened(receiver, url="https://hooks.example/a?b=c").push([company_item(1)])
    assert str(receiver.got[0].url) == "https://hooks.example/a?b=c"


def test_a_bare_host_is_an_address() -> None:
    """An address without a path is sent to as it is."""
    receiver = Scripted(httpx.Response(204))
    opened(receiver, url="https://hooks.example").push([company_item(1)])
    assert receiver.got[0].url.path == "/"


@pytest.mark.parametrize(("per_second", "seconds"), [(10.0, 1), (1.0, 19), (0.5, 38)])
def test_the_rate_is_kept(per_second: float, seconds: float) -> None:
    """So many messages a second are sent, and no more."""
    hook = opened(Scripted(httpx.Response(204)), requests_per_second=per_second)
    start = hook._clock.monotonic()
    for number in range(20):
        hook.push([company_item(number)])
    assert hook._clock.monotonic() - start >= seconds


def test_nothing_can_be_read() -> None:
    """A webhook that is asked to read says that it cannot."""
    hook = opened(Scripted(httpx.Response(204)))
    assert not hook.capabilities.mirrors
    with pytest.raises(Permanent, match="only be sent to"):
        hook.scan(None)
    with pytest.raises(Permanent, match="only be sent to"):
        hook.read(["1"])
    assert hook.lookup([company_item(1).company]) == [()]


def test_a_connector_without_a_secret_is_not_opened() -> None:
    """A missing secret is told when the connector is opened, before anything is sent."""
    options = WebhookOptions(type="webhook", url="https://hooks.example/")
    with pytest.raises(BadCredentials, match="whsec_"):
        open_connector(connector, options, ConnectorContext(name="hook"))


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """A receiver on this machine's own network."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            answer = b'{"status": "created", "id": "R-1"}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/prospects", got
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_real_receiver_gets_it(server: tuple[str, list[bytes]]) -> None:
    """Over a real connection the message arrives and the answer is read."""
    url, got = server
    options = WebhookOptions(type="webhook", url=url)
    hook = WebhookConnector(options, ConnectorContext(name="hook", secrets={"secret": SECRET}))
    (outcome,) = hook.push([company_item(1)])
    hook.close()
    assert outcome.record_id == "R-1"
    assert b'"firm-1.com"' in got[0]
