"""Following HubSpot's changes: nothing skipped, whatever moves, merges, lags or shares a time."""

from datetime import timedelta

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot.changes import SETTLING, Position, finish, start_at
from connectors.sdk.faults import NotProcessed, Permanent
from connectors.sdk.protocol import Connector
from connectors.sdk.records import ChangePage, Merge
from tests.connectors.hubspot.account import Account

_SECOND = timedelta(seconds=1)


def follow(crm: Connector, cursor: str) -> tuple[set[str], list[ChangePage]]:
    """The ids of all upserts, and the pages."""
    pages = list(crm.changes(cursor))
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    return {record.record_id for page in pages for record in page.upserts}, pages


def settle(account: Account) -> None:
    account.clock.advance(SETTLING + _SECOND)


def test_more_than_ten_thousand_changes_are_all_told(large_account: Account) -> None:
    """HubSpot's search ends at 10,000 results; reading goes on from the last time seen."""
    crm = large_account.ready()
    cursor = crm.changes_from(large_account.clock.now())
    made = set()
    for number in range(10_400):
        made.add(large_account.simulator.create(name=f"Firm {number}"))
        if number % 5 == 0:
            large_account.clock.advance(timedelta(milliseconds=1))
    settle(large_account)
    told, _ = follow(crm, cursor)
    assert told == made


def test_an_import_with_one_time_stamp_is_told_whole(large_account: Account) -> None:
    """More than 10,000 companies changed in the same millisecond are all told, by their ids."""
    crm = large_account.ready()
    cursor = crm.changes_from(large_account.clock.now())
    before = large_account.simulator.create(name="before")
    large_account.clock.advance(_SECOND)
    made = {large_account.simulator.create(name=f"Firm {number}") for number in range(10_250)}
    large_account.clock.advance(_SECOND)
    after = large_account.simulator.create(name="after")
    settle(large_account)
    told, pages = follow(crm, cursor)
    assert told == {before, *made, after}
    assert len(pages) < 60, "the same rows were read again and again"
    assert all("400" not in str(each.status) for each in large_account.exchanges)


def test_edits_while_paging_skip_nobody(account: Account) -> None:
    """A record that moves to the end while one pages does not make its neighbours be skipped."""
    crm = account.ready()
    cursor = crm.changes_from(account.clock.now())
    made = []
    for number in range(700):
        made.append(account.simulator.create(name=f"Firm {number}"))
        account.clock.advance(timedelta(milliseconds=3))
    settle(account)
    account.simulator.portal.index_lag = timedelta(0)
    told: set[str] = set()
    for number, page in enumerate(crm.changes(cursor)):
        told |= {record.record_id for record in page.upserts}
        for record_id in made[number * 150 : number * 150 + 100]:
            account.simulator.edit(record_id, city="Hamburg")
        account.clock.advance(timedelta(milliseconds=1))
    assert told == set(made)


def test_each_page_can_be_resumed_by_a_new_connector(account: Account) -> None:
    """After a restart at any page, in the middle of one time stamp too, nothing is lost."""
    crm = account.ready()
    start = crm.changes_from(account.clock.now())
    made = {account.simulator.create(name=f"Firm {number}") for number in range(650)}
    settle(account)
    _, pages = follow(crm, start)
    for number, page in enumerate(pages[:-1], start=1):
        earlier = {r.record_id for each in pages[:number] for r in each.upserts}
        rest, _ = follow(account.open(), page.cursor)
        assert earlier | rest == made


def test_deletions_are_told_once_they_are_new(account: Account) -> None:
    """A deletion is told by the next reading and, after the overlap, not again."""
    crm = account.ready()
    old, new, kept = account.simulator.seed([{"name": "old"}, {"name": "new"}, {"name": "kept"}])
    account.simulator.archive(old)
    account.clock.advance(timedelta(days=1))
    cursor = crm.changes_from(account.clock.now())
    account.simulator.archive(new)
    settle(account)
    _, pages = follow(crm, cursor)
    deleted = [each for page in pages for each in page.deleted_ids]
    assert deleted == [new]
    assert kept not in deleted
    account.clock.advance(timedelta(hours=1))
    _, pages = follow(crm, pages[-1].cursor)
    account.clock.advance(timedelta(hours=1))
    _, pages = follow(crm, pages[-1].cursor)
    assert [each for page in pages for each in page.deleted_ids] == []


def test_many_deletions_take_several_pages(account: Account) -> None:
    """The archive is read to its end, with a cursor after each page."""
    crm = account.ready()
    ids = account.simulator.seed([{"name": str(number)} for number in range(250)])
    cursor = crm.changes_from(account.clock.now())
    for record_id in ids:
        account.simulator.archive(record_id)
    settle(account)
    _, pages = follow(crm, cursor)
    assert {each for page in pages for each in page.deleted_ids} == set(ids)
    resumed, rest = follow(account.open(), pages[-2].cursor)
    assert not resumed
    assert {each for page in rest for each in page.deleted_ids} == set(ids[200:])


@pytest.mark.parametrize("new_id", [False, True])
def test_merges_are_told_with_the_survivor(account: Account, *, new_id: bool) -> None:
    """Who was merged away is told, also where HubSpot gives the merged record a new id."""
    account.simulator.merge_makes_new_id = new_id
    crm = account.ready()
    first, second = account.simulator.seed([{"name": "A"}, {"name": "A", "domain": "a.com"}])
    account.clock.advance(timedelta(hours=1))
    cursor = crm.changes_from(account.clock.now())
    account.clock.advance(_SECOND)
    crm.merge(survivor_id=first, lost_id=second)
    settle(account)
    told, pages = follow(crm, cursor)
    merges = {merge for page in pages for merge in page.merges}
    (survivor,) = told
    expected = {second, first} if new_id else {second}
    assert merges == {Merge(lost_id=each, survivor_id=survivor) for each in expected}
    assert (survivor == first) is not new_id
    (record,) = crm.read([survivor]).values()
    assert record.websites == ("a.com",)


def test_a_quiet_account_is_cheap(account: Account) -> None:
    """With nothing new the watermark moves on: an old import is not read again for ever."""
    crm = account.ready()
    cursor = crm.changes_from(account.clock.now())
    for number in range(900):
        account.simulator.create(name=f"Firm {number}")
    settle(account)
    told, pages = follow(crm, cursor)
    assert len(told) == 900
    account.clock.advance(timedelta(minutes=15))
    _, pages = follow(crm, pages[-1].cursor)
    account.clock.advance(timedelta(minutes=15))
    account.requests.clear()
    told, _ = follow(crm, pages[-1].cursor)
    assert not told
    assert len(account.requests) == 2, "one search and one look into the archive"


def test_the_watermark_follows_hubspots_clock(account: Account) -> None:
    """Only the vendor's own time moves the watermark; our clock may be wrong by hours."""
    position = start_at(account.clock.now())
    assert finish(position).since == position.since
    crm = account.ready()
    _, pages = follow(crm, crm.changes_from(account.clock.now() - timedelta(days=3)))
    told = Position.load(pages[-1].cursor).since
    assert told == start_at(account.clock.now()).since


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", "[1,2]", "null", "7"])
def test_a_foreign_cursor_is_a_fault(account: Account, cursor: str) -> None:
    """A cursor that is not ours is told, not taken for the beginning of time."""
    with pytest.raises(Permanent, match="sweep"):
        list(account.ready().changes(cursor))


class Forgetful:
    """HubSpot whose search ignores every filter."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path.endswith("/search"):
            body = {**orjson.loads(request.content), "filterGroups": []}
            request = httpx.Request(
                "POST", request.url, headers=request.headers, content=orjson.dumps(body)
            )
            request.headers["authorization"] = f"Bearer {self._account.simulator.token}"
        return self._account.simulator.handle(request)


def test_a_search_that_ignores_its_filter_is_a_fault(account: Account) -> None:
    """Rows from before the asked-for time mean that reading would never end: it stops."""
    account.simulator.seed([{"name": f"Firm {number}"} for number in range(500)])
    account.clock.advance(timedelta(days=1))
    account.ready()
    crm = account.open_with(Forgetful(account))
    with pytest.raises(Permanent, match="filter"):
        list(crm.changes(crm.changes_from(account.clock.now())))


def test_changes_of_another_shape_are_a_fault(account: Account) -> None:
    """JSON that is not a search result is no empty result."""
    account.ready()

    class Odd:
        """Something else at HubSpot's address."""

        def handle(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - the same for all
            """Answer one request."""
            return httpx.Response(200, json={"results": [{"id": 7}]})

    crm = account.open_with(Odd())
    with pytest.raises(NotProcessed, match="shape"):
        list(crm.changes(crm.changes_from(account.clock.now())))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_people_do_a_mirror_can_follow(data: st.DataObject) -> None:
    """After any acts in any order, applying the changes gives the ids that HubSpot holds."""
    account = Account()
    crm = account.ready()
    mirror: set[str] = set()
    cursor = crm.changes_from(account.clock.now())
    for _ in range(data.draw(st.integers(1, 5))):
        for act in data.draw(st.lists(st.sampled_from("cccemad"), max_size=8)):
            _act(account, act, data)
            account.clock.advance(timedelta(milliseconds=data.draw(st.integers(0, 2_000))))
        settle(account)
        for page in crm.changes(cursor):
            mirror |= {record.record_id for record in page.upserts}
            mirror -= {*page.deleted_ids, *(merge.lost_id for merge in page.merges)}
            cursor = page.cursor
    assert mirror == {each["id"] for each in account.simulator.companies()}


def _act(account: Account, act: str, data: st.DataObject) -> None:
    live = [each["id"] for each in account.simulator.companies()]
    if act == "c" or len(live) < 2:
        account.simulator.create(name="new")
        return
    one, other = data.draw(st.permutations(live))[:2]
    match act:
        case "e":
            account.simulator.edit(one, name="edited")
        case "m":
            account.simulator.merge(survivor_id=one, lost_id=other)
        case "a":
            account.simulator.archive(one)
        case _:
            account.simulator.archive(one)
            account.clock.advance(timedelta(minutes=10))
            account.simulator.restore(one)
