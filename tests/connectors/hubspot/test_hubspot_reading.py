"""Listing, looking up and reading HubSpot's companies."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.payloads import (
    SEARCH_BODY,
    domain_searches,
    from_milliseconds,
    match_company,
    milliseconds,
    parse_moment,
    parse_record,
)
from connectors.sdk.faults import NotProcessed
from connectors.sdk.records import CompanyRef, CrmRecord
from tests.connectors.hubspot.account import Account, company

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ref(domain: str, key: str | None = None) -> CompanyRef:
    return CompanyRef(key=key or domain, domain=domain, name=domain)


RAW = {
    "id": "77",
    "properties": {
        "domain": "acme.com",
        "hs_additional_domains": "acme.de;acme.fr;",
        "website": "https://www.acme.com/",
        "name": "Acme",
        "country": "Germany",
        "city": None,
        "industry": "RETAIL",
        "numberofemployees": "120",
        "hs_merged_object_ids": "5;77;6",
        "prospectd_key": "acme.com",
        "hs_lastmodifieddate": "2026-03-02T10:00:00.125Z",
        "unheard_of": {"nested": 1},
    },
    "createdAt": "2026-03-01T10:00:00Z",
    "updatedAt": "2026-03-02T09:00:00Z",
    "archived": False,
}


def test_a_record_is_read_whole() -> None:
    """All websites with the main one first, merged ids without the record's own, aware times."""
    assert parse_record(RAW, "prospectd_key") == CrmRecord(
        record_id="77",
        name="Acme",
        websites=("acme.com", "acme.de", "acme.fr", "https://www.acme.com/"),
        key="acme.com",
        country="Germany",
        industry="RETAIL",
        size="120",
        created_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        modified_at=datetime(2026, 3, 2, 10, 0, 0, 125_000, tzinfo=UTC),
        merged_ids=("5", "6"),
    )


def test_an_empty_record_is_read_too() -> None:
    """HubSpot has companies without any property; nulls and absent ones are the same."""
    for properties in ({}, {"name": None, "domain": None, "hs_merged_object_ids": None}):
        raw = {**RAW, "properties": properties}
        record = parse_record(raw, "prospectd_key")
        assert (record.name, record.websites, record.key) == ("", (), None)
        assert record.modified_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@given(st.timedeltas(timedelta(days=1), timedelta(days=40_000)).map(lambda since: EPOCH + since))
def test_moments_survive_the_way_through_milliseconds(moment: datetime) -> None:
    """A moment of HubSpot's precision is the same after its filter's form, text or digits."""
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert from_milliseconds(milliseconds(moment)) == whole
    assert parse_moment(str(milliseconds(whole))) == whole
    assert parse_moment(whole.isoformat().replace("+00:00", "Z")) == whole


def test_matching_takes_whole_labels_only() -> None:
    """A key, the domain or its subdomain match; a longer or shorter name does not."""

    def match(website: str, key: str | None = None) -> bool:
        record = CrmRecord(record_id="1", websites=(website,), key=key)
        return match_company(record, ref("acme.com", "acme.com"))

    assert match("https://shop.acme.com")
    assert match("other.com", key="ACME.com")
    assert not match("notacme.com")
    assert not match("acme.com.example.org")
    assert not match("acme.co")


@given(st.lists(st.from_regex(r"[a-z]{1,63}\.[a-z]{2,20}", fullmatch=True), max_size=80))
def test_searches_keep_to_hubspots_limits(domains: list[str]) -> None:
    """No search is longer than 3,000 characters, and together they ask for every domain."""
    unique = list(dict.fromkeys(domains))
    bodies = list(domain_searches(unique, ("domain", "name")))
    asked: list[str] = []
    for body in bodies:
        assert len(orjson.dumps(body)) <= SEARCH_BODY
        asked += body["filterGroups"][0]["filters"][0]["values"][::2]
    assert asked == unique


def test_a_listing_is_fast_and_asks_little(account: Account) -> None:
    """A listing takes one request for a hundred companies, with just the properties we read."""
    account.simulator.seed([{"name": f"Firm {number}"} for number in range(450)])
    crm = account.open()
    pages = list(crm.scan(None))
    assert [len(page.records) for page in pages] == [100, 100, 100, 100, 50]
    assert len(account.requests) == 5
    query = account.requests[0].url.params
    assert query["limit"] == "100"
    assert "hs_additional_domains" in query["properties"].split(",")
    assert "prospectd_key" in query["properties"].split(",")


def test_a_full_page_at_the_end_is_the_last(account: Account) -> None:
    """A listing whose length is a multiple of the page ends without another page."""
    account.simulator.seed([{"name": f"Firm {number}"} for number in range(200)])
    pages = list(account.open().scan(None))
    assert [page.cursor is None for page in pages] == [False, True]


def test_a_listing_keeps_to_the_rate(large_account: Account) -> None:
    """The announced limit is kept: no request of a long listing is refused."""
    large_account.simulator.requests_per_10s = 20
    large_account.simulator.seed([{"name": f"Firm {number}"} for number in range(7_000)])
    assert sum(len(page.records) for page in large_account.open().scan(None)) == 7_000
    assert {each.status for each in large_account.exchanges} == {200}
    assert large_account.clock.monotonic() >= 30


def test_a_raised_limit_is_used(large_account: Account) -> None:
    """An account that allows more than the default is listed as fast as it allows."""
    large_account.simulator.requests_per_10s = 10_000
    large_account.simulator.seed([{"name": f"Firm {number}"} for number in range(20_000)])
    assert sum(len(page.records) for page in large_account.open().scan(None)) == 20_000
    assert large_account.clock.monotonic() < 1


def test_an_operators_ceiling_is_kept(large_account: Account) -> None:
    """``requests_per_second`` slows us down whatever HubSpot allows."""
    large_account.simulator.requests_per_10s = 10_000
    large_account.simulator.seed([{"name": f"Firm {number}"} for number in range(2_000)])
    list(large_account.open(requests_per_second=1).scan(None))
    assert large_account.clock.monotonic() >= 10


def test_lookup_finds_what_search_does_not_show_yet(account: Account) -> None:
    """Our own key is found at once; a person's company only after the index caught up."""
    crm = account.ready()
    ours = crm.push([company("ours.com")])[0].record_id
    theirs = account.simulator.create(name="Theirs", domain="theirs.com")
    found = crm.lookup([ref("ours.com"), ref("theirs.com")])
    assert [[each.record_id for each in records] for records in found] == [[ours], []]
    account.clock.advance(timedelta(seconds=6))
    found = crm.lookup([ref("ours.com"), ref("theirs.com")])
    assert [[each.record_id for each in records] for records in found] == [[ours], [theirs]]


def test_lookup_sees_additional_domains_and_websites(account: Account) -> None:
    """A company is found by an additional domain, or by a website alone, in any usual spelling."""
    spellings = (
        {"hs_additional_domains": "other.org;a.com"},
        {"website": "https://www.b.com/"},
        {"website": "http://c.com"},
        {"website": "www.d.com"},
        {"domain": "www.E.com"},
    )
    ids = account.simulator.seed(spellings)
    account.clock.advance(timedelta(seconds=6))
    crm = account.ready()
    found = crm.lookup([ref(f"{letter}.com") for letter in "abcde"])
    assert [[each.record_id for each in records] for records in found] == [[i] for i in ids]


def test_lookup_of_a_batch_takes_few_searches(account: Account) -> None:
    """A hundred companies are looked up with one strong read and a dozen searches or so."""
    crm = account.ready()
    crm.lookup([ref(f"company-{number}.com") for number in range(100)])
    searches = [path for path in account.paths() if path.endswith("search")]
    assert len(account.requests) - len(searches) == 1
    assert len(searches) <= 20
    assert 429 not in {each.status for each in account.exchanges}


def test_lookup_without_a_domain_asks_for_the_key(account: Account) -> None:
    """A company without a domain is looked up by its key alone, without a search."""
    crm = account.ready()
    key = CompanyRef(key="profile:linkedin.com/company/x", domain=None, name="X")
    assert crm.lookup([key]) == [[]]
    assert account.paths() == ["objects/2026-03/companies/batch/read"]


def test_reading_a_merged_id_gives_nothing(account: Account) -> None:
    """HubSpot answers a merged-away id with the survivor; for us that id is gone."""
    first, second = account.simulator.seed([{"name": "A"}, {"name": "B"}])
    account.simulator.merge(survivor_id=first, lost_id=second)
    crm = account.open()
    assert set(crm.read([first, second])) == {first}
    assert crm.read([second, "999", "no-number"]) == {}


def test_reading_many_takes_batches_of_a_hundred(account: Account) -> None:
    """More than a hundred ids are read in several requests, each id once."""
    ids = account.simulator.seed([{"name": str(number)} for number in range(230)])
    crm = account.open()
    assert set(crm.read([*ids, *ids])) == set(ids)
    assert len(account.requests) == 3


def test_an_unreadable_record_is_not_an_absent_one(account: Account) -> None:
    """A 207 whose error is not "not found" says nothing about absence: it is a fault."""
    account.ready()

    class Unwell:
        """HubSpot that cannot read a part of what was asked."""

        def handle(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - the same for all
            """Answer one request."""
            error = {"status": "error", "category": "INTERNAL_ERROR", "message": "try again"}
            return httpx.Response(207, json={"results": [], "numErrors": 1, "errors": [error]})

    crm = account.open_with(Unwell())
    with pytest.raises(NotProcessed, match="try again"):
        crm.resolve([company("acme.com")])
    with pytest.raises(NotProcessed):
        crm.push([company("acme.com")])
    assert account.simulator.companies() == []
