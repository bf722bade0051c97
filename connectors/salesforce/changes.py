"""What changed since a moment: ``queryAll`` by ``SystemModstamp``, deletions and merges included.

No query has an offset, for accounts move to the end of the order while one pages. Each starts at
the second of the last change seen; where one second fills a whole page (an import, a bulk edit),
its accounts are read by ascending id first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.salesforce.accounts import Json, parse_account, parse_moment
from connectors.salesforce.api import PAGE, Rows, SalesforceApi
from connectors.salesforce.soql import moment_literal, text_literal
from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import Permanent
from connectors.sdk.records import ChangePage, Merge

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(StoredCursor):
    """Where reading changes stands; whole seconds since 1970, by Salesforce's clock.

    ``since`` is what the whole run reads from, ``at`` where its query stands, ``above_id`` the id
    within the one second ``at``, ``latest`` the newest change seen, ``started`` Salesforce's time
    when the run began.
    """

    since: int
    at: int
    latest: int
    above_id: str | None = None
    started: int | None = None


def start_at(moment: datetime, overlap: timedelta) -> Position:
    """To read everything that happened after ``moment``, and what was stamped just before it."""
    since = int(moment.timestamp())
    return Position(since=since, at=since - int(overlap.total_seconds()), latest=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReader:
    """Reads changes; ``select`` begins each query, ``overlap`` is read again each time."""

    api: SalesforceApi
    select: str
    key_field: str
    overlap: timedelta

    def read(self, cursor: str) -> Iterator[ChangePage]:
        """Pages of changes from ``cursor`` on; the last one has ``more`` false."""
        position = Position.load(cursor)
        more = True
        while more:
            with self.api.understanding():
                rows = self.api.query(self._soql(position), with_deleted=True)
                if position.started is None and self.api.vendor_now is not None:
                    position = replace(position, started=int(self.api.vendor_now.timestamp()))
                following = advance(position, rows)
                more = following is not None
                position = following or self._finish(position, rows.records)
                page = self._page(rows.records, position, more=more)
            yield page

    def _soql(self, position: Position) -> str:
        moment = datetime.fromtimestamp(position.at, UTC)
        where = f"SystemModstamp >= {moment_literal(moment)}"
        order = "SystemModstamp,Id"
        if position.above_id is not None:
            where += f" AND SystemModstamp < {moment_literal(moment + _SECOND)}"
            where += f" AND Id > {text_literal(position.above_id)}" if position.above_id else ""
            order = "Id"
        return f"{self.select} WHERE {where} ORDER BY {order} LIMIT {PAGE}"

    def _page(self, raws: Sequence[Json], position: Position, *, more: bool) -> ChangePage:
        gone = [raw for raw in raws if raw["IsDeleted"]]
        merged = [raw for raw in gone if raw["MasterRecordId"]]
        return ChangePage(
            upserts=tuple(parse_account(r, self.key_field) for r in raws if not r["IsDeleted"]),
            deleted_ids=tuple(raw["Id"] for raw in gone if not raw["MasterRecordId"]),
            merges=tuple(Merge(lost_id=r["Id"], survivor_id=r["MasterRecordId"]) for r in merged),
            cursor=position.dump(),
            more=more,
        )

    def _finish(self, position: Position, raws: Sequence[Json]) -> Position:
        """For the next run: from the newest change seen, or from this run's beginning.

        The beginning is told by Salesforce's clock, never by ours, which may be wrong.
        """
        latest = max([position.latest, *_seconds(raws)])
        since = max(position.since, latest, position.started or 0)
        return start_at(datetime.fromtimestamp(since, UTC), self.overlap)


def advance(position: Position, rows: Rows) -> Position | None:
    """Where to go on after a page; None: everything was read.

    Raises:
        Permanent: the page does not lie where it was asked for, so that reading would not end.
    """
    seconds = _seconds(rows.records)
    cut_off = not rows.done or len(rows.records) >= PAGE
    if cut_off and not seconds:
        raise Permanent("changes_stuck", "Salesforce cut a page of changes that holds nothing")
    position = replace(position, latest=max([position.latest, *seconds]))
    if position.above_id is not None:
        if not cut_off:
            return replace(position, at=position.at + 1, above_id=None)
        highest = str(rows.records[-1]["Id"])
        if highest == position.above_id:
            message = "Salesforce ignores the filter by id; changes cannot be read this way"
            raise Permanent("changes_stuck", message)
        return replace(position, above_id=highest)
    if not cut_off:
        return None
    if min(seconds) < position.at:
        message = "Salesforce ignores the filter by time; changes cannot be read this way"
        raise Permanent("changes_stuck", message)
    if max(seconds) == position.at:
        return replace(position, above_id="")
    return replace(position, at=max(seconds))


def _seconds(raws: Sequence[Json]) -> list[int]:
    return [int(parse_moment(raw["SystemModstamp"]).timestamp()) for raw in raws]
