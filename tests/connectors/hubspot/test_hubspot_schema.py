"""What HubSpot must have for us: checked without changing it, made when it is missing."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from connectors.hubspot import connector as plugin
from connectors.hubspot.schema import key_definition
from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.protocol import Finding, Level
from tests.connectors.hubspot.account import KEY, Account

PROPERTIES = "https://api.hubapi.com/crm/properties/2026-03/companies"


def worst(findings: Sequence[Finding]) -> list[str]:
    return [f"{each.level.value}: {each.text}" for each in findings if each.level is not Level.OK]


def test_the_schema_is_made_once(account: Account) -> None:
    """The unique key and our own fields are created in a group of their own, and only once."""
    assert worst(account.open().ensure_schema()) == []
    made = account.simulator.portal.definitions
    assert made[KEY]["hasUniqueValue"] is True
    assert (made[KEY]["type"], made[KEY]["groupName"]) == ("string", "prospectd")
    assert made["prospectd_relevance"]["type"] == "number"
    assert {"prospectd_search", "prospectd_task"} <= made.keys()
    account.requests.clear()
    assert worst(account.open().ensure_schema()) == []
    assert [request.method for request in account.requests] == ["GET"]


def test_only_mapped_fields_are_made(account: Account) -> None:
    """A field of ours that the mapping leaves out is not created."""
    account.open(mapping={"prospectd_task": ""}).ensure_schema()
    assert "prospectd_task" not in account.simulator.portal.definitions


def test_another_replica_may_be_quicker(account: Account) -> None:
    """A property that appears between our look and our write (409) is fine."""
    quicker = account.open()

    def race(request: object) -> None:
        if getattr(request, "method", "") == "POST" and KEY not in made:
            quicker.ensure_schema()

    made = account.simulator.portal.definitions
    assert worst(account.open(before=race).ensure_schema()) == []


def test_a_property_that_is_not_unique_is_a_problem(account: Account) -> None:
    """Uniqueness cannot be added later: a wrong property is told with what to do."""
    wrong = {**key_definition(KEY), "hasUniqueValue": False, "groupName": "companyinformation"}
    account.send("POST", PROPERTIES, wrong)
    for findings in (account.open().ensure_schema(), account.open().probe()):
        problems = [each for each in findings if each.level is Level.PROBLEM]
        assert len(problems) == 1
        assert "not a unique text property" in problems[0].text
        assert "key_property" in problems[0].remedy


def test_ten_unique_properties_are_the_end(account: Account) -> None:
    """Where HubSpot allows no further unique property, the problem says so in its words."""
    for number in range(10):
        body = {**key_definition(f"unique_{number}"), "groupName": "companyinformation"}
        assert account.send("POST", PROPERTIES, body).status_code == 201
    findings = account.open().ensure_schema()
    problems = [each for each in findings if each.level is Level.PROBLEM]
    assert any("maximum of 10" in each.text for each in problems)


def test_without_the_scope_an_administrator_is_told_what_to_do(account: Account) -> None:
    """A token that may not make properties leaves a problem with exact instructions."""
    account.simulator.scopes.discard("crm.schemas.companies.write")
    findings = account.open().ensure_schema()
    told = " ".join(f"{each.text} {each.remedy}" for each in findings)
    assert "crm.schemas.companies.write" in told
    assert "Require unique values" in told
    assert KEY not in account.simulator.portal.definitions


def test_a_missing_own_field_is_only_a_warning(account: Account) -> None:
    """Only the key is needed; a field that is missing is left out of what is written."""
    account.send("POST", PROPERTIES, {**key_definition(KEY), "groupName": "companyinformation"})
    account.simulator.scopes.discard("crm.schemas.companies.write")
    findings = account.open().ensure_schema()
    assert {each.level for each in findings} == {Level.WARNING}


def test_probe_changes_nothing_and_names_what_is_missing(account: Account) -> None:
    """Checking reads only, and names missing and unknown properties."""
    findings = account.open(mapping={"favourite_colour": "red", "hs_object_id": "1"}).probe()
    told = " ".join(worst(findings))
    assert f'"{KEY}" does not exist yet' in told
    assert '"favourite_colour", which is no company property' in told
    assert '"hs_object_id", which is read-only' in told
    assert {request.method for request in account.requests} == {"GET"}


def test_probe_tells_a_bad_token_without_repeating_it(account: Account) -> None:
    """A refused token is a problem with its remedy, and stands in no text."""
    findings = account.open(token="pat-na1-0000-wrong").probe()
    assert [each.level for each in findings] == [Level.PROBLEM]
    told = f"{findings[0].text} {findings[0].remedy}"
    assert "crm.objects.companies.write" in told
    assert "pat-na1" not in told


def test_probe_names_the_missing_scope(account: Account) -> None:
    """A lost scope is named as HubSpot names it."""
    account.simulator.scopes.clear()
    findings = account.open().probe()
    assert "crm.objects.companies.read" in findings[0].text


def test_a_unique_domain_strengthens_the_guarantee(account: Account) -> None:
    """Where an administrator made ``domain`` unique, people cannot double a company either."""
    crm = account.ready()
    before = crm.capabilities.uniqueness
    account.simulator.make_unique("domain")
    crm.probe()
    assert (before, crm.capabilities.uniqueness) == (Uniqueness.OWN_KEY, Uniqueness.ALL_WRITERS)


def options(**values: object) -> object:
    return plugin.options.model_validate({"type": "hubspot", **values})


def test_the_defaults_are_enough() -> None:
    """An account needs no option but its token."""
    assert options(token_env="HUBSPOT_TOKEN")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"mapping": {"name": "{nmae}"}}, "nmae"),
        ({"mapping": {KEY: "{domain}"}}, "written by the connector itself"),
        ({"key_property": "my_key", "mapping": {"my_key": "x"}}, "written by the connector"),
        ({"key_property": "Has Spaces"}, "lower-case"),
        ({"key_property": "hs_key"}, "hs_"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"timezone": "../etc/passwd"}, "time zone"),
        ({"api_version": "v3"}, "api_version"),
        ({"no_such_option": 1}, "no_such_option"),
    ],
)
def test_wrong_options_are_refused_when_loaded(values: dict[str, object], said: str) -> None:
    """Every impossible value is told before anything starts."""
    with pytest.raises(ValidationError, match=said):
        options(**values)


def test_another_key_property_is_used_throughout(account: Account) -> None:
    """The key's property may have another name."""
    crm = account.open(key_property="lead_key")
    crm.ensure_schema()
    assert account.simulator.portal.definitions["lead_key"]["hasUniqueValue"] is True
    assert KEY not in account.simulator.portal.definitions
