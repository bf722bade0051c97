"""Listing, following and looking up accounts."""

from datetime import timedelta
from random import Random

import httpx
import pytest

from connectors.salesforce.simulator import SalesforceSimulator
from connectors.sdk.faults import BadCredentials, NeedsPerson, NotProcessed, Permanent, RateLimited
from connectors.sdk.protocol import Connector
from connectors.sdk.records import ChangePage
from connectors.sdk.simulator import Faults
from tests.connectors.salesforce.organisation import KEY, Organisation


def everything(crm: Connector) -> list[str]:
    return [record.record_id for page in crm.scan(None) for record in page.records]


def follow(crm: Connector, cursor: str) -> tuple[list[ChangePage], str]:
    pages = list(crm.changes(cursor))
    return pages, pages[-1].cursor


def told(pages: list[ChangePage]) -> set[str]:
    return {record.record_id for page in pages for record in page.upserts}


@pytest.mark.parametrize("page_size", [2_000, 700])
def test_a_listing_is_whole_however_salesforce_cuts_it(org: Organisation, page_size: int) -> None:
    """Full pages and pages that were cut short both go on by the last id."""
    org.site.page_size = page_size
    ids = org.site.seed({"Name": f"Firm {number}"} for number in range(4_500))
    crm = org.ready()
    assert everything(crm) == ids


def test_a_token_that_ends_in_the_middle_is_renewed(org: Organisation) -> None:
    """A refused session is replaced once, and the same request sent again."""
    org.site.page_size = 10
    ids = org.site.seed({"Name": f"Firm {number}"} for number in range(35))
    crm = org.ready()
    seen: list[str] = []
    for page in crm.scan(None):
        seen += [record.record_id for record in page.records]
        org.site.expire_tokens()
    assert seen == ids
    assert org.site.logins == 4


def test_a_token_lasts_as_long_as_it_lasts(org: Organisation) -> None:
    """No token is asked for while one works, and one that timed out is replaced."""
    crm = org.ready()
    logins = org.site.logins
    everything(crm)
    assert org.site.logins == logins
    org.clock.advance(org.site.token_lasts)
    everything(crm)
    assert org.site.logins == logins + 1


def test_a_changed_secret_is_for_a_person(org: Organisation) -> None:
    """A wrong secret is told with the remedy, and shows nowhere."""
    crm = org.open(secret="wrong-secret-42")
    with pytest.raises(BadCredentials, match="consumer secret") as caught:
        everything(crm)
    assert "wrong-secret-42" not in f"{caught.value!r} {caught.value.message} {org.exchanges}"


def test_one_second_may_hold_any_number_of_changes(org: Organisation) -> None:
    """An import of 5,000 accounts in one second is told whole, with what came before and after."""
    crm = org.ready()
    cursor = crm.changes_from(org.clock.now())
    ids = {org.site.create(Name="before")}
    org.clock.advance(timedelta(seconds=5))
    ids |= set(org.site.seed({"Name": f"Firm {number}"} for number in range(5_000)))
    org.clock.advance(timedelta(seconds=5))
    ids.add(org.site.create(Name="after"))
    pages, _ = follow(crm, cursor)
    assert told(pages) == ids


def test_deletions_merges_and_restorations_are_told(org: Organisation) -> None:
    """A deleted account is told as gone, a merged one with its survivor, a restored one as live."""
    crm = org.ready()
    gone, lost, survivor = (org.site.create(Name=name) for name in "abc")
    org.clock.advance(timedelta(hours=1))
    cursor = crm.changes_from(org.clock.now())
    org.clock.advance(timedelta(minutes=1))
    org.site.delete(gone)
    org.site.merge(survivor_id=survivor, lost_id=lost)
    pages, cursor = follow(crm, cursor)
    assert [page.deleted_ids for page in pages] == [(gone,)]
    assert [(m.lost_id, m.survivor_id) for p in pages for m in p.merges] == [(lost, survivor)]
    assert told(pages) == {survivor}
    org.clock.advance(timedelta(minutes=30))
    org.site.undelete(gone)
    pages, _ = follow(crm, cursor)
    assert gone in told(pages)


def test_a_purged_account_shows_only_by_its_absence(org: Organisation) -> None:
    """What was purged before it was read as deleted is told by no change; a listing lacks it."""
    crm = org.ready()
    gone, kept = org.site.create(Name="a"), org.site.create(Name="b")
    cursor = crm.changes_from(org.clock.now())
    org.site.delete(gone)
    org.site.purge(gone)
    pages, _ = follow(crm, cursor)
    assert [page.deleted_ids for page in pages] == [()]
    assert everything(crm) == [kept]


def test_a_late_commit_is_told_next_time(org: Organisation) -> None:
    """An account of a nine-minute transaction is told though the watermark passed its stamp."""
    crm = org.ready()
    cursor = crm.changes_from(org.clock.now())
    late = org.site.create(Name="late", late=timedelta(minutes=9))
    org.clock.advance(timedelta(minutes=1))
    prompt = org.site.create(Name="prompt")
    org.clock.advance(timedelta(minutes=4))
    pages, cursor = follow(crm, cursor)
    assert told(pages) == {prompt}
    org.clock.advance(timedelta(minutes=5))
    pages, _ = follow(crm, cursor)
    assert late in told(pages)


def test_the_watermark_is_salesforces_own_time(org: Organisation) -> None:
    """After a quiet day the next reading begins at that day, and not at its start again."""
    crm = org.ready()
    cursor = crm.changes_from(org.clock.now())
    org.site.create(Name="old")
    org.clock.advance(timedelta(days=1))
    _, cursor = follow(crm, cursor)
    pages, _ = follow(crm, cursor)
    assert told(pages) == set()


def test_a_foreign_cursor_is_refused(org: Organisation) -> None:
    """A cursor that is none is told, so that a sweep makes a new one."""
    crm = org.ready()
    for cursor in ("", "[]", "x", '["a", 1, 2, null, null]'):
        with pytest.raises(Permanent, match="cursor"):
            list(crm.changes(cursor))


def test_fields_that_are_hidden_are_not_asked_for(org: Organisation) -> None:
    """Without the right to see a field that is only welcome, reading goes on without it."""
    crm = org.ready()
    org.site.create(Name="a", NumberOfEmployees=12)
    org.site.org.hidden |= {"NumberOfEmployees", KEY}
    crm = org.open()
    records = [record for page in crm.scan(None) for record in page.records]
    assert [(record.name, record.size) for record in records] == [("a", None)]


def test_a_field_that_vanished_is_seen_by_the_next_reading(org: Organisation) -> None:
    """A query for a field that is gone fails; the next one asks without it."""
    crm = org.ready()
    made = org.site.create(Name="a")
    del org.site.org.fields["NumberOfEmployees"]
    with pytest.raises(NotProcessed, match="gone or hidden"):
        everything(crm)
    assert everything(crm) == [made]


def test_a_query_that_timed_out_is_asked_again(org: Organisation) -> None:
    """``QUERY_TIMEOUT`` is a 400 that may well work the next time."""
    org.ready()
    made = org.site.create(Name="a")
    vendor = Weary(org.site)
    crm = org.open(inner=vendor)
    assert everything(crm) == [made]
    vendor.times = 1_000
    with pytest.raises(NotProcessed, match="QUERY_TIMEOUT"):
        everything(crm)


class Weary:
    """Salesforce that does not finish the first queries."""

    def __init__(self, site: SalesforceSimulator) -> None:
        self.site = site
        self.times = 2

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, but for the first queries."""
        if "/query" not in request.url.path or self.times == 0:
            return self.site.handle(request)
        self.times -= 1
        error = {"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running too long"}
        return httpx.Response(400, json=[error])


@pytest.mark.parametrize(
    "body",
    [
        {"done": False, "records": []},
        {"done": "yes", "records": []},
        {"done": True, "records": None},
        {"done": True, "records": [{"Id": "001"}]},
    ],
)
def test_a_listing_of_another_shape_is_no_listing(org: Organisation, body: object) -> None:
    """A reply that does not say whether it is whole, or has other rows, is a fault."""
    disturbed = org.open(inner=Answering(org.site, body))
    with pytest.raises(NotProcessed, match="shape"):
        everything(disturbed)


class Answering:
    """Something that answers every query with this."""

    def __init__(self, site: SalesforceSimulator, body: object) -> None:
        self.site = site
        self.body = body

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer queries with it."""
        if "/query" not in request.url.path:
            return self.site.handle(request)
        return httpx.Response(200, json=self.body)


def test_a_hidden_website_is_for_a_person(org: Organisation) -> None:
    """Without websites no company would be recognised: that is a fault, not a poorer listing."""
    org.site.org.hidden.add("Website")
    with pytest.raises(NeedsPerson, match="Website"):
        everything(org.open())


def test_a_crowd_of_long_requests_is_waited_out(org: Organisation) -> None:
    """Too many long requests at once end after seconds; the listing is whole all the same."""
    crm = org.ready()
    made = org.site.create(Name="a")
    org.site.crowded_times = 2
    assert everything(crm) == [made]
    org.site.crowded_times = 1_000
    with pytest.raises(RateLimited):
        everything(crm)


def test_a_listing_survives_a_bad_line(org: Organisation) -> None:
    """On a bad line a scan gives every record once or a fault; never a short list that ends."""
    org.site.page_size = 20
    ids = org.site.seed({"Name": str(number)} for number in range(100))
    whole = 0
    for seed in range(20):
        crm = org.open(faults=Faults(rate=0.3, random=Random(seed)))
        try:
            assert everything(crm) == ids
            whole += 1
        except (RateLimited, NotProcessed):
            continue
    assert whole > 3
