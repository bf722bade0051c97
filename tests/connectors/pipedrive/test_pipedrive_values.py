"""Pure decisions: shapes of values, refusals, cursors, the index, options; and the page on them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.pipedrive.cursors import ChangeCursor, check_ascending, check_filter
from connectors.pipedrive.fields import DEFAULTS, Field, Fields, parse_field, tidy_place
from connectors.pipedrive.index import CompanyIndex
from connectors.pipedrive.options import PipedriveOptions
from connectors.pipedrive.organizations import (
    Layout,
    as_record,
    is_company,
    parse_time,
    stored_key,
    time_text,
)
from connectors.pipedrive.promises import CAPABILITIES, GUARANTEE
from connectors.pipedrive.quota import DEAREST
from connectors.pipedrive.simulated_values import RefusedError, check_organization
from connectors.pipedrive.values import Body, Keeping, fit_value, without_refused
from connectors.sdk.faults import Permanent
from connectors.sdk.records import FIELD_NAMES, CompanyRef, CrmRecord, FieldValue

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGE = (Path(__file__).resolve().parents[3] / "docs/connectors/pipedrive.md").read_text()
HASHES = [f"{number:040x}" for number in range(9)]
KINDS = ("varchar", "varchar_auto", "text", "double", "enum", "set", "date", "phone")

values = st.one_of(
    st.text(max_size=300),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.sampled_from(["2026-03-02", "12", "Low", "low,high", "1e400", "nan", "-0.5", "x" * 70_000]),
)


def definition(kind: str) -> dict[str, Any]:
    options = [{"id": 7, "label": "Low"}, {"id": 8, "label": "High"}]
    return {
        "field_name": "Any",
        "field_code": HASHES[0],
        "field_type": kind,
        "options": options if kind in ("enum", "set") else None,
        "is_custom_field": True,
        "is_optional_response_field": False,
    }


@given(kind=st.sampled_from(KINDS), value=values)
def test_what_is_sent_fits(kind: str, value: FieldValue) -> None:
    """Whatever a result holds, what is sent for it is of the shape that the field takes."""
    fitting = fit_value(parse_field(definition(kind)), value)
    if fitting is not None:
        body = {"name": "Acme", "custom_fields": {HASHES[0]: fitting}}
        check_organization(body, [definition(kind)], ())


@pytest.mark.parametrize(
    ("kind", "value", "fitting"),
    [
        ("double", "1999", 1999),
        ("double", "2.5", 2.5),
        ("double", "many", None),
        ("double", "inf", None),
        ("int", 12.0, 12),
        ("enum", " LOW ", 7),
        ("enum", "8", 8),
        ("enum", "none", None),
        ("set", "Low, high", [7, 8]),
        ("set", "Low, other", None),
        ("date", "2026-03-02", "2026-03-02"),
        ("date", "March", None),
        ("user", "42", 42),
        ("user", "Vera", None),
        ("monetary", 5, None),
        ("address", "Kiel", {"value": "Kiel"}),
        ("varchar", True, "true"),
        ("varchar", "x" * 256, None),
        ("text", "x" * 256, "x" * 256),
        ("text", "x" * 65_001, None),
    ],
)
def test_values_by_type(kind: str, value: FieldValue, fitting: object) -> None:
    """Each type takes its own shape; what does not fit is None."""
    field = Field(code="f", name="F", type=kind, options={"low": 7, "high": 8})
    assert fit_value(field, value) == fitting


FIELDS = Fields(
    known=(
        Field(code="name", name="Name", type="varchar"),
        Field(code="website", name="Website", type="varchar", is_optional=True),
        Field(code="address", name="Address", type="address"),
        *(Field(code=code, name=f"F{code[-1]}", type="text", is_custom=True) for code in HASHES),
    )
)
KEEPING = Keeping(key_code=HASHES[0], website_code="website", instead="https://acme.com")


def body_of(**more: Any) -> Body:
    values = {
        "name": "Acme",
        "website": "https://x",
        HASHES[0]: "k",
        HASHES[1]: "a",
        HASHES[2]: "b",
    }
    return Body(values={**values, **more})


@pytest.mark.parametrize(
    ("message", "left"),
    [
        (
            f"Validation failed: custom_fields: bad {HASHES[1]}",
            {"name", "website", HASHES[0], HASHES[2]},
        ),
        ("Validation failed: custom_fields: Expected 'number'", {"name", "website", HASHES[0]}),
        ("Validation failed: website: no", {"name", "website", *HASHES[:3]}),
        ("Validation failed: owner_id: no", None),
        ("Validation failed: name: no", None),
        ("Something else", None),
        ("", None),
    ],
)
def test_what_a_refusal_costs(message: str, left: set[str] | None) -> None:
    """A refusal costs what it names; where it names no field, all custom ones but the key."""
    smaller = without_refused(body_of(), message, FIELDS, KEEPING)
    assert (None if smaller is None else set(smaller.values)) == left
    if smaller is not None and "website" in message:
        assert smaller.values["website"] == "https://acme.com"
        again = without_refused(smaller, message, FIELDS, KEEPING)
        assert again is not None
        assert "website" not in again.values


@given(st.text(max_size=400))
def test_every_refusal_makes_the_body_smaller(message: str) -> None:
    """Leaving out what is refused comes to an end: each time something is gone or changed."""
    body = body_of()
    for _ in range(10):
        smaller = without_refused(body, f"Validation failed: {message}", FIELDS, KEEPING)
        if smaller is None:
            return
        assert smaller.values != body.values
        body = smaller
    pytest.fail("the body never became small enough")


websites = st.sampled_from(
    ["acme.com", "https://www.acme.com/x", "shop.acme.com", "notacme.com", "acme.com.evil.org", "",
     "HTTP://ACME.COM", "bücher.example", "acme", "://", "a b"]
)  # fmt: skip
records = st.builds(
    CrmRecord,
    record_id=st.integers(1, 6).map(str),
    websites=st.lists(websites, max_size=2).map(tuple),
    key=st.sampled_from([None, "acme.com", "ACME.com", "name:x|y", "other.com"]),
)
companies = st.sampled_from(
    [
        CompanyRef(key="acme.com", domain="acme.com", name="Acme"),
        CompanyRef(key="name:x|y", domain=None, name="X"),
        CompanyRef(key="xn--bcher-kva.example", domain="xn--bcher-kva.example", name="B"),
    ]
)


@given(st.lists(records, max_size=12), companies)
def test_the_index_proposes_every_match(taken: list[CrmRecord], company: CompanyRef) -> None:
    """Whatever came and changed, each record that is the company now is proposed, and no other."""
    index = CompanyIndex()
    for record in taken:
        index.take([record])
    now = {record.record_id: record for record in taken}
    matching = {one.record_id for one in now.values() if is_company(one, company)}
    assert index.candidates(company) == matching
    for record_id in matching:
        index.forget(record_id)
    assert index.candidates(company) == set()


@given(st.text(min_size=1, max_size=600), st.text(min_size=1, max_size=600))
def test_long_keys_stay_apart(one: str, other: str) -> None:
    """A key fits its field always, and two keys never become the same."""
    assert len(stored_key(one)) <= 255
    assert (stored_key(one) == stored_key(other)) is (one == other)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - put in next
    lambda moment: moment.replace(tzinfo=UTC)
)
maybe = st.none() | moments


@given(st.builds(ChangeCursor, since=maybe, began=maybe, page=st.none() | st.text(), newest=maybe))
def test_a_cursor_is_read_back_as_it_was_written(cursor: ChangeCursor) -> None:
    """A cursor survives being stored as text."""
    assert ChangeCursor.load(cursor.dump()) == cursor


@given(moments, moments)
def test_the_filters_second_is_never_later(moment: datetime, other: datetime) -> None:
    """What is asked for begins at the moment's second, and what comes back is accepted from it."""
    asked = parse_time(time_text(moment))
    assert asked is not None
    assert timedelta(0) <= moment - asked < timedelta(seconds=1)
    record = CrmRecord(record_id="1", modified_at=other)
    if other >= asked:
        check_filter([record], moment)
    else:
        with pytest.raises(Permanent):
            check_filter([record], moment)


def test_a_small_disorder_is_borne() -> None:
    """Times may go back within the overlap, which covers it; further back is a fault."""
    near = [CrmRecord(record_id=str(n), modified_at=NOW - timedelta(seconds=n)) for n in range(3)]
    check_ascending(near, timedelta(seconds=2))
    with pytest.raises(Permanent):
        check_ascending(near, timedelta(seconds=1))


@pytest.mark.parametrize("text", [None, 7, "", "yesterday", {}])
def test_what_is_no_time_is_none(text: object) -> None:
    """A time that cannot be read is left out."""
    assert parse_time(text) is None


def test_times_with_thousandths_are_read() -> None:
    """Both forms of RFC 3339 that Pipedrive uses are read; one without a zone is UTC."""
    for text in ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000Z", "2026-03-02 09:00:00"):
        assert parse_time(text) == NOW


def test_a_row_with_odd_values_is_read() -> None:
    """Nulls, objects and missing parts in a row are no names, keys or places."""
    layout = Layout.of(FIELDS, key_field=HASHES[0], website_field="website")
    row: dict[str, Any] = {
        "id": 7,
        "name": None,
        "website": None,
        "address": None,
        "custom_fields": None,
    }
    assert as_record(row, layout) == CrmRecord(record_id="7")
    row = {"id": 7, "website": {"value": "x"}, "custom_fields": {HASHES[0]: "  "}, "address": 3}
    assert as_record(row, layout) == CrmRecord(record_id="7")


@pytest.mark.parametrize(
    ("place", "tidy"),
    [("Kiel, , Germany", "Kiel, Germany"), (", , ", None), ("Kiel, SH, DE", "Kiel, SH, DE")],
)
def test_a_place_has_no_empty_parts(place: str, tidy: str | None) -> None:
    """Missing parts leave no gaps behind."""
    assert tidy_place(place) == tidy


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_timezone": "Moon/Base"},
        {"page_size": 501},
        {"keep_tokens": -1},
        {"key_field": ""},
        {"mapping": {"Prospectd key": "{name}"}},
        {"mapping": {"add_time": "{found_at}"}},
        {"mapping": {"name": "{nonsense}"}},
        {"unknown": 1},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """What cannot work is refused when the config is loaded."""
    with pytest.raises(ValidationError):
        PipedriveOptions.model_validate({"type": "pipedrive", **wrong})


@pytest.mark.parametrize(
    "base", ["https://acme.pipedrive.com", "https://acme.pipedrive.com/", "https://acme.pipedrive.com/api/v2"]
)  # fmt: skip
def test_the_address_may_be_the_accounts_own(base: str) -> None:
    """However the address is given, version 2 of the API is behind it."""
    options = PipedriveOptions.model_validate({"type": "pipedrive", "base_url": base})
    assert options.api_url == "https://acme.pipedrive.com/api/v2"


def test_the_simulator_is_strict() -> None:
    """The simulated account refuses what version 2 refuses: a wrong type, an unknown name."""
    for body in (
        {"name": ""},
        {"name": "A", "colour": 1},
        {"name": "A", "custom_fields": {HASHES[0]: "x"}},
        {"name": "A", "custom_fields": {HASHES[1]: 1}},
        {"name": "A", "address": "Kiel"},
    ):
        with pytest.raises(RefusedError):
            check_organization(body, [definition("double")], ())


def test_the_page_lists_the_whole_mapping() -> None:
    """Every default of the mapping stands in the page's table, and no other."""
    rows = re.findall(r"^\| `([\w ]+)` \| `(\{[^`]+\})` \|", PAGE, re.MULTILINE)
    assert dict(rows) == DEFAULTS


def test_the_page_lists_the_connectors_own_options() -> None:
    """Every option that Pipedrive adds is explained with its default."""
    for name in PipedriveOptions.__annotations__.keys() - {"type"}:
        default = PipedriveOptions.model_fields[name].default
        assert f"| `{name}` | `{default}` |" in PAGE


def test_the_mapping_uses_only_fields_of_a_result() -> None:
    """Each default names a field that results have."""
    used = set(re.findall(r"\{(\w+)\}", " ".join(DEFAULTS.values())))
    assert used <= set(FIELD_NAMES)


def test_no_promise_is_stronger_than_the_crm() -> None:
    """Without a constraint nothing is called prevented or unique, in data and in words."""
    assert CAPABILITIES.uniqueness.value == "none"
    assert not CAPABILITIES.sees_deletions | CAPABILITIES.sees_merges | CAPABILITIES.strong_lookup
    assert GUARANTEE.person_races.startswith("Not prevented")
    assert "no unique fields" in GUARANTEE.key
    assert f"costs {DEAREST}" in PAGE
