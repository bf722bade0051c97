"""The fields of our own, who may see them, and what the probe says."""

import httpx
import pytest

from connectors.sdk.faults import Permanent
from connectors.sdk.protocol import Finding, Level
from tests.connectors.salesforce.organisation import KEY, Organisation, company, kinds

OWN = ("Prospectd_Relevance__c", "Prospectd_Search__c", "Prospectd_Task__c")


def worst(findings: list[Finding]) -> Level:
    levels = {finding.level for finding in findings}
    return next(x for x in (Level.PROBLEM, Level.WARNING, Level.OK) if x in levels)


def problem(findings: list[Finding]) -> Finding:
    return next(finding for finding in findings if finding.level is Level.PROBLEM)


def test_the_fields_are_made_and_granted(org: Organisation) -> None:
    """In a fresh organisation all four fields are made, and the app's user may write them."""
    crm = org.open()
    assert worst(list(crm.ensure_schema())) is Level.OK
    assert worst(list(crm.probe())) is Level.OK
    key = org.site.org.fields[KEY]
    assert (key["unique"], key["externalId"], key["length"]) == (True, True, 255)
    assert set(OWN) <= org.site.org.visible_fields().keys()
    assert kinds(crm.push([company("acme.com", search="ports", relevance=5)])) == ["created"]
    assert org.values("Prospectd_Search__c") == ["ports"]


def test_two_daemons_make_the_fields_once(org: Organisation) -> None:
    """A second one that is at it at the same time meets duplicates, which are no problem."""
    other = org.open()
    busy: list[bool] = []

    def interfere(request: httpx.Request) -> None:
        if request.method == "POST" and "sobjects" in request.url.path and not busy:
            busy.append(True)
            other.ensure_schema()

    crm = org.open(before=interfere)
    assert worst(list(crm.ensure_schema())) is Level.OK
    assert len(org.site.org.permission_sets) == 1


def test_fields_that_nobody_may_see_are_granted(org: Organisation) -> None:
    """Fields that exist but are hidden, as after an attempt that was cut off, become visible."""
    org.site.prepare(KEY, OWN)
    org.site.org.hidden |= {KEY, *OWN}
    crm = org.open()
    assert problem(list(crm.probe())).remedy
    assert worst(list(crm.ensure_schema())) is Level.OK


@pytest.mark.parametrize("right", ["customize", "permissions"])
def test_without_the_right_an_administrator_is_told_what_to_add(
    org: Organisation, right: str
) -> None:
    """The finding names the field, its type, both ticks and the visibility."""
    org.site.rights.discard(right)
    findings = list(org.open().ensure_schema())
    said = problem(findings)
    assert KEY in said.text
    for words in ("Prospectd_Key", "Text", "255", "External ID", "duplicate values", "visible"):
        assert words in said.remedy
    assert any("INSUFFICIENT_ACCESS" in finding.text for finding in findings)


def test_fields_made_by_hand_need_no_right(org: Organisation) -> None:
    """Where an administrator made everything, the daemon asks for nothing."""
    org.site.rights = {"create"}
    org.site.prepare(KEY, OWN)
    crm = org.open()
    assert worst(list(crm.ensure_schema())) is Level.OK
    assert not [request for request in org.requests if "tooling" in request.url.path]


def test_an_own_field_that_is_not_mapped_is_not_made(org: Organisation) -> None:
    """Taking a field out of the mapping keeps it out of Salesforce."""
    org.open(mapping={"Prospectd_Task__c": ""}).ensure_schema()
    assert "Prospectd_Task__c" not in org.site.org.fields


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("unique", False, "not unique"),
        ("externalId", False, "no external ID"),
        ("createable", False, "may not be written"),
        ("type", "double", "no text"),
        ("length", 80, "fewer than 255"),
    ],
)
def test_a_wrong_key_field_is_a_problem(
    org: Organisation, flag: str, value: object, words: str
) -> None:
    """A field that cannot hold our key is told with what is wrong about it."""
    org.site.prepare(KEY)
    org.site.org.fields[KEY][flag] = value
    assert words in problem(list(org.open().probe())).text


def test_mapped_fields_are_checked(org: Organisation) -> None:
    """What the mapping writes and Account does not have, or not for this user, is a warning."""
    org.site.prepare(KEY, OWN)
    crm = org.open(mapping={"Nothing__c": "x", "SystemModstamp": "x"})
    warned = [each.text for each in crm.probe() if each.level is Level.WARNING]
    assert ["Nothing__c" in warned[0], "SystemModstamp" in warned[1]] == [True, True]


def test_the_probe_tells_of_rights_and_sharing(org: Organisation) -> None:
    """A user that may not create accounts, or does not see all, is told."""
    org.site.prepare(KEY, OWN)
    org.site.org.sees_all = False
    findings = list(org.open().probe())
    assert any("sees all accounts" in each.text for each in findings if each.level is Level.WARNING)
    org.site.rights.discard("create")
    assert "create accounts" in problem(list(org.open().probe())).text


def test_the_probe_tells_the_allowance_and_the_address(org: Organisation) -> None:
    """How much of the day is used, and another address than Salesforce's own, are told."""
    org.site.prepare(KEY, OWN)
    org.site.host = "renamed.my.salesforce.com"
    findings = list(org.open().probe())
    assert any("of 100000 requests" in finding.text for finding in findings)
    warning = next(finding for finding in findings if finding.level is Level.WARNING)
    assert 'base_url = "https://renamed.my.salesforce.com"' in warning.remedy


def test_the_probe_creates_nothing(org: Organisation) -> None:
    """It reads: neither fields nor permission sets nor accounts are made."""
    org.open().probe()
    assert [r.url.path for r in org.requests if r.method != "GET"] == ["/services/oauth2/token"]


def test_merging_is_for_people(org: Organisation) -> None:
    """REST has no merge: the fault says where a person does it."""
    with pytest.raises(Permanent, match="View Duplicates"):
        org.ready().merge(survivor_id="001A", lost_id="001B")
