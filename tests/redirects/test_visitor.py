import itertools
import socket
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import httpcore
import pytest

from connectors.sdk.clock import SystemClock
from connectors.sdk.faults import RateLimited
from daemon.domain.redirects import Outcome
from daemon.domain.web_addresses import is_public_address
from daemon.sites.guarded import Allowance, OutOfBytes, OutOfTime, resolve_host
from daemon.sites.visitor import Network, SiteVisitor, VisitLimits
from tests.redirects.support import LOOPBACK, Web, answer, by_method
from tests.support.clocks import VirtualClock


def test_a_website_that_moved_is_followed(web: Web) -> None:
    """Over TLS with the name in Host and handshake, though the connection goes to an address."""
    web.sites = {"acme.com": answer(301, "http://bigcorp.com/"), "bigcorp.com": answer(200)}
    landing = web.visitor().visit("acme.com")
    assert (landing.outcome, landing.leads_to) == (Outcome.LEADS_ELSEWHERE, "bigcorp.com")
    assert web.asked == ["HEAD acme.com /", "HEAD bigcorp.com /"]
    assert web.sni == ["acme.com"]


def test_a_website_learns_nothing_of_us(web: Web) -> None:
    """No cookie comes back, and no header tells more than the program's name."""
    cookie = {"Set-Cookie": "id=1; Path=/"}
    web.sites = {
        "acme.com/": answer(302, "/next?a=b", **cookie),
        "acme.com/next?a=b": answer(200),
    }
    assert web.visitor().visit("acme.com").outcome is Outcome.STAYS
    for head in web.requests:
        names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line]
        assert sorted(names) == [
            b"accept",
            b"accept-encoding",
            b"connection",
            b"host",
            b"user-agent",
        ]
        assert b"user-agent: prospectd\r\n" in head.lower()


def test_a_certificate_for_another_name_is_no_website(web: Web) -> None:
    """What cannot prove its name over TLS is tried without, as if it had none."""
    web.sites = {"other.com": answer(200)}
    assert web.visitor().visit("other.com").outcome is Outcome.STAYS
    assert web.asked == ["HEAD other.com /"]
    assert web.names.count("other.com") == 2  # over TLS, where no request was sent, and without


def test_head_is_followed_by_get_where_it_is_refused(web: Web) -> None:
    """A server that takes only GET is understood all the same."""
    web.sites = {
        "acme.com": by_method(HEAD=answer(405), GET=answer(301, "http://bigcorp.com/x")),
        "bigcorp.com": answer(200),
    }
    assert web.visitor().visit("acme.com").leads_to == "bigcorp.com"
    assert web.asked == ["HEAD acme.com /", "GET acme.com /", "HEAD bigcorp.com /x"]


def test_the_front_page_with_www_is_found(web: Web) -> None:
    """Where the bare name does not exist."""
    web.sites = {"www.acme.com": answer(302, "http://bigcorp.com/"), "bigcorp.com": answer(200)}
    assert web.visitor().visit("acme.com").leads_to == "bigcorp.com"


def test_a_name_that_does_not_exist_is_unreachable(web: Web) -> None:
    """Nobody is asked anything."""
    assert web.visitor().visit("acme.com").outcome is Outcome.UNREACHABLE
    assert web.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.0.0.1/",
        "http://localhost/",
        "https://user:secret@acme.com/",
        "https://acme.com:8443/",
    ],
)
def test_a_redirect_inside_is_not_followed(web: Web, location: str) -> None:
    """Even where loopback may be asked: an address is no name, however it is written."""
    web.sites = {"acme.com": answer(301, location)}
    assert web.visitor().visit("acme.com").outcome is Outcome.FORBIDDEN
    assert web.asked == ["HEAD acme.com /"]


def test_the_real_defaults_refuse_loopback(web: Web) -> None:
    """Nothing reaches a server on this machine, whatever its name resolves to."""
    web.sites = {"acme.com": answer(200)}
    defaults = Network()
    assert defaults.is_allowed is is_public_address
    assert defaults.resolve is resolve_host
    careful = replace(web.network(), is_allowed=defaults.is_allowed)
    landing = web.visitor(network=careful).visit("acme.com")
    assert landing.outcome is Outcome.FORBIDDEN
    assert web.asked == []


def test_the_real_resolver_and_check_refuse_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor as the daemon makes it, and a name server that answers 127.0.0.1."""
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (LOOPBACK, 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [entry, entry])
    assert resolve_host("acme.com", 443) == (LOOPBACK,)
    made = SiteVisitor(VisitLimits(), clock=SystemClock())
    assert made.visit("acme.com").outcome is Outcome.FORBIDDEN


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], [LOOPBACK, "10.0.0.1"], ["93.184.216.34", "::1"], ["169.254.169.254"], ["what"]],
)
def test_one_bad_address_refuses_the_name(web: Web, addresses: Sequence[str]) -> None:
    """Also beside good ones, and before anything is connected to."""
    network = web.network(
        resolve=lambda _host, _port: addresses,
        is_allowed=lambda address: address == LOOPBACK or is_public_address(address),
    )
    assert web.visitor(network=network).visit("acme.com").outcome is Outcome.FORBIDDEN
    assert web.asked == []


def test_addresses_are_checked_after_each_redirect(web: Web) -> None:
    """A good website may lead to a name that leads inside."""
    web.sites = {"acme.com": answer(301, "http://trap.com/"), "trap.com": answer(200)}

    def resolve(host: str, port: int) -> Sequence[str]:
        return ["192.168.0.1"] if host == "trap.com" else web.resolve(host, port)

    landing = web.visitor(network=web.network(resolve=resolve)).visit("acme.com")
    assert landing.outcome is Outcome.FORBIDDEN
    assert web.asked == ["HEAD acme.com /"]


def test_a_name_that_resolves_anew_is_checked_anew(web: Web) -> None:
    """Rebinding: good at the first request, inside at the second; the second is not made."""
    web.sites = {"acme.com": answer(301, "/next")}
    answers = itertools.chain([[LOOPBACK]], itertools.repeat(["10.0.0.1"]))
    network = web.network(resolve=lambda _host, _port: next(answers))
    assert web.visitor(network=network).visit("acme.com").outcome is Outcome.FORBIDDEN
    assert web.asked == ["HEAD acme.com /"]


def test_a_name_is_resolved_once_a_connection(web: Web) -> None:
    """What is connected to is the address that was checked, not the name."""
    web.sites = {"acme.com": answer(200)}
    connected: list[str] = []

    class Noting(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
        ) -> httpcore.NetworkStream:
            connected.append(host)
            return super().connect_tcp(
                host, web.ports[port], timeout, local_address, socket_options
            )

    network = replace(web.network(), backend=Noting())
    assert web.visitor(network=network).visit("acme.com").outcome is Outcome.STAYS
    assert (web.names, connected) == (["acme.com"], [LOOPBACK])


def test_the_other_end_is_the_one_that_was_checked(web: Web) -> None:
    """A connection that came out elsewhere (a proxy, a redirected route) is hung up."""
    web.sites = {"acme.com": answer(200)}

    class Elsewhere(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
        ) -> httpcore.NetworkStream:
            del host
            return super().connect_tcp(
                LOOPBACK, web.ports[port], timeout, local_address, socket_options
            )

    network = Network(
        resolve=lambda _host, _port: ["93.184.216.34"],
        is_allowed=lambda address: is_public_address(address) or address == LOOPBACK,
        backend=Elsewhere(),
        tls=web.network().tls,
    )
    assert web.visitor(network=network).visit("acme.com").outcome is Outcome.FORBIDDEN
    assert web.asked == []


def test_an_end_that_is_gone_at_once_is_unreachable(web: Web) -> None:
    """A connection that was reset before anybody could ask whose it is."""
    web.sites = {"acme.com": answer(200)}

    class Gone(httpcore.NetworkStream):
        def get_extra_info(self, info: str) -> None:
            raise OSError(info)

        def close(self) -> None:
            closed.append(True)

    class Resetting(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
        ) -> httpcore.NetworkStream:
            del host, port, timeout, local_address, socket_options
            return Gone()

    closed: list[bool] = []
    network = replace(web.network(), backend=Resetting())
    assert web.visitor(network=network).visit("acme.com").outcome is Outcome.UNREACHABLE
    assert closed


def test_pages_are_not_read(web: Web) -> None:
    """A page without end is left as soon as its head is known."""

    def endless(connection: socket.socket, head: bytes) -> None:
        del head
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n")
        while True:  # until the other side hangs up, which raises
            connection.sendall(b"x" * 65_536)

    web.sites = {"acme.com": by_method(HEAD=answer(405), GET=endless)}
    assert web.visitor(max_bytes=20_000).visit("acme.com").outcome is Outcome.STAYS


def test_a_head_without_end_is_given_up(web: Web) -> None:
    """More bytes than a website may send end the look."""

    def endless(connection: socket.socket, head: bytes) -> None:
        del head
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Filler: " + b"x" * 1_000 + b"\r\n")

    web.sites = {"acme.com": endless}
    landing = web.visitor(max_bytes=20_000).visit("acme.com")
    assert landing.outcome is Outcome.TOO_LARGE
    assert web.asked == ["HEAD acme.com /"]


def test_the_bytes_of_all_answers_count_together(web: Web) -> None:
    """Several answers below the limit are beyond it together."""
    filler = {"X-Filler": "x" * 3_000}
    web.sites = {
        f"acme.com/{place or ''}": answer(302, f"/{place + 1}", **filler) for place in range(5)
    }
    assert web.visitor(max_bytes=8_000).visit("acme.com").outcome is Outcome.TOO_LARGE
    assert len(web.asked) < 5


def test_a_slow_drip_is_given_up(web: Web) -> None:
    """A byte now and then keeps nobody: the time is of the whole website."""

    def dripping(connection: socket.socket, head: bytes) -> None:
        del head
        for letter in itertools.chain(b"HTTP/1.1 200 OK\r\nX-Filler: ", itertools.repeat(120)):
            connection.sendall(bytes([letter]))
            if web.over.wait(0.01):
                return

    web.sites = {"acme.com": dripping}
    assert web.visitor(seconds=0.4).visit("acme.com").outcome is Outcome.TOO_SLOW


def test_silence_is_given_up(web: Web) -> None:
    """A server that takes the request and says nothing."""

    def silent(connection: socket.socket, head: bytes) -> None:
        del connection, head
        web.over.wait(5)

    web.sites = {"acme.com": silent}
    assert web.visitor(seconds=0.3).visit("acme.com").outcome is Outcome.TOO_SLOW


def test_the_time_of_all_requests_counts_together(web: Web) -> None:
    """A chain in which each answer is quick enough is not when there are many."""
    clock = VirtualClock()
    web.sites = {f"acme.com/{place or ''}": answer(302, f"/{place + 1}") for place in range(9)}

    def resolve(host: str, port: int) -> Sequence[str]:
        clock.advance(timedelta(seconds=2))
        return web.resolve(host, port)

    visitor = web.visitor(clock=clock, network=web.network(resolve=resolve), max_redirects=9)
    assert visitor.visit("acme.com").outcome is Outcome.TOO_SLOW
    assert len(web.asked) == 2


def test_what_is_no_http_is_no_website(web: Web) -> None:
    """Garbage, and a hang-up, to HEAD and to GET."""
    web.sites = {
        "acme.com": lambda connection, _head: connection.sendall(b"\x00\xff garbage\r\n\r\n"),
        "www.acme.com": lambda _connection, _head: None,
    }
    assert web.visitor().visit("acme.com").outcome is Outcome.UNREACHABLE
    assert [line.partition(" ")[0] for line in web.asked] == ["HEAD", "GET"] * 4


def test_circles_and_long_chains_end(web: Web) -> None:
    """On the wire as in the plan."""
    web.sites = {
        "acme.com": answer(302, "http://other.com/"),
        "other.com": answer(302, "https://acme.com/"),
    }
    assert web.visitor().visit("acme.com").outcome is Outcome.LOOP
    web.sites = {f"acme.com/{place or ''}": answer(302, f"/{place + 1}") for place in range(9)}
    web.requests.clear()
    assert web.visitor(max_redirects=5).visit("acme.com").outcome is Outcome.TOO_MANY
    assert len(web.asked) == 6


def test_no_proxy_of_the_environment_is_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name itself, and nobody could check the address."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.sites = {"acme.com": answer(200)}
    assert web.visitor().visit("acme.com").outcome is Outcome.STAYS


def test_requests_are_spread_over_time(web: Web) -> None:
    """No more in a minute than allowed; the waiting is not taken from the website's time."""
    clock = VirtualClock()
    web.sites = {f"acme.com/{place or ''}": answer(302, f"/{place + 1}") for place in range(4)}
    web.sites["acme.com/4"] = answer(200)
    start = clock.monotonic()
    visitor = web.visitor(clock=clock, requests_per_minute=2)
    assert visitor.visit("acme.com").outcome is Outcome.STAYS
    assert clock.monotonic() - start == pytest.approx(120)


def test_a_stop_ends_the_waiting_for_a_turn(web: Web) -> None:
    """The clock of a stopping program wakes who sleeps; nothing is asked any more."""

    class Stopping(VirtualClock):
        def sleep(self, seconds: float) -> None:
            raise RateLimited("stopping", f"not {seconds} s")

    web.sites = {"acme.com": answer(302, "/next")}
    with pytest.raises(RateLimited):
        web.visitor(clock=Stopping(), requests_per_minute=1).visit("acme.com")
    assert len(web.asked) == 1


def test_an_allowance_is_used_up() -> None:
    """Time that has passed is gone, and time spent waiting can be given back."""
    clock = VirtualClock()
    allowance = Allowance(clock, seconds=5, size=10)
    assert allowance.seconds() == pytest.approx(5)
    assert allowance.seconds(2) == pytest.approx(2)
    clock.advance(timedelta(seconds=5))
    with pytest.raises(OutOfTime):
        allowance.seconds()
    allowance.extend(1)
    assert allowance.seconds(2) == pytest.approx(1)
    allowance.take(10)
    with pytest.raises(OutOfBytes):
        allowance.take(1)
