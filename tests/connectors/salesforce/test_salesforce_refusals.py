"""What Salesforce refuses costs a field or a moment, hardly ever the company."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import orjson
import pytest

from connectors.salesforce.simulator import SalesforceSimulator
from connectors.sdk.faults import NeedsPerson, QuotaExhausted
from tests.connectors.salesforce.organisation import INSERT, KEY, Organisation, company, kinds


def test_a_refused_value_costs_that_field_only(org: Organisation) -> None:
    """Too long, no option, no country of the picklist: the company arrives with a warning."""
    crm = org.ready(mapping={"Type": "{source}", "Industry": "{search}"})
    org.site.org.fields["Type"]["restrictedPicklist"] = True
    org.site.rules.countries = {"Germany"}
    item = company("acme.com", source="web", search="ports", city="C" * 41, country="Atlantis")
    outcome, other = crm.push([item, company("b.com", country="Germany")])
    assert outcome.kind.value == "created"
    assert sorted(warning.split()[0] for warning in outcome.warnings) == [
        "BillingCity",
        "BillingCountry",
        "Type",
    ]
    assert other.warnings == ()
    assert org.account(outcome.record_id)["Industry"] == "ports"


def test_a_required_field_is_told(org: Organisation) -> None:
    """An administrator's rule that demands what is not mapped rejects with its words."""
    crm = org.ready()
    org.site.rules.required = {"Industry"}
    (outcome,) = crm.push([company("acme.com")])
    assert outcome.kind.value == "rejected"
    assert "Industry" in outcome.reason


@pytest.mark.parametrize(("locks", "expected"), [(2, "created"), (1_000, "not_sent")])
def test_a_locked_row_is_tried_again(org: Organisation, locks: int, expected: str) -> None:
    """Another transaction's lock is waited out for seconds; then it is left for later."""
    crm = org.ready()
    org.site.rules.locks = locks
    began = org.clock.monotonic()
    assert kinds(crm.push([company("acme.com"), company("b.com")])) == [expected] * 2
    assert 0 < org.clock.monotonic() - began < 30
    org.site.rules.locks = 0
    crm.push([company("acme.com"), company("b.com")])
    assert org.values(KEY) == ["acme.com", "b.com"]


def test_full_storage_rejects_nobody(org: Organisation) -> None:
    """Where the organisation is full, companies wait: nobody is given up."""
    crm = org.ready()
    org.site.rules.full = True
    (outcome,) = crm.push([company("acme.com")])
    assert outcome.kind.value == "not_sent"
    assert "STORAGE_LIMIT_EXCEEDED" in outcome.reason


def test_a_field_that_vanished_is_left_out_for_all(org: Organisation) -> None:
    """A field that was deleted since we looked costs one more request, not one per company."""
    crm = org.ready()
    del org.site.org.fields["Prospectd_Search__c"]
    outcomes = crm.push([company(f"firm-{n}.com", search="ports") for n in range(50)])
    assert set(kinds(outcomes)) == {"created"}
    assert all(outcome.warnings[0].startswith("Prospectd_Search__c") for outcome in outcomes)
    assert len(org.inserted()) == 2
    assert kinds(crm.push([company("later.com", search="ports")])) == ["created"]
    assert len(org.inserted()) == 3


def test_a_key_that_vanished_stops_the_push(org: Organisation) -> None:
    """Without our field nothing is created, and no company is given up."""
    crm = org.ready()
    crm.push([company("acme.com")])

    def vanish(request: httpx.Request) -> None:
        if request.url.path == INSERT:
            org.site.org.hidden.add(KEY)

    doubtful = org.open(before=vanish)
    assert kinds(doubtful.push([company("b.com"), company("c.com")])) == ["not_sent"] * 2
    with pytest.raises(NeedsPerson, match=KEY):
        org.open().push([company("d.com")])
    assert len(org.site.accounts()) == 1


@pytest.mark.parametrize("flag", ["unique", "externalId", "createable"])
def test_without_a_unique_key_nothing_is_pushed(org: Organisation, flag: str) -> None:
    """A field that would not stop a second record is not relied upon."""
    org.ready()
    org.site.org.fields[KEY][flag] = False
    crm = org.open()
    with pytest.raises(NeedsPerson, match="key_field"):
        crm.push([company("acme.com")])
    assert org.site.accounts() == []


def test_a_key_that_lost_its_uniqueness_stops_pushes(org: Organisation) -> None:
    """It is looked at again every hour: an administrator can take uniqueness away."""
    crm = org.ready()
    crm.push([company("acme.com")])
    org.site.org.fields[KEY]["unique"] = False
    org.clock.advance(timedelta(minutes=61))
    with pytest.raises(NeedsPerson, match="not unique"):
        crm.push([company("b.com")])


class Fussy:
    """Salesforce that refuses a whole request for one record in it, and does not say which."""

    def __init__(self, site: SalesforceSimulator) -> None:
        self.site = site

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer 400 where the name is there."""
        if b"Bad.Com" in request.content:
            error = {"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize"}
            return httpx.Response(400, json=[error])
        return self.site.handle(request)


def test_a_record_that_spoils_a_request_is_found(org: Organisation) -> None:
    """One record that fails all is found by halving; it is rejected, the others are created."""
    org.ready()
    crm = org.open(inner=Fussy(org.site))
    names = [f"firm-{number}.com" for number in range(63)]
    outcomes = crm.push([company(name) for name in [*names[:20], "bad.com", *names[20:]]])
    assert kinds(outcomes) == ["created"] * 20 + ["rejected"] + ["created"] * 43
    assert len(org.inserted()) <= 13
    assert org.values(KEY) == sorted(names)


class Secretive:
    """Salesforce that says of each record that some unique value is taken, and not which."""

    def __init__(self, site: SalesforceSimulator) -> None:
        self.site = site

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, and refuse every create."""
        if request.url.path != INSERT:
            return self.site.handle(request)
        message = "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
        error = {"statusCode": "DUPLICATE_VALUE", "message": message, "fields": []}
        records = orjson.loads(request.content)["records"]
        return httpx.Response(200, json=[{"success": False, "errors": [error]} for _ in records])


def test_a_taken_value_that_is_not_named_is_told_to_a_person(org: Organisation) -> None:
    """Found at its domain the company existed; otherwise nobody knows, and it is not swallowed."""
    crm = org.ready(inner=Secretive(org.site))
    held = org.site.create(Name="Acme", Website="acme.com")
    outcomes = crm.push([company("acme.com"), company("b.com")])
    assert kinds(outcomes) == ["existed", "rejected"]
    assert outcomes[0].record_id == held
    assert "does not say which" in outcomes[1].reason


class Tampering:
    """Salesforce behind something that changes the answers to creates."""

    def __init__(self, site: SalesforceSimulator, change: Callable[[object], object]) -> None:
        self.site = site
        self.change = change

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, with another body where accounts are created."""
        response = self.site.handle(request)
        if request.url.path != INSERT:
            return response
        return httpx.Response(
            200, content=orjson.dumps(self.change(orjson.loads(response.content)))
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda results: results[:-1],
        lambda _: {"unexpected": True},
        lambda results: [{"success": True} for _ in results],
        lambda results: [None for _ in results],
    ],
)
def test_an_unclear_answer_is_a_doubt(
    org: Organisation, change: Callable[[object], object]
) -> None:
    """What does not say what became of each record is unknown; reading back tells."""
    org.ready()
    crm = org.open(inner=Tampering(org.site, change))
    items = [company("acme.com"), company("b.com")]
    assert kinds(crm.push(items)) == ["unknown", "unknown"]
    assert kinds(crm.resolve(items)) == ["found", "found"]


def test_a_quota_in_the_middle_holds_the_rest(org: Organisation) -> None:
    """What was created is told so; what was not sent says when it may be."""
    crm = org.ready(reserve=0)
    org.site.rules.locks = 1

    def use_up(request: httpx.Request) -> None:
        if request.url.path == INSERT and len(org.inserted()) == 2:
            org.site.daily_requests = org.site.used

    crm = org.open(before=use_up, reserve=0)
    outcomes = crm.push([company("acme.com"), company("b.com")])
    assert kinds(outcomes) == ["not_sent", "created"]
    assert outcomes[0].retry_at == org.clock.now() + timedelta(minutes=15)


def test_the_reserve_is_left_to_others(org: Organisation) -> None:
    """From 95 % of the organisation's day on nothing is sent, until the window has moved."""
    crm = org.ready()
    org.site.used, org.site.daily_requests = 948, 1_000
    crm.push([company("acme.com")])
    with pytest.raises(QuotaExhausted, match="reserve"):
        crm.push([company("b.com")])
    org.site.used = 0
    org.clock.advance(timedelta(minutes=16))
    assert kinds(crm.push([company("b.com")])) == ["created"]
