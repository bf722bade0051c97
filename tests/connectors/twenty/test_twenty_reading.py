"""Reading from a simulated Twenty: paging, changes, the bin, refusals, the schema."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from connectors.sdk.faults import BadCredentials, NotProcessed, Permanent, RateLimited
from connectors.sdk.records import ChangePage
from connectors.twenty.connector import TwentyConnector
from connectors.twenty.simulator import GRAPHQL_LIMIT, MEMBER
from tests.connectors.twenty.bench import Bench, company

HOUR = timedelta(hours=1)


def pages_of(connector: TwentyConnector, cursor: str) -> list[ChangePage]:
    return list(connector.changes(cursor))


def told(pages: list[ChangePage]) -> set[str]:
    return {record.record_id for page in pages for record in page.upserts}


def test_a_listing_is_never_ordered_by_time() -> None:
    """A batch of 130 with one stamp is listed whole, by pages in the order of ids."""
    bench = Bench()
    ids = {bench.add(name=f"N {n}") for n in range(130)}
    connector = bench.ready()
    pages = list(connector.scan(None))
    assert [len(page.records) for page in pages] == [60, 60, 10]
    assert {r.record_id for page in pages for r in page.records} == ids
    assert not [r for r in bench.seen if "order_by" in r.url.params]


def test_changes_with_one_stamp_end() -> None:
    """A batch that shares one stamp is told whole, and the telling comes to an end."""
    bench = Bench()
    connector = bench.ready()
    cursor = connector.changes_from(bench.clock.now())
    bench.clock.advance(timedelta(minutes=5))
    ids = {bench.add(name=f"N {n}") for n in range(130)}
    pages = pages_of(connector, cursor)
    assert told(pages) == ids
    listed = [r for r in bench.seen if r.url.params.get("filter")]
    assert len(listed) == 3
    assert not [r for r in listed if "order_by" in r.url.params]


def test_changes_tell_the_bin() -> None:
    """What a person deleted is told as deleted, what they restored as live again."""
    bench = Bench()
    gone, kept = bench.add(name="Gone"), bench.add(name="Kept")
    bench.clock.advance(HOUR)
    connector = bench.ready()
    cursor = connector.changes_from(bench.clock.now())
    bench.clock.advance(timedelta(minutes=5))
    bench.delete(gone)
    first = pages_of(connector, cursor)
    assert ([i for p in first for i in p.deleted_ids], told(first)) == ([gone], set())
    bench.clock.advance(HOUR)
    bench.crm.workspace.table.update(gone, {"deletedAt": None}, bench.clock.now())
    assert told(pages_of(connector, first[-1].cursor)) == {gone}
    assert kept in connector.read([kept, gone])


def test_destroyed_companies_show_in_a_full_listing_only() -> None:
    """REST's DELETE removes for good: no change tells it, the next full listing does."""
    bench = Bench()
    record_id = bench.add(name="Gone")
    connector = bench.ready()
    bench.clock.advance(HOUR)
    cursor = connector.changes_from(bench.clock.now())
    del bench.rows[record_id]
    pages = pages_of(connector, cursor)
    assert (told(pages), [i for p in pages for i in p.deleted_ids]) == (set(), [])
    assert [page.records for page in connector.scan(None)] == [()]


def test_a_stamp_in_the_future_does_not_blind_the_changes() -> None:
    """Anybody may write updatedAt through the API; the watermark does not follow it."""
    bench = Bench()
    bench.add(name="From 2099", updatedAt="2099-01-01T00:00:00.000Z")
    connector = bench.ready()
    cursor = pages_of(connector, connector.changes_from(bench.clock.now()))[-1].cursor
    bench.clock.advance(HOUR)
    later = bench.add(name="Later")
    assert later in told(pages_of(connector, cursor))


def test_an_old_import_is_not_read_again_for_ever() -> None:
    """Once nothing has changed for long, a great import is behind the watermark."""
    bench = Bench()
    connector = bench.ready()
    cursor = connector.changes_from(bench.clock.now())
    for number in range(70):
        bench.add(name=f"N {number}")
    cursor = pages_of(connector, cursor)[-1].cursor
    bench.clock.advance(2 * HOUR)
    cursor = pages_of(connector, cursor)[-1].cursor
    bench.clock.advance(2 * HOUR)
    assert told(pages_of(connector, cursor)) == set()


def test_what_changes_during_a_pass_is_told_by_the_next() -> None:
    """A record edited behind the page cursor, long before the pass ends, is not lost."""
    bench = Bench()
    ids = sorted(bench.add(name=f"N {n}") for n in range(130))
    connector = bench.ready()
    pages = connector.changes(connector.changes_from(bench.clock.now()))
    next(pages)
    bench.clock.advance(timedelta(seconds=1))
    bench.crm.workspace.table.update(ids[0], {"name": "Behind"}, bench.clock.now())
    bench.clock.advance(HOUR)
    bench.crm.workspace.table.update(ids[-1], {"name": "Ahead"}, bench.clock.now())
    *_, last = pages
    names = {r.name for page in pages_of(connector, last.cursor) for r in page.upserts}
    assert "Behind" in names


def test_a_bad_cursor_is_said_to_be_one() -> None:
    """A cursor of another connector is a permanent fault, after which all is listed anew."""
    with pytest.raises(Permanent, match="not a cursor"):
        pages_of(Bench().ready(), "12345")


def test_newer_servers_name_the_type_of_dates_otherwise() -> None:
    """Where the type Date is refused, the bin is asked for with DateTime."""
    bench = Bench()
    gone = bench.add(name="Gone")

    def answer(request: httpx.Request) -> httpx.Response | None:
        if b"$t:Date)" not in request.content:
            return None
        words = 'Variable "$t" of type "Date" used in position expecting type "DateTime".'
        return httpx.Response(400, json={"errors": [{"message": words}]})

    connector = bench.ready(answer=answer)
    bench.delete(gone)
    pages = pages_of(connector, connector.changes_from(bench.clock.now()))
    assert [i for p in pages for i in p.deleted_ids] == [gone]


def test_no_date_stands_in_the_text_of_a_query() -> None:
    """Twenty reads a date within the query's text as null; so dates are variables."""
    bench = Bench()
    connector = bench.ready()
    pages_of(connector, connector.changes_from(bench.clock.now()))
    (body,) = bench.sent("POST", "/graphql")
    assert "2026" not in body["query"]
    assert body["variables"]["t"].startswith("2026-03-02T08:58")


def test_the_first_request_to_a_cold_server_is_repeated() -> None:
    """The failure of a server whose cache is empty, under status 200, is a passing one."""
    bench = Bench(cold=True)
    record_id = bench.add(name="There")
    connector = bench.open()
    assert set(connector.read([record_id])) == {record_id}


def test_graphqls_rate_limit_under_status_200_is_one() -> None:
    """It is waited out, or told as RateLimited; never read as an empty answer."""
    bench = Bench()
    connector = bench.ready(requests_per_minute=100_000)
    body = {"query": "{companies(first:1){totalCount}}"}
    headers = {"authorization": f"Bearer {MEMBER}"}
    request = httpx.Request("POST", "https://crm.example/graphql", json=body, headers=headers)
    for _ in range(GRAPHQL_LIMIT):
        bench.crm.handle(request)
    with pytest.raises(RateLimited):
        connector.lookup([company().company])
    bench.clock.advance(timedelta(minutes=2))
    assert connector.lookup([company().company]) == [[]]


def graphql_error(
    message: str, code: str | None
) -> Callable[[httpx.Request], httpx.Response | None]:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/graphql":
            return None
        error = {"message": message, "extensions": {} if code is None else {"code": code}}
        return httpx.Response(200, json={"errors": [error], "data": None})

    return answer


@pytest.mark.parametrize(
    ("message", "code", "fault"),
    [
        ("No payload", "UNAUTHENTICATED", BadCredentials),
        ("User does not have permission", "FORBIDDEN", BadCredentials),
        ('Cannot query field "companies" on type "Query".', None, BadCredentials),
        ('Cannot query field "nme" on type "Company".', None, Permanent),
        ("canceling statement due to statement timeout", "INTERNAL_SERVER_ERROR", NotProcessed),
        ("Too many requests.", "INTERNAL_SERVER_ERROR", RateLimited),
    ],
)
def test_errors_under_status_200_become_their_faults(
    message: str, code: str | None, fault: type[Exception]
) -> None:
    """Each of GraphQL's errors says what to do, and none is taken for an answer."""
    connector = Bench().ready(answer=graphql_error(message, code))
    with pytest.raises(fault):
        connector.lookup([company().company])


def test_ids_that_are_none_are_not_asked_for() -> None:
    """One id of another shape would make Twenty refuse the whole request."""
    bench = Bench()
    record_id = bench.add(name="There")
    assert set(bench.ready().read(["12345", record_id, ""])) == {record_id}


def test_every_page_of_a_look_up_is_read() -> None:
    """More matches than one page holds are all sorted through."""
    bench = Bench()
    for number in range(70):
        address = {"primaryLinkUrl": f"https://acme.com/branch/{number}"}
        bench.add(name=f"Branch {number}", domainName=address)
    (found,) = bench.ready().lookup([company().company])
    assert len(found) == 70


def test_our_key_is_believed_only_where_it_fits_the_id() -> None:
    """A key that a person copied into another record is not taken for that record's key."""
    bench = Bench()
    connector = bench.ready()
    connector.push([company()])
    copied = bench.add(name="Copy", prospectdKey="acme.com")
    keys = {r.record_id: r.key for page in connector.scan(None) for r in page.records}
    assert keys.pop(copied) is None
    assert list(keys.values()) == ["acme.com"]


def test_merging_is_refused_with_the_reason() -> None:
    """Twenty's API has no merge; saying so names both records."""
    with pytest.raises(Permanent, match=r"merge two into one"):
        Bench().open().merge(survivor_id="one", lost_id="two")
