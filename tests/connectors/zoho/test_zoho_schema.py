"""The fields that we make in Zoho, and what a probe says about them."""

import httpx
import orjson
import pytest

from connectors.sdk.faults import Permanent
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.protocol import Level
from connectors.zoho.harness import KEY_FIELD
from connectors.zoho.schema import OTHER_FIELDS
from connectors.zoho.scopes import ONCE
from tests.connectors.zoho.organisation import Organisation, company


def field_requests(zoho: Organisation) -> list[list[str]]:
    """The labels of the fields that each request was to create."""
    return [
        [field["field_label"] for field in orjson.loads(one.content)["fields"]]
        for one in zoho.requests
        if one.method == "POST" and one.url.path.endswith("/settings/fields")
    ]


def test_the_fields_are_made_once_the_keys_first(zoho: Organisation) -> None:
    """The key's field goes in a request of its own, so that no other one can spoil it."""
    assert {one.level for one in zoho.open().ensure_schema()} == {Level.OK}
    assert field_requests(zoho) == [["Prospectd Key"], [one.label for one in OTHER_FIELDS]]
    key = zoho.crm.org.fields[KEY_FIELD]
    assert (key["data_type"], key["length"], bool(key["unique"])) == ("text", 255, True)
    zoho.requests.clear()
    assert {one.level for one in zoho.open().ensure_schema()} == {Level.OK}
    assert field_requests(zoho) == []
    assert {one.level for one in zoho.open().probe()} == {Level.OK}


def test_only_fields_that_are_written_are_made(zoho: Organisation) -> None:
    """What the mapping leaves out is not created; the key's field may have another name."""
    unwanted = {one.name: "" for one in OTHER_FIELDS}
    zoho.open(mapping=unwanted, key_field="Mine").ensure_schema()
    assert field_requests(zoho) == [["Mine"]]


def test_without_the_scope_an_administrator_is_told_exactly_what_to_add(
    zoho: Organisation,
) -> None:
    """Type, label, uniqueness and API name stand in the remedy, as does the scope."""
    zoho.crm.desk.scopes.remove(ONCE)
    problem, *warnings = zoho.open().ensure_schema()
    assert problem.level is Level.PROBLEM
    for part in ("Single Line", '"Prospectd Key"', "Do not allow duplicate", KEY_FIELD, ONCE):
        assert part in problem.remedy
    assert len(warnings) == len(OTHER_FIELDS)
    assert {one.level for one in warnings} == {Level.WARNING}
    assert all("Number" in one.remedy or "Single Line" in one.remedy for one in warnings)
    assert zoho.open().probe()[1:] == [problem, *warnings]


def test_a_limit_of_fields_is_told(zoho: Organisation) -> None:
    """Where the edition has no room for a field, the finding says that Zoho refused it."""
    zoho.crm.most_custom_fields = 3
    findings = zoho.open().ensure_schema()
    assert [one.level for one in findings] == [Level.WARNING] * 4
    assert sum("LIMIT_EXCEEDED" in one.text for one in findings) == 2
    assert zoho.open().push([company("acme.com", search="s")])[0].kind is OutcomeKind.CREATED


def test_no_room_for_the_unique_field_is_a_problem(zoho: Organisation) -> None:
    """Zoho allows two unique fields of one's own: a third is a problem and no warning."""
    for name in ("One", "Two"):
        base = zoho.crm.org.fields["Billing_City"]
        unique = {"case_sensitive": False}
        zoho.crm.org.fields[name] = {
            **base,
            "api_name": name,
            "custom_field": True,
            "unique": unique,
        }
    problems = [one for one in zoho.open().ensure_schema() if one.level is Level.PROBLEM]
    assert any("LIMIT_EXCEEDED" in one.text for one in problems)


def test_a_second_replica_that_was_quicker_is_no_trouble(zoho: Organisation) -> None:
    """A label that was taken in the same moment is as good as made."""
    done: list[int] = []

    def other(request: httpx.Request) -> None:
        if request.method == "POST" and "settings" in request.url.path and not done:
            done.append(1)
            zoho.open().ensure_schema()

    findings = zoho.open(before=other).ensure_schema()
    assert {one.level for one in findings} == {Level.OK}


@pytest.mark.parametrize(
    ("change", "word"),
    [({"unique": {}}, "duplicates"), ({"data_type": "integer"}, "integer")],
)
def test_a_field_that_cannot_hold_the_key_is_a_problem(
    zoho: Organisation, change: dict[str, object], word: str
) -> None:
    """A field of that name that is not unique, or no text, is told with what to do."""
    zoho.ready()
    zoho.crm.org.fields[KEY_FIELD] |= change
    problems = [one for one in zoho.open().probe() if one.level is Level.PROBLEM]
    assert len(problems) == 1
    assert word in problems[0].text
    assert problems[0].remedy


def test_the_probe_names_mapped_fields_that_are_not_there(zoho: Organisation) -> None:
    """A typing mistake in the mapping is a warning that names the field."""
    zoho.ready()
    findings = zoho.open(mapping={"Wesbite": "{website}"}).probe()
    assert [one.text for one in findings if "Wesbite" in one.text]


def test_the_probe_tells_that_names_are_unique(zoho: Organisation) -> None:
    """Where people made names unique, homonyms get their domain added, and the probe says so."""
    zoho.ready()
    zoho.crm.org.fields["Account_Name"]["unique"] = {"case_sensitive": False}
    assert any("same name" in one.text for one in zoho.open().probe())


def test_merging_is_left_to_people(zoho: Organisation) -> None:
    """Asking for a merge is a permanent fault that says where to do it, and sends nothing."""
    with pytest.raises(Permanent, match="Deduplicate"):
        zoho.open().merge(survivor_id="1", lost_id="2")
    assert zoho.requests == []
