"""Looking companies up in Zoho, and comparing what is found."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import is_at
from connectors.zoho.accounts import (
    MOST_CRITERIA,
    as_record,
    company_queries,
    is_company,
    parse_moment,
    quoted,
    stored_key,
)
from connectors.zoho.simulated_coql import parse_query
from tests.connectors.zoho.organisation import Organisation, company, keyed

MOMENT = datetime(2026, 3, 2, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "website",
    [
        "acme.com",
        "shop.acme.com/a?b=c",
        "HTTPS://WWW.ACME.COM/",
        "http://acme.com:8080",
    ],
)
def test_a_company_is_found_however_its_website_is_typed(zoho: Organisation, website: str) -> None:
    """Scheme, subdomain, port and path make no difference."""
    held = zoho.crm.org.add({"Account_Name": "A", "Website": website})
    (found,) = zoho.open().lookup([company("acme.com").company])
    assert [record.record_id for record in found] == [held.account_id]


@pytest.mark.parametrize("typed", ["bücher.example", "https://www.xn--bcher-kva.example/"])
def test_an_international_domain_is_found_in_both_spellings(zoho: Organisation, typed: str) -> None:
    """A person types letters, a program the ASCII form."""
    zoho.crm.org.add({"Account_Name": "B", "Website": typed})
    (found,) = zoho.open().lookup([company("xn--bcher-kva.example").company])
    assert [record.websites for record in found] == [(typed,)]


def test_a_hundred_companies_take_few_queries(zoho: Organisation) -> None:
    """Many companies share a query, each within Zoho's limit of criteria."""
    opened = zoho.ready()
    ids = zoho.people_add(100, apart=0)
    companies = [company(f"firm-{number}.example").company for number in range(100)]
    found = opened.lookup(companies)
    assert [[one.record_id for one in records] for records in found] == [[one] for one in ids]
    assert len(zoho.requests) == 5


def test_a_query_with_many_rows_is_read_to_its_end(zoho: Organisation) -> None:
    """A company that people keep in hundreds of accounts is found in all of them."""
    for number in range(450):
        zoho.crm.org.add({"Account_Name": f"Branch {number}", "Website": f"b{number}.acme.com"})
    (found,) = zoho.open().lookup([company("acme.com").company])
    assert len(found) == 450


def test_looking_up_works_before_the_field_is_there(zoho: Organisation) -> None:
    """Without the key's field companies are looked up by website alone."""
    zoho.crm.org.add({"Account_Name": "A", "Website": "acme.com"})
    found = zoho.open().lookup(
        [company("acme.com").company, CompanyRef(key="k", domain=None, name="K")]
    )
    assert [len(records) for records in found] == [1, 0]


def test_keys_alone_are_split_among_queries(zoho: Organisation) -> None:
    """Companies without a domain are looked up fifty to a query, as Zoho allows."""
    opened = zoho.ready()
    found = opened.lookup([keyed(f"profile:{number}").company for number in range(120)])
    assert found == [[]] * 120
    assert len(zoho.requests) == 3


@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.booleans()), max_size=70))
def test_queries_keep_to_zohos_limits(companies: list[tuple[str, bool]]) -> None:
    """Whatever is looked up, each query is one that Zoho understands."""
    refs = [
        CompanyRef(key=key, domain=f"{number}.bücher.example" if has else None, name="")
        for number, (key, has) in enumerate(companies)
    ]
    for condition in company_queries(refs, key_field="Prospectd_Key"):
        text = f"select id from Accounts where {condition} order by id asc limit 200 offset 0"  # noqa: S608 - no database
        parse_query(text, ["Prospectd_Key", "Website"])


def test_each_query_is_filled(zoho: Organisation) -> None:
    """The limit of criteria is used, not stayed far below."""
    refs = [company(f"firm-{number}.com").company for number in range(MOST_CRITERIA - 1)]
    assert len(list(company_queries(refs, key_field="Prospectd_Key"))) == 1
    assert zoho.requests == []


@given(st.text(max_size=30))
def test_a_quoted_text_is_read_back(text: str) -> None:
    """No text breaks out of its quotes."""
    asked = f"select id from Accounts where Website = {quoted(text)} limit 1 offset 0"  # noqa: S608 - no database
    query = parse_query(asked, ["Website"])
    assert query.test({"Website": text}) is True


@given(st.text(max_size=40))
def test_no_website_breaks_the_comparison(text: str) -> None:
    """Any text may stand in a record's website."""
    record = CrmRecord(record_id="1", websites=(text,))
    assert is_company(record, company("acme.com").company) == is_at(text, "acme.com")


def test_a_long_key_stays_a_key_of_its_own() -> None:
    """Two long keys that begin alike are stored differently, and both fit."""
    one, other = stored_key("k" * 300 + "1"), stored_key("k" * 300 + "2")
    assert one != other
    assert len(one) == len(other) == 255


def test_a_record_carries_what_zoho_holds() -> None:
    """Numbers become texts, empty texts nothing, times UTC."""
    row = {
        "id": 5, "Account_Name": None, "Website": "", "Employees": 11, "K": "acme.com",
        "Modified_Time": "2026-03-02T18:00:15+05:30", "Created_Time": "yesterday",
    }  # fmt: skip
    record = as_record(row, "K")
    assert record == CrmRecord(record_id="5", key="acme.com", size="11", modified_at=MOMENT)


def test_times_without_a_zone_are_utc() -> None:
    """A time that names no zone is taken as UTC and not as ours."""
    assert parse_moment("2026-03-02T12:30:15") == MOMENT
