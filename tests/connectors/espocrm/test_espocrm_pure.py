"""The pure parts of the EspoCRM connector: filters, cursors, keys, hosts."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.espocrm.accounts import is_company, stored_key
from connectors.espocrm.cursors import MOST_SKEW, OVERLAP, ChangeCursor
from connectors.espocrm.fields import DEFAULTS, Body, clean_name, new_mapping, without_refused
from connectors.espocrm.filters import Filter, any_of_companies, equals, one_of, since
from connectors.espocrm.simulated_where import as_date, collate, matches, parse_brackets
from connectors.sdk.faults import Permanent
from connectors.sdk.records import FIELD_NAMES, CompanyRef, CrmRecord

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
moments = st.integers(0, 10**9).map(lambda seconds: NOON + timedelta(seconds=seconds))
texts = st.text(st.characters(codec="utf-8"), max_size=20)
filters = st.recursive(
    st.one_of(
        st.builds(Filter, type=st.just("equals"), attribute=texts, value=texts),
        st.builds(
            Filter,
            type=st.just("in"),
            attribute=texts,
            value=st.lists(texts, min_size=1, max_size=3).map(tuple),
        ),
    ),
    lambda inner: st.builds(
        Filter, type=st.just("or"), parts=st.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=5,
)


def as_raw(one: Filter) -> dict[str, object]:
    raw: dict[str, object] = {"type": one.type}
    if one.attribute is not None:
        raw["attribute"] = one.attribute
    parts = [as_raw(part) for part in one.parts]
    raw["value"] = parts or (one.value if isinstance(one.value, str) else list(one.value))
    return raw


@given(st.lists(filters, max_size=3))
def test_filters_survive_the_query_string(wanted: list[Filter]) -> None:
    """Whatever is in a filter, the server reads the very same one from the address."""
    pairs = [pair for at, one in enumerate(wanted) for pair in one.pairs(f"where[{at}]")]
    read = parse_qsl(urlencode(pairs), keep_blank_values=True)
    assert parse_brackets(read, "where") == [as_raw(one) for one in wanted]


@given(moments)
def test_a_moment_is_written_as_the_server_reads_it(moment: datetime) -> None:
    """A date in a filter always is one, or the server would return everything."""
    value = since("modifiedAt", moment).value
    assert isinstance(value, str)
    assert as_date(value) == value == f"{moment:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("count", [0, 1])
def test_there_is_no_or_of_one_condition(count: int) -> None:
    """A single condition stands alone, and nothing to look for makes no filter at all."""
    companies = [CompanyRef(key="acme.com", domain="acme.com", name="Acme")][:count]
    assert len(any_of_companies(companies, None)) == count
    assert all(one.type == "contains" for one in any_of_companies(companies, None))


def test_a_domain_is_looked_for_in_both_spellings() -> None:
    """People write an international domain in letters, machines in ASCII."""
    company = CompanyRef(key="xn--mller-kva.de", domain="xn--mller-kva.de", name="Müller")
    (either,) = any_of_companies([company], None)
    assert {part.value for part in either.parts} == {"xn--mller-kva.de", "müller.de"}


@given(moments, moments, st.none() | moments, st.none() | texts)
def test_a_cursor_is_read_back_as_it_was_written(
    first: datetime, began: datetime, newest: datetime | None, after: str | None
) -> None:
    """Nothing of a cursor is lost on its way through the store."""
    cursor = ChangeCursor(since=first, began=began, newest=newest, after=after)
    assert ChangeCursor.load(cursor.dump()) == cursor


@given(moments, moments, st.none() | moments)
def test_a_pass_never_moves_back_nor_beyond_what_may_be_late(
    first: datetime, began: datetime, newest: datetime | None
) -> None:
    """The next pass begins at or after this one, and before anything that is still under way."""
    following = ChangeCursor(since=first, began=began, newest=newest).finished()
    assert following.since >= first
    latest = max(filter(None, (newest and newest - OVERLAP, began - MOST_SKEW, first)))
    assert following == ChangeCursor(since=latest)


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"since": 5}'])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """A cursor that cannot be read is a fault and not a listing from the start."""
    with pytest.raises(Permanent):
        ChangeCursor.load(text)


@given(st.text(min_size=1, max_size=600))
def test_stored_keys_fit_and_stay_apart(key: str) -> None:
    """A key of any length fits the field, and two different ones stay different."""
    assert len(stored_key(key)) <= 255
    assert stored_key(key) != stored_key(key + "x")


@given(st.text(max_size=60))
def test_no_website_breaks_the_comparison(website: str) -> None:
    """Any text may stand in a record's website."""
    record = CrmRecord(record_id="1", websites=(website,))
    company = CompanyRef(key="acme.com", domain="acme.com", name="Acme")
    assert is_company(record, company) in (True, False)


@given(st.text(max_size=400))
def test_a_cleaned_name_is_one_that_the_crm_takes(name: str) -> None:
    """A cleaned name has nothing that EspoCRM refuses, and cleaning it again changes nothing."""
    cleaned = clean_name(name)
    assert len(cleaned) <= 249
    assert not set("<>=") & set(cleaned)
    assert clean_name(cleaned) == cleaned


def test_a_refused_field_is_given_up_once() -> None:
    """Leaving fields out comes to an end: each refusal takes one away or changes it for good."""
    body: Body | None = Body(values={"name": "a<b", "website": "x y", "city": "C"})
    seen = []
    for field in ("city", "website", "website", "name", "name"):
        assert body is not None
        body = without_refused(body, field, "valid", instead="https://x.com")
        seen.append(body and dict(body.values))
    assert seen == [
        {"name": "a<b", "website": "x y"},
        {"name": "a<b", "website": "https://x.com"},
        {"name": "a<b"},
        {"name": "a b"},
        None,
    ]


def test_the_default_mapping_uses_only_fields_of_a_result() -> None:
    """Every default template can be filled from a result."""
    used = {
        name for one in new_mapping({}, key_field="cKey").templates.values() for name in one.names
    }
    assert used <= set(FIELD_NAMES)
    assert set(DEFAULTS) == set(new_mapping({}, key_field="cKey").templates)


# The simulated database.


@pytest.mark.parametrize(
    ("one", "other"), [("Hazel", "HAZEL"), ("Hazel", "Házel"), ("Hazel", "hazel  ")]
)
def test_the_database_sees_no_case_no_accents_and_no_spaces_at_the_end(
    one: str, other: str
) -> None:
    """Two spellings that MariaDB's usual collation takes for one."""
    assert collate(one) == collate(other)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("equals", "ACME", True),
        ("notEquals", "acme", False),
        ("in", ["x", "acme"], True),
        ("notIn", ["acme"], False),
        ("like", "a%e", True),
        ("startsWith", "AC", True),
        ("endsWith", "ME", True),
        ("contains", "cm", True),
        ("contains", "a_me", True),
        ("notContains", "cm", False),
        ("greaterThan", "abc", True),
        ("lessThan", "abc", False),
        ("lessThanOrEquals", "acme", True),
        ("between", ["a", "b"], True),
        ("isNull", None, False),
        ("isNotNull", None, True),
        ("isFalse", None, False),
    ],
)
def test_kinds_of_filters(kind: str, value: object, found: bool) -> None:
    """Each kind of filter that the simulator knows selects as MariaDB does."""
    item = {"type": kind, "attribute": "name", "value": value}
    assert matches({"name": "Acme"}, [item], frozenset({"name"})) is found


@pytest.mark.parametrize(("kind", "found"), [("and", False), ("or", True), ("not", True)])
def test_groups_of_filters(kind: str, found: bool) -> None:
    """Groups combine what is in them."""
    inner = [{"type": "equals", "attribute": "name", "value": value} for value in ("acme", "other")]
    item = {"type": kind, "value": inner}
    assert matches({"name": "Acme"}, [item], frozenset({"name"})) is found


def test_filters_are_values() -> None:
    """Two filters that ask for the same are the same."""
    assert equals("name", "x") == Filter(type="equals", attribute="name", value="x")
    assert one_of("id", ["1"]) == Filter(type="in", attribute="id", value=("1",))
    assert since("modifiedAt", NOON) != since("modifiedAt", NOON + timedelta(seconds=1))
