"""Ids, keys, values, refusals and faults of Salesforce, without any request."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.accounts import cut, folded, long_id, stored_key
from connectors.salesforce.drafts import Draft, draft, typed
from connectors.salesforce.fields import AccountFields
from connectors.salesforce.refusals import read_refusals
from connectors.salesforce.simulated.catalogue import standard_fields
from connectors.salesforce.verdicts import Again, Ask, Drop, decide, held_outcome
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import FieldValue
from tests.connectors.salesforce.organisation import KEY, company

KNOWN = AccountFields(fields=standard_fields(), createable=True, name="crm")


@pytest.mark.parametrize(
    "whole",
    ["001D000000IqhSLIAZ", "0031i000013x2TEAAY", "001R00000064wdtIAA", "01gD0000002HU6KIAW"],
)
def test_short_ids_become_long_ones(whole: str) -> None:
    """The three letters are those of ids in Salesforce's own documents."""
    assert long_id(whole[:15]) == whole
    assert long_id(whole) == whole


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=600))
def test_every_key_fits(key: str) -> None:
    """A key that fits stays as it is; a longer one is cut and told apart by its hash."""
    stored = stored_key(key)
    assert len(stored.encode("utf-16-le")) <= 2 * 255
    assert stored == key or "~" in stored
    assert folded(key) == stored.casefold()


def test_long_keys_stay_apart() -> None:
    """Two keys that begin alike for hundreds of characters are two keys."""
    first, second = stored_key("x" * 300 + "a"), stored_key("x" * 300 + "b")
    assert first != second
    assert {len(first), len(second)} == {241}
    assert stored_key("y" * 255) == "y" * 255


def test_no_character_is_halved() -> None:
    """A cut in the middle of a pair of UTF-16 units leaves the whole character out."""
    assert cut("ab🚢", 3) == "ab"
    assert cut("ab🚢", 4) == "ab🚢"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", "1,200", 1200),
        ("int", 51.0, 51),
        ("double", "87.5", 87.5),
        ("double", 87, 87.0),
        ("boolean", "TRUE", True),
        ("string", 2011, "2011"),
        ("string", True, "true"),
        ("url", "https://a.com", "https://a.com"),
    ],
)
def test_values_get_the_fields_type(kind: str, value: FieldValue, expected: object) -> None:
    """A number is a number in JSON, a text a text: anything else Salesforce refuses."""
    made = typed(value, {"type": kind})
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", "a few"), ("int", 1.5), ("double", "nan"), ("double", "1e999"), ("boolean", "maybe")],
)
def test_values_of_another_type_are_refused(kind: str, value: FieldValue) -> None:
    """What cannot be made of the field's type is told, and not sent."""
    with pytest.raises(ValueError, match=r"is no|is neither"):
        typed(value, {"type": kind})


def _draft(templates: Mapping[str, str], **fields: FieldValue) -> Draft:
    mapping = FieldMapping.merged(templates, {})
    return draft(company("acme.com", **fields), mapping=mapping, known=KNOWN, key_field=KEY)


def test_a_draft_leaves_out_what_cannot_be_written() -> None:
    """Missing and read-only fields, and values of another type, are left out with a warning."""
    made = _draft(
        {"Nothing__c": "x", "SystemModstamp": "x", "NumberOfEmployees": "many", "phone": "1"}
    )
    assert made.values == {"Phone": "1", "Website": "acme.com", "Name": "Acme.Com", KEY: "acme.com"}
    assert [warning.split()[0] for warning in made.warnings] == [
        "Nothing__c",
        "SystemModstamp",
        "NumberOfEmployees",
    ]


def test_a_name_is_never_missing_or_too_long() -> None:
    """An empty name becomes the company's, and one of 300 characters is cut with a warning."""
    assert _draft({"Name": "{name}"}, name="   ").values["Name"] == "acme.com"
    made = _draft({"Name": "{name}"}, name="N" * 300)
    assert made.values["Name"] == "N" * 255
    assert made.warnings == ("Name cut: Salesforce keeps 255 characters",)


def _decide(*errors: Mapping[str, Any]) -> object:
    values: dict[str, FieldValue] = {
        "Name": "A",
        "BillingCity": "C",
        "Duns__c": "1",
        KEY: "acme.com",
    }
    return decide(
        Draft(item=company("acme.com"), values=values), read_refusals(list(errors)), key_field=KEY
    )


def _taken(name: str, holder: str) -> dict[str, Any]:
    message = f"duplicate value found: {name} duplicates value on record with id: {holder}"
    return {"statusCode": "DUPLICATE_VALUE", "message": message, "fields": []}


def test_a_taken_key_names_its_record() -> None:
    """The short id of the message becomes the long one; a hidden record has none."""
    verdict = _decide(_taken(KEY, "001D000000IqhSL"))
    assert isinstance(verdict, Ask)
    assert verdict.record_id == "001D000000IqhSLIAZ"
    assert verdict.certain
    german = f"doppelter Wert gefunden: {KEY} doppelter Wert in Datensatz mit ID: 001D000000IqhSL"
    assert _decide({"statusCode": "DUPLICATE_VALUE", "message": german}) == verdict
    hidden = _decide(_taken("<unknown>", "<unknown>"))
    assert isinstance(hidden, Ask)
    assert (hidden.record_id, hidden.certain) == (None, False)


def test_another_unique_field_is_dropped() -> None:
    """Another account's number is no proof that it is the same company."""
    verdict = _decide(_taken("Duns__c", "001D000000IqhSL"))
    assert isinstance(verdict, Drop)
    assert verdict.names == ("Duns__c",)


@pytest.mark.parametrize(
    ("code", "fields", "expected"),
    [
        ("STRING_TOO_LONG", ["BillingCity"], Drop),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [], OutcomeKind.REJECTED),
        ("REQUIRED_FIELD_MISSING", ["Type"], OutcomeKind.REJECTED),
        ("UNABLE_TO_LOCK_ROW", [], Again),
        ("STORAGE_LIMIT_EXCEEDED", [], OutcomeKind.NOT_SENT),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", [KEY], OutcomeKind.NOT_SENT),
        ("STRING_TOO_LONG", ["Name"], OutcomeKind.REJECTED),
    ],
)
def test_each_refusal_has_its_consequence(code: str, fields: list[str], expected: object) -> None:
    """Dropped, repeated, held back or rejected: what a code and its fields lead to."""
    verdict = _decide({"statusCode": code, "message": "because", "fields": fields})
    assert (verdict.kind if isinstance(verdict, Outcome) else type(verdict)) is expected


def test_a_lock_inside_of_a_triggers_error_is_a_lock() -> None:
    """Apex wraps it: ``CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY … UNABLE_TO_LOCK_ROW …``."""
    message = "Trigger: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW, unable to obtain"
    verdict = _decide({"statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": message})
    assert isinstance(verdict, Again)


@pytest.mark.parametrize("spelling", ["duplicateResult", "duplicateResut"])
def test_the_match_at_the_companys_domain_is_chosen(spelling: str) -> None:
    """Both spellings are read; of several matches the one at the same domain is the company."""
    records = [{"Id": "001A", "Website": "other.com"}, {"Id": "001B", "Website": "www.acme.com"}]
    found = {"matchResults": [{"matchRecords": [{"record": each} for each in records]}]}
    verdict = _decide({"statusCode": "DUPLICATES_DETECTED", "message": "Use one?", spelling: found})
    assert isinstance(verdict, Ask)
    assert verdict.record_id == "001B"


def test_rubbish_is_no_refusal() -> None:
    """What has not the shape of errors gives none, and no exception."""
    for rubbish in (None, 7, "x", {"a": 1}, [1, "x"]):
        assert read_refusals(rubbish) == ()
    odd = read_refusals([{"fields": [1, None], "duplicateResult": [], "message": None}])
    assert odd[0].fields == ()


def _row(record_id: str, *, deleted: bool = False, master: str | None = None) -> dict[str, Any]:
    return {"Id": record_id, "IsDeleted": deleted, "MasterRecordId": master}


def test_what_is_held_counts_in_order() -> None:
    """Live before merged before deleted; with recreate only what is live counts."""
    live, gone = _row("1"), _row("2", deleted=True)
    merged = _row("3", deleted=True, master="9")
    for rows, expected in (
        ([gone, merged, live], "1"),
        ([gone, merged], "9"),
        ([gone], "2"),
        ([], None),
    ):
        outcome = held_outcome(rows, recreate=False)
        assert (None if outcome is None else outcome.record_id) == expected
    assert held_outcome([gone, merged], recreate=True) is None
