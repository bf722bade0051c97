"""The limiter: never more than allowed, in any window, whatever the vendor says."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.clock import SystemClock
from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import QuotaExhausted, RateLimited
from connectors.sdk.rates import RateHeaders, RateLimiter, RateModel

HEADERS = RateHeaders(
    limit="x-max", remaining="x-left", window_ms="x-window", reset_seconds="x-reset"
)


def limiter(clock: VirtualClock, **model: Any) -> RateLimiter:
    settings: dict[str, Any] = {"limit": 3, "per_seconds": 10, "headers": HEADERS, **model}
    return RateLimiter(RateModel(**settings), vendor="crm", clock=clock)


def times(one: RateLimiter, clock: VirtualClock, count: int) -> Iterator[float]:
    for _ in range(count):
        one.acquire()
        yield clock.monotonic()


@given(
    limit=st.integers(1, 20),
    per_seconds=st.floats(0.1, 60),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_no_window_holds_more_than_the_limit(
    limit: int, per_seconds: float, pauses: list[float]
) -> None:
    """In any window of the length there are at most ``limit`` sendings, unlike a token bucket."""
    clock = VirtualClock()
    one = RateLimiter(
        RateModel(limit=limit, per_seconds=per_seconds),
        vendor="crm",
        clock=clock,
        longest_wait=timedelta(hours=1),
    )
    sent = []
    for pause in pauses:
        clock.sleep(pause)
        one.acquire()
        sent.append(clock.monotonic())
    for first, last in zip(sent, sent[limit:], strict=False):
        assert last - first >= per_seconds - 1e-3


def test_the_first_are_not_delayed() -> None:
    """Up to the limit nobody waits; the next one waits for the window to pass."""
    clock = VirtualClock()
    assert list(times(limiter(clock), clock, 4)) == [0, 0, 0, 10]


def test_headers_raise_and_lower_the_limit() -> None:
    """What the vendor announces beats what was assumed."""
    clock = VirtualClock()
    one = limiter(clock)
    one.heed({"x-max": "5", "x-window": "2000"})
    assert one.rate == (5.0, 2.0)
    assert list(times(one, clock, 6)) == [0, 0, 0, 0, 0, 2]


def test_an_operators_ceiling_is_not_raised() -> None:
    """No header lifts the operator's own ceiling; one below a request a window stretches it."""
    clock = VirtualClock()
    one = limiter(clock, ceiling_per_second=0.2)
    one.heed({"x-max": "1000"})
    assert one.rate == (2.0, 10.0)
    slow = limiter(clock, ceiling_per_second=0.05)
    assert slow.rate == (1.0, 20.0)


def test_nothing_remaining_waits_for_the_reset() -> None:
    """When nothing remains the next sending waits for the announced reset, else the window."""
    clock = VirtualClock()
    one = limiter(clock)
    one.heed({"x-left": "0", "x-reset": "4"})
    assert list(times(one, clock, 1)) == [4]
    one.heed({"x-left": "0"})
    assert list(times(one, clock, 1)) == [14]


def test_odd_headers_are_ignored() -> None:
    """A header that is no sensible number changes nothing."""
    clock = VirtualClock()
    one = limiter(clock)
    for value in ("", "many", "-1", "nan", "inf"):
        one.heed({"x-max": value, "x-window": value, "x-left": value})
    assert one.rate == (3.0, 10.0)
    assert list(times(one, clock, 1)) == [0]


def test_costs_count() -> None:
    """Points are spent, not requests; one that costs more than all waits for an empty window."""
    clock = VirtualClock()
    one = limiter(clock)
    one.acquire(2)
    one.acquire(2)
    assert clock.monotonic() == 10
    one.acquire(50)
    assert clock.monotonic() == 20


def test_a_block_is_waited_out_or_told() -> None:
    """A short block is slept; a long one is a fault with its moment, and nothing is sent."""
    clock = VirtualClock()
    one = limiter(clock)
    one.block(clock.now() + timedelta(seconds=30))
    one.acquire()
    assert clock.monotonic() == 30
    until = clock.now() + timedelta(hours=2)
    one.block(until)
    one.block(clock.now() + timedelta(seconds=1))
    with pytest.raises(RateLimited) as caught:
        one.acquire()
    assert caught.value.until == until
    assert clock.monotonic() == 30


def test_a_used_up_quota_stays_what_it_is() -> None:
    """While a block lasts, whoever asks is told the fault that caused it, not another one."""
    clock = VirtualClock()
    one = limiter(clock)
    until = clock.now() + timedelta(hours=5)
    quota = QuotaExhausted("daily", "the day is used up", until=until, status=429)
    one.block(until, because=quota)
    for _ in range(2):
        with pytest.raises(QuotaExhausted, match="used up") as caught:
            one.acquire()
        assert (caught.value.until, caught.value.code) == (until, "daily")
    clock.advance(timedelta(hours=5))
    one.acquire()


class Gate:
    """A shared gate that answers from a list of waits."""

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.asked: list[tuple[str, float, float]] = []
        self.blocked: list[tuple[str, datetime]] = []

    def acquire(self, vendor: str, *, limit: float, per_seconds: float) -> float:
        """The next wait of the list."""
        self.asked.append((vendor, limit, per_seconds))
        return self.waits.pop(0)

    def block(self, vendor: str, until: datetime) -> None:
        """Remember the block."""
        self.blocked.append((vendor, until))


def test_the_shared_gate_has_the_last_word() -> None:
    """With a gate each sending asks it until a place is free, and blocks are passed on."""
    clock = VirtualClock()
    gate = Gate(3.0, 2.0, 0.0)
    one = RateLimiter(RateModel(limit=9, per_seconds=1), vendor="crm", clock=clock, gate=gate)
    one.acquire()
    assert clock.monotonic() == 5
    assert gate.asked == [("crm", 9, 1)] * 3
    until = clock.now() + timedelta(seconds=9)
    one.block(until)
    assert gate.blocked == [("crm", until)]


def test_threads_share_one_window() -> None:
    """Many threads at once take no more than the limit before somebody has to wait."""
    clock = SystemClock()
    one = RateLimiter(
        RateModel(limit=50, per_seconds=3_600),
        vendor="crm",
        clock=clock,
        longest_wait=timedelta(seconds=1),
    )
    refused: list[bool] = []

    def send() -> None:
        for _ in range(20):
            try:
                one.acquire()
            except RateLimited:
                refused.append(True)

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 8 * 20 - 50
