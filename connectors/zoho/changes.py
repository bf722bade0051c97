"""What changed since a moment: modified accounts first, then the list of deleted ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import Permanent
from connectors.sdk.pagination import follow
from connectors.sdk.records import ChangePage
from connectors.zoho.accounts import Row, as_record, parse_moment
from connectors.zoho.api import At, ZohoApi, row_id
from connectors.zoho.promises import SETTLING
from connectors.zoho.reading import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(StoredCursor):
    """Where reading changes stands, by Zoho's clock.

    ``since`` is what the whole run reads from, ``at`` where its listing of modified accounts
    stands, ``latest`` the newest change seen, ``started`` Zoho's time when the run began.
    ``deleted_page`` is the page of the list of deleted accounts, 0 while modified ones are read.
    """

    since: datetime
    at: datetime
    latest: datetime
    started: datetime | None = None
    deleted_page: int = 0

    def seen(self, moments: list[datetime]) -> "Position":
        """The position after changes of these moments."""
        return replace(self, latest=max([self.latest, *moments]))


def start_at(moment: datetime) -> Position:
    """To read everything that happened after ``moment``, overlapping by the settling time."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return Position(since=whole, at=whole - SETTLING, latest=whole)


def finish(position: Position) -> Position:
    """The position for the next run: the newest change seen, or this run's beginning."""
    return start_at(max(position.since, position.latest, position.started or position.since))


def fetch_changes(api: ZohoApi, cursor: str, key_field: str) -> Iterator[ChangePage]:
    """Pages of changes from ``cursor`` on; the last one has ``more`` false."""
    position = Position.load(cursor)
    if not position.deleted_page:
        for chunk in read_rows(api.list_page, position.at):
            if position.started is None:
                position = replace(position, started=api.vendor_now)
            records = tuple(as_record(row, key_field) for row in chunk.rows)
            position = position.seen([one.modified_at for one in records if one.modified_at])
            position = replace(
                position,
                at=chunk.since or position.at,
                deleted_page=1 if chunk.last else 0,
            )
            yield ChangePage(upserts=records, cursor=position.dump(), more=True)
    yield from _deletions(api, position)


def _deletions(api: ZohoApi, position: Position) -> Iterator[ChangePage]:
    since, start = position.since - SETTLING, At(page=position.deleted_page)
    for page in follow(lambda at: api.deleted_page(since, at or start), start, identify=row_id):
        position = position.seen([_deleted_at(row) for row in page.items])
        following = page.next_cursor
        position = (
            finish(position)
            if following is None
            else replace(position, deleted_page=following.page)
        )
        ids = tuple(row_id(row) for row in page.items)
        yield ChangePage(deleted_ids=ids, cursor=position.dump(), more=following is not None)


def _deleted_at(row: Row) -> datetime:
    """When it was deleted; a row that does not say is no row of this list."""
    try:
        return parse_moment(row["deleted_time"])
    except (KeyError, ValueError) as error:
        text = "Zoho's list of deleted accounts holds something else; is this Zoho CRM?"
        raise Permanent("not_a_deletion", text) from error
