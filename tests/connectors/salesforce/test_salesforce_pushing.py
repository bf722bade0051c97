"""What becomes of companies that are pushed to Salesforce."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

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


def test_a_key_that_is_too_long_is_one_key_all_the_same(org: Organisation) -> None:
    """A key of 300 characters is stored short, and found again by a push and a read-back."""
    crm = org.ready()
    long = CompanyRef(key="profile:x.com/" + "k" * 300, domain=None, name="X")
    item = replace(company("x.com"), company=long)
    (made,) = crm.push([item])
    assert made.kind.value == "created"
    assert crm.push([item])[0].record_id == made.record_id
    assert crm.resolve([item])[0].record_id == made.record_id
    assert crm.lookup([long])[0][0].record_id == made.record_id


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
    assert ("Standard_Account_Duplicate_Rule" in outcomes[0].reason) == shows


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
