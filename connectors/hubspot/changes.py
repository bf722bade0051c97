"""What changed since a moment: search by modification time, the archive, merges.

HubSpot's search gives at most 10,000 results and pages by offset, and records move to the end of
the order while one pages, so that an offset would step over others. Here no page has an offset:
each search starts at the last modification time seen, and where a whole page has one and the same
time (an import, a bulk edit), that time's records are read by ascending id first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.payloads import (
    MERGED,
    MODIFIED,
    OBJECT_ID,
    SEARCH_PAGE,
    Json,
    merged_ids,
    milliseconds,
    parse_moment,
    parse_record,
    search_body,
)
from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import Permanent
from connectors.sdk.records import ChangePage, CrmRecord, Merge

SETTLING = timedelta(minutes=2)
"""How long search may take to show a write, generously; HubSpot gives no bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(StoredCursor):
    """Where reading changes stands; milliseconds since 1970, by HubSpot's clock.

    ``since`` is what the whole run reads from, ``at`` where its search stands, ``above_id`` the id
    within the one time ``at``, ``latest`` the newest change seen, ``started`` HubSpot's time when
    the run began. ``archive`` is the cursor in the list of archived records ("" at its start), None
    while modified ones are still read.
    """

    since: int
    at: int
    latest: int
    above_id: int | None = None
    started: int | None = None
    archive: str | None = None


def start_at(moment: datetime) -> Position:
    """To read everything that happened after ``moment``, overlapping by the settling time."""
    since = milliseconds(moment)
    return Position(since=since, at=since - SETTLING // timedelta(milliseconds=1), latest=since)


def fetch_changes(client: HubSpotClient, cursor: str) -> Iterator[ChangePage]:
    """Pages of changes from ``cursor`` on; the last one has ``more`` false."""
    position: Position | None = Position.load(cursor)
    while position is not None:
        with client.understanding():
            if position.archive is None:
                page, position = _modified_page(client, position)
            else:
                page, position = _archived_page(client, position)
        yield page


def _modified_page(client: HubSpotClient, position: Position) -> tuple[ChangePage, Position]:
    raw = client.search(_search(client, position))
    records = tuple(parse_record(each, client.key_property) for each in raw["results"])
    if position.started is None and client.vendor_now is not None:
        position = replace(position, started=milliseconds(client.vendor_now))
    following = advance(position, raw["results"], more="next" in (raw.get("paging") or {}))
    merges = tuple(_merges(records))
    page = ChangePage(upserts=records, merges=merges, cursor=following.dump(), more=True)
    return page, following


def _search(client: HubSpotClient, position: Position) -> Json:
    moment = str(position.at)
    if position.above_id is None:
        filters = [{"propertyName": MODIFIED, "operator": "GTE", "value": moment}]
        sort = MODIFIED
    else:
        filters = [
            {"propertyName": MODIFIED, "operator": "EQ", "value": moment},
            {"propertyName": OBJECT_ID, "operator": "GT", "value": str(position.above_id)},
        ]
        sort = OBJECT_ID
    names = (*client.properties, OBJECT_ID)
    return search_body([filters], properties=names, sort=sort, after="0")


def advance(position: Position, results: list[Json], *, more: bool) -> Position:
    """Where to go on after a page of modified records.

    Raises:
        Permanent: the page does not lie where it was asked for, so that reading would not end.
    """
    times = [milliseconds(parse_moment(each["properties"][MODIFIED])) for each in results]
    latest = max([position.latest, *times])
    position = replace(position, latest=latest)
    if position.above_id is not None:
        if more:
            return replace(position, above_id=_checked(results, position.above_id))
        return replace(position, at=position.at + 1, above_id=None)
    if not more:
        return replace(position, archive="")
    if len(results) < SEARCH_PAGE or min(times) < position.at:
        message = "HubSpot's search ignores its filter or limit; changes cannot be read this way"
        raise Permanent("changes_stuck", message)
    if max(times) == position.at:
        return replace(position, above_id=0)
    return replace(position, at=max(times))


def _checked(results: list[Json], above: int) -> int:
    highest = max((int(each["id"]) for each in results), default=0)
    if highest <= above:
        message = "HubSpot's search ignores the id filter; changes cannot be read this way"
        raise Permanent("changes_stuck", message)
    return highest


def _archived_page(client: HubSpotClient, position: Position) -> tuple[ChangePage, Position | None]:
    raw = client.list_page(position.archive or None, archived=True)
    earliest = position.since - SETTLING // timedelta(milliseconds=1)
    deleted = tuple(
        gone
        for each in raw["results"]
        if milliseconds(parse_moment(each.get("archivedAt") or each["updatedAt"])) >= earliest
        for gone in _gone_with(each)
    )
    after = ((raw.get("paging") or {}).get("next") or {}).get("after")
    if after is None:
        return ChangePage(deleted_ids=deleted, cursor=finish(position).dump()), None
    if after == position.archive:
        message = "HubSpot's list of archived companies goes in a circle"
        raise Permanent("pagination_loop", message)
    following = replace(position, archive=after)
    return ChangePage(deleted_ids=deleted, cursor=following.dump(), more=True), following


def _gone_with(raw: Json) -> tuple[str, ...]:
    """An archived record, and those merged into it just before, which nothing else tells."""
    merged = raw["properties"].get(MERGED) or ""
    return (raw["id"], *merged_ids(merged, raw["id"]))


def finish(position: Position) -> Position:
    """The position for the next run: from the newest change seen, or from this run's beginning.

    The beginning is told by HubSpot's clock, never by ours, which may be wrong.
    """
    since = max(position.since, position.latest, position.started or 0)
    overlap = SETTLING // timedelta(milliseconds=1)
    return Position(since=since, at=since - overlap, latest=since)


def _merges(records: tuple[CrmRecord, ...]) -> Iterator[Merge]:
    for record in records:
        for lost_id in record.merged_ids:
            yield Merge(lost_id=lost_id, survivor_id=record.record_id)
