"""The day's tokens, the requests of two seconds, and the page for those who persist."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pipedrive.connector import PipedriveConnector
from connectors.pipedrive.quota import Tokens, judge_limits, next_midnight, short_of_tokens
from connectors.sdk.faults import Fault, QuotaExhausted, RateLimited, WaitUntil
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.replies import Reply, Where
from connectors.sdk.simulator import html_page
from tests.connectors.pipedrive.account import Office, company

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
WHERE = Where(vendor="crm", method="GET", path="/organizations", idempotent=True)


def judged(
    status: int,
    headers: dict[str, str] | None = None,
    body: bytes = b"{}",
    used_up_until: datetime | None = None,
) -> WaitUntil | None:
    reply = Reply(status=status, headers=headers or {}, body=body, where=WHERE)
    return judge_limits(reply, now=NOW, zone="UTC", used_up_until=used_up_until)


@pytest.mark.parametrize(
    ("headers", "kind", "until"),
    [
        ({"x-daily-ratelimit-token-remaining": "0"}, QuotaExhausted, MIDNIGHT),
        ({"x-daily-ratelimit-token-remaining": "7"}, QuotaExhausted, MIDNIGHT),
        ({"x-ratelimit-remaining": "18", "x-ratelimit-reset": "2"}, QuotaExhausted, MIDNIGHT),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"},
            RateLimited,
            NOW + timedelta(seconds=2),
        ),
        (
            {"x-daily-ratelimit-token-remaining": "9000", "x-ratelimit-remaining": "3"},
            RateLimited,
            None,
        ),
        ({"retry-after": "30"}, RateLimited, NOW + timedelta(seconds=30)),
        (
            {"retry-after": "30", "x-daily-ratelimit-token-remaining": "0"},
            QuotaExhausted,
            NOW + timedelta(seconds=30),
        ),
        ({}, RateLimited, None),
        ({"x-ratelimit-reset": "soon", "x-ratelimit-remaining": "?"}, RateLimited, None),
    ],
)
def test_which_limit_a_429_is_about(
    headers: dict[str, str], kind: type[Fault], until: datetime | None
) -> None:
    """The day's budget is waited out until midnight, a full window for its seconds."""
    fault = judged(429, headers)
    assert (type(fault), fault.until if fault else ...) == (kind, until)


def test_a_403_page_is_waited_out_and_json_is_not() -> None:
    """The lock-out page is no verdict on the token; a 403 in JSON is left to the common rules."""
    page = html_page(403)
    headers = {"content-type": "text/html"}
    alone = judged(403, headers, page.content)
    known = judged(403, headers, page.content, used_up_until=MIDNIGHT)
    assert (type(alone), alone and alone.until) == (RateLimited, NOW + timedelta(minutes=10))
    assert (type(known), known and known.until) == (QuotaExhausted, MIDNIGHT)
    assert judged(403) is None
    assert judged(200) is None


@given(st.integers(0, 6 * 366 * 24).map(lambda hours: NOW + timedelta(hours=hours, minutes=7)))
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
def test_midnight_comes_within_a_day(zone: str, now: datetime) -> None:
    """The next midnight lies ahead, at most 25 hours, the autumn's long day included."""
    assert timedelta(0) < next_midnight(now, zone) - now <= timedelta(hours=25)


def test_midnight_is_that_of_the_zone() -> None:
    """In winter the day in New York begins at 5 o'clock UTC."""
    found = next_midnight(NOW, "America/New_York")
    assert found == datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(("left", "kept", "short"), [(19, 0, True), (20, 0, False),
                                                     (119, 100, True), (120, 100, False),
                                                     (None, 100, False)])  # fmt: skip
def test_what_is_kept_for_others_is_not_spent(
    left: float | None, kept: int, *, short: bool
) -> None:
    """Sending stops while the dearest request would still leave what is kept."""
    fault = short_of_tokens("crm", Tokens(left=left, limit=30_000), MIDNIGHT, kept=kept)
    assert (fault is not None) is short


def until_refused(connector: PipedriveConnector) -> QuotaExhausted:
    for _ in range(1000):
        try:
            list(connector.scan(None))
        except QuotaExhausted as fault:
            return fault
    pytest.fail("the budget never came to its end")


def test_a_used_up_day_is_told_and_waited_out(office: Office) -> None:
    """When the tokens run out, nothing is sent until midnight; then it goes on by itself."""
    office.crm.limits.daily = 300
    connector = office.ready()
    fault = until_refused(connector)
    sent = len(office.requests)
    assert fault.until == MIDNIGHT
    assert "of 300 left" in fault.message
    assert "2026-03-03 00:00 UTC" in fault.message
    for _ in range(50):
        with pytest.raises(QuotaExhausted):
            list(connector.scan(None))
        office.clock.advance(timedelta(minutes=10))
    assert len(office.requests) == sent
    assert (office.crm.limits.refused, office.crm.limits.shut_out) == (0, False)
    office.clock.advance(MIDNIGHT - office.clock.now())
    list(connector.scan(None))


def test_without_the_headers_one_429_is_enough(office: Office) -> None:
    """Where the undocumented headers are missing, the window's room tells which limit it is."""
    office.crm.limits.daily = 300
    office.crm.limits.tells_tokens = False
    connector = office.ready()
    fault = until_refused(connector)
    with pytest.raises(QuotaExhausted):
        list(connector.scan(None))
    assert fault.until == MIDNIGHT
    assert "was not told" in fault.message
    assert office.crm.limits.refused == 1


def test_a_push_on_a_used_up_day_is_not_sent(office: Office) -> None:
    """A company that meets the end of the budget is not in doubt: nothing happened."""
    connector = office.ready()
    connector.push([company("first.com")])
    office.crm.limits.daily = office.crm.limits.spent
    with pytest.raises(QuotaExhausted):
        connector.push([company("acme.com")])
    assert len(office.crm.account.rows) == 1


def test_the_rest_of_a_push_is_told_when_it_may_go_on(office: Office) -> None:
    """Of several companies those behind the end of the budget come back with the moment."""
    connector = office.ready()
    connector.lookup([company("first.com").company])
    office.crm.limits.daily = office.crm.limits.spent + 60
    outcomes = connector.push([company("first.com"), company("acme.com"), company("last.com")])
    assert [one.kind for one in outcomes] == [
        OutcomeKind.CREATED,
        OutcomeKind.NOT_SENT,
        OutcomeKind.NOT_SENT,
    ]
    assert {one.retry_at for one in outcomes[1:]} == {MIDNIGHT}


def test_tokens_are_kept_for_others(office: Office) -> None:
    """With ``keep_tokens`` the budget is left alone before it is used up, and the fault says so."""
    office.crm.limits.daily = 1000
    fault = until_refused(office.ready(keep_tokens=500))
    assert "500 that are kept for others" in fault.message
    assert 1000 - office.crm.limits.spent >= 500


def test_the_budgets_midnight_may_be_elsewhere(office: Office) -> None:
    """The day of the budget ends in the zone of the option."""
    office.crm.limits.daily = 300
    fault = until_refused(office.ready(budget_timezone="America/New_York"))
    assert fault.until == datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


def test_who_is_shut_out_stops(office: Office) -> None:
    """The 403 page is met once; then nothing is sent for the time that it is waited out."""
    connector = office.ready()
    office.scripted = lambda _: html_page(403)
    for _ in range(3):
        with pytest.raises(RateLimited, match="shuts out"):
            list(connector.scan(None))
    assert len(office.requests) == 1


@pytest.mark.parametrize("burst", [20, 120])
def test_the_windows_limits_are_kept(office: Office, burst: int) -> None:
    """However fast the connector is, the account never has to refuse a request or a search."""
    office.crm.limits.burst = burst
    connector = office.ready()
    refused: list[int] = []
    handle = office.crm.handle

    def count(request: httpx.Request) -> httpx.Response:
        response = handle(request)
        refused.append(response.status_code)
        return response

    office.scripted = count
    for number in range(30):
        connector.push([company(f"firm-{number}.com")])
    assert set(refused) == {200}


def test_a_larger_plan_is_used(office: Office) -> None:
    """The headers raise the limit of the smallest plan to that of the account's own."""
    office.crm.limits.burst = 100
    connector = office.ready()
    began = office.clock.now()
    for _ in range(80):
        connector.read(["1"])
    assert office.clock.now() - began < timedelta(seconds=3)
