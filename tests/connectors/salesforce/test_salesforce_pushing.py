"""What becomes of companies that are pushed to Salesforce."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import orjson
import pytest

from connectors.salesforce.simulator import SalesforceSimulator
from connectors.sdk.faults import NeedsPerson, QuotaExhausted
from connectors.sdk.records import CompanyRef
from tests.connectors.salesforce.organisation import INSERT, KEY, Organisation, company, kinds


def test_a_company_becomes_an_account_with_everything_mapped(org: Organisation) -> None:
    """Each mapped field arrives typed, with our key; one create takes the whole batch."""
    crm = org.ready()
    item = company(
        "acme.com",
        relevance=87.5,
        search="ports",
        task_id="t-1",
        city="Kiel",
        country="Germany",
        employee_count="51-200",
        founding_year=2011,
    )
    outcomes = crm.push([item, company("b.com")])
    assert kinds(outcomes) == ["created", "created"]
    assert org.account(outcomes[0].record_id) == {
        "Id": outcomes[0].record_id,
        "Name": "Acme.Com",
        "Website": "https://acme.com",
        "BillingCountry": "Germany",
        "BillingCity": "Kiel",
        "NumberOfEmployees": 51,
        "YearStarted": "2011",
        "Prospectd_Relevance__c": 87.5,
        "Prospectd_Search__c": "ports",
        "Prospectd_Task__c": "t-1",
        KEY: "acme.com",
    }
    assert [len(records) for records in org.inserted()] == [2]


def test_nothing_is_ever_written_to_an_account_that_is_there(org: Organisation) -> None:
    """What has our key is told as existing, in whatever case, and no create is sent."""
    crm = org.ready()
    held = org.site.create(Name="Ours", Prospectd_Key__c="ACME.com")
    (outcome,) = crm.push([company("acme.com")])
    assert (outcome.kind.value, outcome.record_id) == ("existed", held)
    assert org.inserted() == []
    assert org.account(held) == {"Id": held, "Name": "Ours", KEY: "ACME.com"}


def test_the_key_goes_in_the_body_never_in_the_path(org: Organisation) -> None:
    """Keys with dots, slashes and quotes are no matter: they are in no address but quoted."""
    crm = org.ready()
    for key in ("acme.inc", "profile:linkedin.com/company/o'neil", "host:x_y%z.github.io", "a\\b"):
        item = replace(company("x.com"), company=CompanyRef(key=key, domain=None, name="X"))
        assert kinds(crm.push([item])) == ["created"]
        assert kinds(crm.push([item])) == ["existed"]
        assert kinds(crm.resolve([item])) == ["found"]
    assert all(request.url.path == INSERT for request in org.requests if request.method == "POST")


def test_what_a_person_deleted_stays_deleted(org: Organisation) -> None:
    """A key in the recycle bin is told as existing; only ``recreate_deleted`` makes it anew."""
    crm = org.ready()
    (first,) = crm.push([company("acme.com")])
    org.site.delete(str(first.record_id))
    (again,) = crm.push([company("acme.com")])
    assert (again.kind.value, again.record_id) == ("existed", first.record_id)
    assert "deleted it" in again.reason
    assert org.site.accounts() == []
    (anew,) = org.open(recreate_deleted=True).push([company("acme.com")])
    assert anew.kind.value == "created"
    assert anew.record_id != first.record_id


def test_a_merged_company_leads_to_the_survivor(org: Organisation) -> None:
    """After a person merged our account away, a push and a read-back name the survivor."""
    crm = org.ready()
    (first,) = crm.push([company("acme.com")])
    survivor = org.site.create(Name="Acme AG")
    org.site.merge(survivor_id=survivor, lost_id=str(first.record_id))
    assert crm.push([company("acme.com")])[0].record_id == survivor
    assert crm.resolve([company("acme.com")])[0].record_id == survivor


def test_a_purged_company_is_absent(org: Organisation) -> None:
    """What was emptied from the recycle bin shows nowhere, and may be made again."""
    crm = org.ready()
    (first,) = crm.push([company("acme.com")])
    org.site.delete(str(first.record_id))
    org.site.purge(str(first.record_id))
    assert kinds(crm.resolve([company("acme.com")])) == ["absent"]
    assert kinds(crm.push([company("acme.com")])) == ["created"]


def test_a_deletion_long_ago_is_not_our_lost_push(org: Organisation) -> None:
    """Read back after a doubt, an account that was made before we sent it is not taken for ours."""
    crm = org.ready(recreate_deleted=True)
    old = org.site.create(Name="Old", Prospectd_Key__c="acme.com")
    org.site.delete(old)
    org.clock.advance(timedelta(days=1))
    sent = replace(company("acme.com"), sent_at=org.clock.now())
    assert kinds(crm.resolve([sent])) == ["absent"]
    (made,) = crm.push([sent])
    org.site.delete(str(made.record_id))
    assert crm.resolve([sent])[0].record_id == made.record_id


@pytest.mark.parametrize("action", ["alert", "block"])
@pytest.mark.parametrize("shows", [True, False])
def test_a_duplicate_rule_is_heeded(org: Organisation, action: str, *, shows: bool) -> None:
    """A person's account that a rule takes for the same is named, and no second one made."""
    crm = org.ready()
    held = org.site.create(Name="Acme.com", Website="www.acme.com")
    org.site.rules.duplicate_action, org.site.rules.shows_matches = action, shows
    outcomes = crm.push([company("acme.com"), company("b.com")])
    assert kinds(outcomes) == ["existed", "created"]
    assert outcomes[0].record_id == held
    assert "duplicate rule" in outcomes[0].reason


def test_a_rule_that_only_warns_can_be_passed(org: Organisation) -> None:
    """``duplicate_rules = "bypass"`` saves all the same, unless the rule blocks."""
    crm = org.ready(duplicate_rules="bypass")
    org.site.create(Name="Acme.com")
    org.site.rules.duplicate_action = "alert"
    assert kinds(crm.push([company("acme.com")])) == ["created"]
    org.site.rules.duplicate_action = "block"
    org.site.create(Name="B.com")
    assert kinds(crm.push([company("b.com")])) == ["existed"]


def test_a_rival_in_between_is_met_by_the_unique_key(org: Organisation) -> None:
    """A write between our read and our create is told as existing and not written over."""
    rival = org.ready()
    done: list[str] = []

    def interfere(request: httpx.Request) -> None:
        if request.url.path == INSERT and not done:
            done.append("")
            done.append(str(rival.push([company("acme.com", name="Rival")])[0].record_id))

    crm = org.open(before=interfere)
    outcomes = crm.push([company("acme.com"), company("b.com")])
    assert kinds(outcomes) == ["existed", "created"]
    assert outcomes[0].record_id == done[1]
    assert org.account(done[1])["Name"] == "Rival"


def test_a_company_twice_in_a_batch_is_one_account(org: Organisation) -> None:
    """The first is created, the second existed, and both name the same account."""
    crm = org.ready()
    outcomes = crm.push([company("acme.com"), company("b.com"), company("acme.com")])
    assert kinds(outcomes) == ["created", "created", "existed"]
    assert outcomes[0].record_id == outcomes[2].record_id
    assert org.values(KEY) == ["acme.com", "b.com"]


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
