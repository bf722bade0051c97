"""Access tokens, data centres, scopes and limits of Zoho."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.sdk.faults import BadCredentials, NeedsPerson, QuotaExhausted, RateLimited
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.protocol import Level
from connectors.zoho.harness import ACCOUNTS_HOST, API_HOST
from connectors.zoho.options import DATA_CENTRES, ZohoOptions
from connectors.zoho.scopes import NEEDED, is_covered
from tests.connectors.zoho.organisation import (
    CLIENT_ID,
    SECRETS,
    Organisation,
    company,
    is_insert,
)


def crm_requests(zoho: Organisation) -> list[httpx.Request]:
    """The requests that went to the CRM itself."""
    return [one for one in zoho.requests if one.url.host == API_HOST]


def test_a_token_serves_for_an_hour(zoho: Organisation) -> None:
    """One access token is used until some minutes before its end; then another is got."""
    opened = zoho.ready()
    for minutes in (0, 20, 30, 20, 20):
        zoho.clock.advance(timedelta(minutes=minutes))
        opened.read(["1"])
    assert zoho.crm.desk.given == 2


def test_a_token_is_renewed_before_its_end(zoho: Organisation) -> None:
    """No request goes out with a token that may run out on the way."""
    opened = zoho.ready()
    zoho.clock.advance(timedelta(minutes=57))
    opened.read(["1"])
    assert zoho.crm.desk.given == 2


def test_a_revoked_access_token_is_renewed_amid_a_write(zoho: Organisation) -> None:
    """A 401 means not processed: the insert is sent once more with a new token, and counts once."""
    zoho.ready()

    def revoke(request: httpx.Request) -> None:
        if is_insert(request) and len(zoho.inserts()) == 1:
            zoho.crm.desk.revoke_access()

    outcome = zoho.open(before=revoke).push([company("acme.com")])[0]
    assert outcome.kind is OutcomeKind.CREATED
    assert len(zoho.inserts()) == 2
    assert len(zoho.stored()) == 1


def test_the_secrets_go_in_the_body_to_the_accounts_host_alone(zoho: Organisation) -> None:
    """Neither secret is in an address, or in a request to the CRM."""
    zoho.ready().push([company("acme.com")])
    zoho.open().read(["1"])
    for request in zoho.requests:
        shown = f"{request.url}{request.headers}"
        for secret in SECRETS.values():
            assert secret not in shown
            assert request.url.host == ACCOUNTS_HOST or secret.encode() not in request.content


def test_too_many_tokens_are_waited_out(zoho: Organisation) -> None:
    """The eleventh token in ten minutes is refused; the fault says until when."""
    for _ in range(10):
        zoho.open().read(["1"])
    with pytest.raises(RateLimited) as caught:
        zoho.open().read(["1"])
    assert caught.value.code == "token_limit"
    assert caught.value.until == zoho.clock.now() + timedelta(minutes=10)
    zoho.clock.advance(timedelta(minutes=10))
    zoho.open().read(["1"])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"refresh_token": "other"}, "refresh token"),
        ({"client": {"client_id": CLIENT_ID, "client_secret": "other"}}, "client_secret"),
        ({"client": {"client_id": "other", "client_secret": "other"}}, "data_centre"),
    ],
)
def test_a_refused_refresh_says_what_is_wrong(
    zoho: Organisation, change: dict[str, Any], word: str
) -> None:
    """Refusals come under 200; each is read, is told with its cause, and the probe has a remedy."""
    for name, value in change.items():
        setattr(zoho.crm.desk, name, value)
    with pytest.raises(BadCredentials, match=word):
        list(zoho.open().scan(None))
    (finding,) = zoho.open().probe()
    assert finding.level is Level.PROBLEM
    assert finding.remedy
    assert crm_requests(zoho) == []


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, json={}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"access_token": 5}),
        httpx.Response(200, json={"error": "something_new"}),
        httpx.Response(401, json={"error": "something_new"}),
    ],
)
def test_a_reply_without_a_token_asks_for_a_person(
    zoho: Organisation, reply: httpx.Response
) -> None:
    """Whatever the accounts server says, without a token nothing goes to the CRM."""
    zoho.script = lambda _: httpx.Response(reply.status_code, content=reply.content)
    with pytest.raises(BadCredentials):
        zoho.open().read(["1"])
    assert crm_requests(zoho) == []


def test_a_token_without_a_stated_lifetime_lasts_an_hour(zoho: Organisation) -> None:
    """A reply that does not say how long it holds is taken at an hour."""

    def plain(request: httpx.Request) -> httpx.Response | None:
        if request.url.host != ACCOUNTS_HOST:
            return httpx.Response(204)
        return httpx.Response(200, json={"access_token": "t", "expires_in": None})

    zoho.script = plain
    opened = zoho.open()
    for _ in range(3):
        opened.read(["1"])
        zoho.clock.advance(timedelta(minutes=20))
    assert len(zoho.requests) == 4


def test_the_wrong_data_centre_is_told_and_sent_nothing(zoho: Organisation) -> None:
    """A token of another data centre is not sent to the configured one."""
    zoho.crm.desk.api_domain = "https://www.zohoapis.in"
    with pytest.raises(NeedsPerson, match=r"zohoapis\.in"):
        zoho.open().read(["1"])
    assert crm_requests(zoho) == []


def test_a_sandbox_may_be_elsewhere(zoho: Organisation) -> None:
    """With an address of one's own the token's data centre is not questioned."""
    zoho.crm.desk.api_domain = "https://www.zohoapis.in"
    api, accounts = f"https://{API_HOST}/", f"https://{ACCOUNTS_HOST}"
    assert zoho.open(base_url=api, accounts_url=accounts).read(["1"]) == {}


def test_each_data_centre_has_its_hosts() -> None:
    """The addresses follow from the option, and every data centre has its own two."""
    options = ZohoOptions(type="zoho", client_id="c", data_centre="au")
    assert options.api_address() == "https://www.zohoapis.com.au"
    assert options.accounts_address() == "https://accounts.zoho.com.au"
    hosts = [host for centre in DATA_CENTRES.values() for host in (centre.api, centre.accounts)]
    assert len(set(hosts)) == 2 * len(DATA_CENTRES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"data_centre": "mars"},
        {"key_field": "Prospectd Key"},
        {"mapping": {"Prospectd_Key": "{name}"}},
        {"mapping": {"Modified_Time": "{found_at}"}},
        {"mapping": {"Account_Name": "{nosuch}"}},
        {"page_size": 201},
        {"token_env": "X"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """What Zoho would refuse at run time is refused when the file is read."""
    with pytest.raises(ValidationError):
        ZohoOptions.model_validate({"type": "zoho", "client_id": "c", **wrong})


# Scopes.


@pytest.mark.parametrize("scope", NEEDED)
def test_a_missing_scope_is_named(zoho: Organisation, scope: str) -> None:
    """The probe names the scope where Zoho tells them, and is refused where it does not."""
    zoho.ready()
    zoho.crm.desk.scopes.remove(scope)
    problems = [one for one in zoho.open().probe() if one.level is Level.PROBLEM]
    assert problems
    assert all("ZohoCRM.coql.READ" in one.remedy for one in problems)


def test_no_token_is_renewed_for_a_scope_that_is_lacking(zoho: Organisation) -> None:
    """A missing scope is a 401 as well, but another token would not help."""
    opened = zoho.ready()
    zoho.crm.desk.scopes.clear()
    given = zoho.crm.desk.given
    with pytest.raises(BadCredentials, match="OAUTH_SCOPE_MISMATCH"):
        opened.push([company("acme.com")])
    assert zoho.crm.desk.given == given


def test_scopes_that_are_not_told_are_not_missed(zoho: Organisation) -> None:
    """Where Zoho does not say what the token may do, the probe does not guess."""
    zoho.crm.desk.tells_scopes = False
    zoho.ready()
    assert {one.level for one in zoho.open().probe()} == {Level.OK}


@pytest.mark.parametrize(
    ("granted", "covered"),
    [
        ("ZohoCRM.modules.ALL", True),
        ("ZohoCRM.modules.accounts.all", True),
        ("ZohoCRM.modules.CREATE", True),
        ("ZohoCRM.modules.accounts.WRITE", True),
        ("ZohoCRM.modules.accounts.READ", False),
        ("ZohoCRM.modules.contacts.ALL", False),
        ("ZohoCRM.settings.ALL", False),
    ],
)
def test_a_wider_scope_covers_a_narrower(granted: str, *, covered: bool) -> None:
    """ALL, WRITE and a scope above all serve for creating accounts; others do not."""
    assert is_covered("ZohoCRM.modules.accounts.CREATE", [granted]) is covered


# Limits.


def test_the_limit_of_parallel_requests_is_waited_out(zoho: Organisation) -> None:
    """Turned away at the door, an insert is sent again after a pause, and counts once."""
    opened = zoho.ready()
    zoho.crm.busy_times = 2
    assert opened.push([company("acme.com")])[0].kind is OutcomeKind.CREATED
    assert len(zoho.stored()) == 1


def test_used_up_credits_are_waited_for(zoho: Organisation) -> None:
    """Without credits nothing is sent for an hour, and the company is not lost."""
    opened = zoho.ready()
    zoho.crm.credits = 0
    with pytest.raises(QuotaExhausted) as caught:
        opened.push([company("acme.com")])
    assert caught.value.until == zoho.clock.now() + timedelta(hours=1)
    zoho.requests.clear()
    with pytest.raises(QuotaExhausted):
        opened.push([company("acme.com")])
    assert zoho.requests == []
    zoho.clock.advance(timedelta(hours=25))
    zoho.crm.credits = 100
    assert opened.push([company("acme.com")])[0].kind is OutcomeKind.CREATED


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-api-credits-remaining": "0"}, "Too many requests"),
        ({}, "You have used up the API credits of the last 24 hours"),
        ({"retry-after": "3600"}, "daily limit"),
    ],
)
def test_used_up_credits_are_told_by_header_or_words(
    zoho: Organisation, headers: dict[str, str], message: str
) -> None:
    """Either shows that the day's credits are gone, and not a moment's crowd."""
    opened = zoho.ready()
    body = {"code": "TOO_MANY_REQUESTS", "message": message}
    zoho.script = lambda _: httpx.Response(429, headers=headers, json=body)
    with pytest.raises(QuotaExhausted) as caught:
        opened.read(["1"])
    assert caught.value.until == zoho.clock.now() + timedelta(hours=1)


def test_credits_come_back_as_the_day_rolls_on(zoho: Organisation) -> None:
    """The simulated day is a rolling one: yesterday's requests cost nothing any more."""
    zoho.crm.credits = 3
    opened = zoho.open()
    for _ in range(3):
        opened.read(["1"])
    with pytest.raises(QuotaExhausted):
        opened.read(["1"])
    zoho.clock.advance(timedelta(hours=24))
    opened.read(["1"])


def test_an_own_ceiling_is_kept(zoho: Organisation) -> None:
    """``requests_per_second`` slows the connector down."""
    opened = zoho.open(requests_per_second=0.5)
    opened.read(["1"])
    before = zoho.clock.now()
    opened.read(["1"])
    assert zoho.clock.now() - before >= timedelta(seconds=2)
