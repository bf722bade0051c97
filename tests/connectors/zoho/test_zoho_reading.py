"""Listing, following changes and looking up in Zoho."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.faults import Fault, NotProcessed, Permanent
from connectors.sdk.records import ChangePage
from connectors.zoho.changes import Position, finish, start_at
from connectors.zoho.connector import ZohoConnector
from connectors.zoho.promises import SETTLING
from tests.connectors.zoho.organisation import Organisation

MOMENT = datetime(2026, 3, 2, 12, 30, 15, tzinfo=UTC)


def listed(opened: ZohoConnector) -> set[str]:
    """The ids of a full listing."""
    return {record.record_id for page in opened.scan(None) for record in page.records}


def lists(zoho: Organisation) -> list[httpx.URL]:
    """The listings that were asked for."""
    return [one.url for one in zoho.requests if one.url.path == "/crm/v8/Accounts"]


def followed(opened: ZohoConnector, cursor: str) -> list[ChangePage]:
    """All pages of changes."""
    return list(opened.changes(cursor))


def test_a_crowd_of_one_moment_is_listed_with_page_tokens(zoho: Organisation) -> None:
    """More records of one second than page numbers reach are all listed, by page token."""
    zoho.crm.paged_rows = 2_000
    ids = set(zoho.people_add(2_300, apart=0))
    assert listed(zoho.open()) == ids
    assert any("page_token" in url.params and "page" not in url.params for url in lists(zoho))


def test_a_listing_beyond_two_thousand_needs_no_page_numbers(zoho: Organisation) -> None:
    """Records of different seconds are listed from moment to moment, each page the first."""
    ids = set(zoho.people_add(130))
    assert listed(zoho.open(page_size=20)) == ids
    assert {url.params["page"] for url in lists(zoho)} == {"1"}


@pytest.mark.parametrize("includes", [True, False])
def test_a_second_that_spans_two_pages_is_whole(zoho: Organisation, *, includes: bool) -> None:
    """Whether or not Zoho's "since" has its moment, records of one second are all listed."""
    zoho.crm.since_includes = includes
    ids = {*zoho.people_add(7), *zoho.people_add(6, apart=0), *zoho.people_add(10)}
    assert listed(zoho.open(page_size=10)) == ids


def test_accounts_that_wait_for_approval_are_listed(zoho: Organisation) -> None:
    """They are there, and a second account would be a duplicate."""
    first, second = zoho.people_add(2)
    zoho.crm.org.accounts[first].approved = False
    assert listed(zoho.open()) == {first, second}
    assert set(zoho.open().read([first])) == {first}


@pytest.mark.parametrize("act", ["delete", "edit"])
def test_nobody_is_missed_when_a_crowd_shifts(zoho: Organisation, act: str) -> None:
    """Records of one second that are deleted or edited amid the listing push nobody out of it."""
    ids = zoho.people_add(60, apart=0)
    shifted: list[str] = []

    def shift(request: httpx.Request) -> None:
        if request.url.params.get("page") == "3" and not shifted:
            zoho.clock.advance(timedelta(seconds=30))
            for record_id in ids[:10]:
                shifted.append(record_id)
                if act == "delete":
                    zoho.crm.org.delete(record_id)
                else:
                    zoho.crm.org.accounts[record_id].modified = zoho.crm.org.now()

    seen = listed(zoho.open(page_size=10, before=shift))
    assert len(shifted) == 10
    assert seen >= set(ids[10:])


def test_a_crowd_that_never_rests_is_a_fault(zoho: Organisation) -> None:
    """Where two passes never agree, the listing is not passed off as whole."""
    zoho.people_add(40, apart=0)
    stamp = next(iter(zoho.crm.org.accounts.values())).modified

    def one_more(request: httpx.Request) -> None:
        if request.url.params.get("page") == "2":
            zoho.crm.org.add({"Account_Name": "More"}).modified = stamp

    with pytest.raises(NotProcessed, match="faster"):
        listed(zoho.open(page_size=10, before=one_more))


def _rows(*moments: str, more: bool = True) -> dict[str, Any]:
    rows = [{"id": str(n), "Modified_Time": moment} for n, moment in enumerate(moments, start=1)]
    return {"data": rows, "info": {"more_records": more, "page": 1}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_rows("2026-03-02T12:00:01+00:00", "2026-03-02T12:00:00+00:00"), "not_sorted"),
        ({"data": [{"id": "1"}], "info": {"more_records": False}}, "not_a_record"),
        ({"data": [], "info": {"more_records": True, "next_page_token": "x"}}, "pagination_stuck"),
        ({"data": [{"id": "1"}], "info": {}}, "unexpected_shape"),
        ({"data": [{"id": ""}], "info": {"more_records": False}}, "unexpected_shape"),
        ({"status": "error", "code": "X", "details": {}, "message": ""}, "unexpected_shape"),
    ],
)
def test_a_listing_that_cannot_be_trusted_is_a_fault(
    zoho: Organisation, body: dict[str, Any], code: str
) -> None:
    """Unsorted rows, rows without time, pages without end: never a listing that looks whole."""
    opened = zoho.ready()
    zoho.script = lambda _: httpx.Response(200, json=body)
    with pytest.raises(Fault) as caught:
        listed(opened)
    assert caught.value.code == code


def test_a_filter_that_is_ignored_is_seen(zoho: Organisation) -> None:
    """Rows from before the moment asked for show that the header was not heeded."""
    opened = zoho.ready()
    zoho.script = lambda _: httpx.Response(200, json=_rows("2020-01-01T00:00:00+00:00", more=False))
    with pytest.raises(Permanent) as caught:
        followed(opened, opened.changes_from(MOMENT))
    assert caught.value.code == "not_filtered"


def test_more_without_a_page_token_is_a_fault(zoho: Organisation) -> None:
    """Beyond the page numbers a missing token ends the listing with a fault."""
    zoho.people_add(60, apart=0)

    def without_token(request: httpx.Request) -> httpx.Response | None:
        response = zoho.crm.handle(request)
        if request.method == "GET" and response.status_code == 200:
            body = orjson.loads(response.content)
            body.get("info", {}).pop("next_page_token", None)
            return httpx.Response(200, json=body)
        return response

    opened = zoho.open(page_size=200)
    zoho.people_add(2_200, apart=0)
    zoho.script = without_token
    with pytest.raises(Permanent) as caught:
        listed(opened)
    assert caught.value.code == "no_page_token"


# Changes.


def test_deletions_come_in_pages(zoho: Organisation) -> None:
    """More deletions than fit on a page are all told, the bin's and those for good."""
    ids = zoho.people_add(230, apart=0)
    opened = zoho.open()
    cursor = opened.changes_from(zoho.clock.now())
    for number, record_id in enumerate(ids):
        zoho.crm.org.delete(record_id, for_good=number % 2 == 0)
    pages = followed(opened, cursor)
    assert {one for page in pages for one in page.deleted_ids} == set(ids)
    assert [page.more for page in pages][-1] is False


def test_reading_deletions_goes_on_where_it_stopped(zoho: Organisation) -> None:
    """A reader that stopped amid the deletions goes on with them, not from the beginning."""
    ids = zoho.people_add(230, apart=0)
    opened = zoho.open()
    cursor = opened.changes_from(zoho.clock.now())
    for record_id in ids:
        zoho.crm.org.delete(record_id)
    first = next(page for page in opened.changes(cursor) if page.deleted_ids)
    rest = followed(zoho.open(), first.cursor)
    told = {one for page in rest for one in page.deleted_ids}
    assert len(told) == 30
    assert told | set(first.deleted_ids) == set(ids)


def test_deletions_overlap_too(zoho: Organisation) -> None:
    """A deletion that was listed late, stamped before the last reading, is told."""
    (gone,) = zoho.people_add(1)
    zoho.crm.org.delete(gone)
    zoho.clock.advance(SETTLING / 2)
    opened = zoho.open()
    pages = followed(opened, opened.changes_from(zoho.clock.now()))
    assert [one for page in pages for one in page.deleted_ids] == [gone]


@pytest.mark.parametrize("shown", [True, False])
def test_a_merge_is_a_deletion_at_most(zoho: Organisation, *, shown: bool) -> None:
    """The lost record of a merge is told as deleted where Zoho lists it, else by a sweep."""
    zoho.crm.org.shows_merges = shown
    survivor, lost = zoho.people_add(2)
    zoho.settle()
    opened = zoho.open()
    cursor = opened.changes_from(zoho.clock.now())
    zoho.clock.advance(timedelta(minutes=5))
    zoho.crm.org.merge(survivor_id=survivor, lost_id=lost)
    pages = followed(opened, cursor)
    assert [one for page in pages for one in page.deleted_ids] == ([lost] if shown else [])
    assert {one.record_id for page in pages for one in page.upserts} == {survivor}
    assert listed(opened) == {survivor}


def test_nothing_new_is_two_requests(zoho: Organisation) -> None:
    """Where nothing changed, Zoho says 304 twice, and the cursor still moves on."""
    zoho.people_add(3)
    zoho.clock.advance(timedelta(hours=3))
    opened = zoho.ready()
    cursor = opened.changes_from(zoho.clock.now())
    (upserted, deleted) = followed(opened, cursor)
    assert (upserted.upserts, deleted.deleted_ids) == ((), ())
    assert len(zoho.requests) == 2
    zoho.clock.advance(timedelta(hours=1))
    after = Position.load(followed(opened, deleted.cursor)[-1].cursor)
    assert after.since == zoho.clock.now().replace(microsecond=0)


def test_the_cursor_follows_zohos_clock_not_ours(zoho: Organisation) -> None:
    """A wrong clock on our side skips nothing: the next run counts from what Zoho said."""
    opened = zoho.ready()
    zohos = zoho.clock.now().replace(microsecond=0) - timedelta(minutes=30)
    cursor = opened.changes_from(zohos - timedelta(hours=1))

    def answer(request: httpx.Request) -> httpx.Response:
        response = zoho.crm.handle(request)
        response.headers["date"] = format_datetime(zohos, usegmt=True)
        return response

    zoho.script = answer
    assert Position.load(followed(opened, cursor)[-1].cursor).since == zohos


@given(
    st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(0, 50),
)
def test_a_position_is_read_back_as_it_was_written(naive: datetime, page: int) -> None:
    """Nothing of a position is lost on its way through the store, and it overlaps."""
    moment = naive.replace(tzinfo=UTC)
    start = start_at(moment)
    assert start.since - start.at == SETTLING
    assert start.since <= moment
    position = Position(
        since=start.since, at=start.at, latest=moment, started=moment, deleted_page=page
    )
    assert Position.load(position.dump()) == position
    assert finish(position).since >= start.since


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", '["x", "y", "z", null, 0]'])
def test_what_is_no_cursor_is_refused(zoho: Organisation, cursor: str) -> None:
    """A cursor that cannot be read is a fault and not a listing from the start."""
    with pytest.raises(Permanent):
        followed(zoho.open(), cursor)
    with pytest.raises(Permanent):
        list(zoho.open().scan(cursor))
