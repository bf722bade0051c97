"""Records from Odoo, search domains and cursors: pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.odoo.changes import ChangeCursor, next_watermark
from connectors.odoo.fields import (
    KEY_FIELD,
)
from connectors.odoo.reading import (
    by_domains,
    changed_since,
    record_ids,
    to_record,
)
from connectors.odoo.simulated.domains import compile_domain
from connectors.odoo.simulated.orm import clean_website
from connectors.odoo.simulated.schema import PARTNER, partner_fields
from connectors.sdk.faults import Permanent
from connectors.sdk.records import CompanyRef
from connectors.sdk.websites import has_website_at


def test_a_contact_becomes_a_record() -> None:
    """Odoo's false is nothing, references give their names, times are in UTC."""
    row = {
        "id": 7,
        "name": "Acme",
        "website": "http://acme.com",
        "email": "info@acme.de",
        "city": False,
        "country_id": [57, "Germany"],
        "industry_id": False,
        "create_date": "2026-11-21 17:19:11",
        "write_date": "2026-11-21 17:19:14",
        KEY_FIELD: "acme.com",
    }
    record = to_record(row, email_is_domain=True)
    assert record.record_id == "7"
    assert record.websites == ("http://acme.com", "acme.de")
    assert (record.key, record.country, record.city) == ("acme.com", "Germany", None)
    assert record.industry is None
    assert record.modified_at == datetime(2026, 11, 21, 17, 19, 14, tzinfo=UTC)
    assert to_record(row, email_is_domain=False).websites == ("http://acme.com",)
    free = {**row, "email": "acme@gmail.com"}
    assert to_record(free, email_is_domain=True).websites == ("http://acme.com",)


DOMAINS = st.sampled_from(["acme.com", "a.co", "xn--mller-kva.de", "x-1.co.uk"])
NATIVE = {"xn--mller-kva.de": "müller.de"}


@given(
    domain=DOMAINS,
    scheme=st.sampled_from(["", "http://", "https://", "HTTP://"]),
    prefix=st.sampled_from(["", "www.", "shop.eu."]),
    suffix=st.sampled_from(["", "/", "/en?x=1", ":8080/"]),
    native=st.booleans(),
)
def test_a_search_by_domain_finds_every_spelling(
    *, domain: str, scheme: str, prefix: str, suffix: str, native: bool
) -> None:
    """Whatever is on the domain matches the search that is sent to Odoo, and then the check."""
    spelled = NATIVE.get(domain, domain) if native else domain
    website = clean_website(f"{scheme}{prefix}{spelled}{suffix}")
    asked = by_domains(
        [CompanyRef(key="other.org", domain="other.org", name="Other"), _ref(domain)],
        email_is_domain=False,
    )
    assert asked is not None
    matches = compile_domain(
        asked,
        model=PARTNER,
        fields=partner_fields(),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        value_of=lambda row, name: row.get(name),
    )
    assert matches({"website": website})
    record = to_record({"id": 1, "website": website}, email_is_domain=False)
    assert has_website_at(record, domain)


def _ref(domain: str) -> CompanyRef:
    return CompanyRef(key=domain, domain=domain, name="Some")


@pytest.mark.parametrize("website", ["notacme.com", "acme.com.br", "acme.company", "acme.co"])
def test_other_domains_are_not_taken_for_it(website: str) -> None:
    """A longer or shorter domain is another company's."""
    record = to_record({"id": 1, "website": f"https://{website}"}, email_is_domain=False)
    assert not has_website_at(record, "acme.com")


def test_nothing_is_searched_for_companies_without_domain() -> None:
    """An empty search domain would list every contact."""
    refs = [CompanyRef(key="name:x|y", domain=None, name="X")]
    assert by_domains(refs, email_is_domain=True) is None


def test_ids_that_are_no_numbers_are_nobody() -> None:
    """Ids of another CRM are not sent to Odoo."""
    assert record_ids(["7", "abc", "", "-1", "٣", "12"]) == [7, 12]


@given(
    since=st.datetimes(timezones=st.just(UTC)),
    then=st.none() | st.datetimes(timezones=st.just(UTC)),
    last_id=st.integers(min_value=0, max_value=2**53),
)
def test_a_cursor_survives_being_kept_as_text(
    since: datetime, then: datetime | None, last_id: int
) -> None:
    """What is read back is what was written."""
    cursor = ChangeCursor(since=since, then=then, last_id=last_id)
    assert ChangeCursor.load(cursor.dump()) == cursor


@pytest.mark.parametrize("text", ["", "7", "{}", '{"since": 1, "then": null, "last_id": 0}'])
def test_a_foreign_cursor_is_refused(text: str) -> None:
    """Another connector's cursor is a mistake, not the beginning of time."""
    with pytest.raises(Permanent, match="not a cursor"):
        ChangeCursor.load(text)


def test_the_search_for_changes_reaches_back_by_the_longest_transaction() -> None:
    """In whole seconds, rounded down, with >=: Odoo stores microseconds and shows none."""
    moment = datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    asked = changed_since(moment, timedelta(minutes=10))
    assert asked[-1] == ["write_date", ">=", "2026-01-01 11:50:00"]


def test_the_watermark_follows_odoo_and_in_quiet_times_our_clock() -> None:
    """It never passes what Odoo's database showed by more than our clock's allowance."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    ten = timedelta(minutes=10)
    old, new = now - timedelta(days=3), now - timedelta(minutes=1)
    assert next_watermark(latest=None, now=now, longest_transaction=ten) == now - ten
    assert next_watermark(latest=old, now=now, longest_transaction=ten) == now - ten
    assert next_watermark(latest=new, now=now, longest_transaction=ten) == new
