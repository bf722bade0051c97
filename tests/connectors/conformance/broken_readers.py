"""Connectors that read wrongly, each in one way, over the CRM in memory."""

# ruff: noqa: D102 - each class says what is wrong with it

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.memory.connector import MemoryConnector
from connectors.memory.feed import FeedPosition
from connectors.memory.rows import Row
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.faults import NotProcessed, Permanent
from connectors.sdk.pagination import Page
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, Merge, ScanPage

T = TypeVar("T")


class DropsLastPage(MemoryConnector):
    """The last page is taken for one too many."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        pages = list(super().scan(cursor))[:-1] or [ScanPage(records=(), cursor=None)]
        yield from pages[:-1]
        yield replace(pages[-1], cursor=None)


class ForgetsTheEnd(MemoryConnector):
    """The last page has a cursor like every other."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        for page in super().scan(cursor):
            yield replace(page, cursor=page.cursor or "999")


class NothingForNothing(MemoryConnector):
    """An empty CRM gives no page at all."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        return (page for page in super().scan(cursor) if page.records)


class StartsOver(MemoryConnector):
    """The cursor to resume from is ignored."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        del cursor
        return super().scan(None)


class CountsRows(MemoryConnector):
    """Pages are found by counting rows, which shift when one is deleted."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        offset = int(cursor or 0)
        while True:
            rows = sorted(self.crm.live(), key=lambda record: int(record.record_id))
            page = tuple(rows[offset : offset + 10])
            offset += 10
            yield ScanPage(records=page, cursor=str(offset) if len(page) == 10 else None)
            if len(page) < 10:
                return


class RunsInCircles(MemoryConnector):
    """Whatever cursor the CRM gives is followed, also one that came before."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        while True:
            page = self._fetch_page(cursor)
            yield ScanPage(records=page.items, cursor=page.next_cursor)
            cursor = page.next_cursor
            if cursor is None:
                return


class StopsAtARepeat(MemoryConnector):
    """A page that repeats is taken for the end of the listing."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        while True:
            page = self._fetch_page(cursor)
            again = page.next_cursor == cursor
            yield ScanPage(records=page.items, cursor=None if again else page.next_cursor)
            if again or page.next_cursor is None:
                return
            cursor = page.next_cursor


class AsciiOnly(MemoryConnector):
    """Names lose what is not ASCII."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        for page in super().scan(cursor):
            records = tuple(
                replace(r, name=r.name.encode("ascii", "ignore").decode()) for r in page.records
            )
            yield replace(page, records=records)


class ForgivesFaults(MemoryConnector):
    """A page that cannot be read is taken for the end."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        try:
            yield from super().scan(cursor)
        except NotProcessed:
            yield ScanPage(records=(), cursor=None)


class NeverRepeats(MemoryConnector):
    """A read is not repeated."""

    def _read(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        return self._call(operation, arguments, do)


class UnorderedLookup(MemoryConnector):
    """Look-ups leave out what was not found."""

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        return [found for found in super().lookup(companies) if found]


class LiteralLookup(MemoryConnector):
    """A website is found only as the search spells it."""

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        return [[r for r in self.crm.live() if c.domain in r.websites] for c in companies]


class LooseLookup(MemoryConnector):
    """A website is found by any part of it."""

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        return [
            [r for r in self.crm.live() if any(str(c.domain) in w for w in r.websites)]
            for c in companies
        ]


class SeesTheBin(MemoryConnector):
    """Reading by id gives deleted records too."""

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        return {each: self.crm._latest(each).record for each in record_ids}


class OldReads(MemoryConnector):
    """Reading by id gives records as they were at first."""

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        found = super().read(record_ids)
        return {each: replace(record, name="As it was") for each, record in found.items()}


class BoastsOfStrength(MemoryConnector):
    """Look-ups are declared strong, though they lag."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, strong_lookup=True)


class HidesNewRecords(MemoryConnector):
    """Changes leave out the newest record."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            yield replace(page, upserts=page.upserts[:-1])


class HidesEdits(MemoryConnector):
    """Changes leave out what was created before."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            new = tuple(r for r in page.upserts if r.created_at == r.modified_at)
            yield replace(page, upserts=new)


class LosesItsPlace(MemoryConnector):
    """The cursor of every page of changes is that of the last page."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        pages = list(super().changes(cursor))
        for page in pages:
            yield replace(page, cursor=pages[-1].cursor)


class EndsForGood(MemoryConnector):
    """The last cursor of changes points far ahead."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            ahead = FeedPosition.load(page.cursor).since + timedelta(days=1)
            yield page if page.more else replace(page, cursor=FeedPosition(since=ahead).dump())


class PagesByStampAlone(MemoryConnector):
    """The next page of changes begins after the last stamp, whoever shares it."""

    def _fetch_changed(
        self, since: datetime, after: tuple[datetime, str] | None
    ) -> Page[Row, tuple[datetime, str]]:
        later = None if after is None else (after[0], "~")
        return super()._fetch_changed(since, later)


class NoOverlap(MemoryConnector):
    """The watermark is the newest stamp seen, whatever became visible late."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            stamps = [r.modified_at for r in page.upserts if r.modified_at is not None]
            newest = FeedPosition(since=max(stamps)).dump() if stamps else page.cursor
            yield replace(page, cursor=page.cursor if page.more else newest)


class StartsLate(MemoryConnector):
    """Changes count from the moment itself."""

    def changes_from(self, moment: datetime) -> str:
        return FeedPosition(since=moment).dump()


class CirclesOfChanges(MemoryConnector):
    """Pages of changes are followed for ever."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        position, after = FeedPosition.load(cursor), None
        while True:
            page = self._fetch_changed(position.since, after)
            records = tuple(row.record for row in page.items)
            after = page.next_cursor
            yield ChangePage(upserts=records, cursor=cursor, more=after is not None)
            if after is None:
                return


class HidesDeletions(MemoryConnector):
    """Deletions are not told, though declared."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        return (replace(page, deleted_ids=()) for page in super().changes(cursor))


class SwapsMerges(MemoryConnector):
    """The survivor of a merge is told as the lost record."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            merges = tuple(Merge(lost_id=m.survivor_id, survivor_id=m.lost_id) for m in page.merges)
            yield replace(page, merges=merges)


class ForgetsTheRevived(MemoryConnector):
    """A record that was once deleted is never listed again."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        for page in super().scan(cursor):
            first = tuple(r for r in page.records if r.created_at == r.modified_at)
            yield replace(page, records=first)


class TellsHalf(MemoryConnector):
    """Of each reading of changes only the first half is told."""

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        for page in super().changes(cursor):
            yield replace(page, upserts=page.upserts[: len(page.upserts) // 2])


class CutsLongQuestions(MemoryConnector):
    """Of many ids only the first are read."""

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        return super().read(record_ids[:20])


class HasNoCursor(MemoryConnector):
    """Where a CRM tells no changes, there is no cursor either."""

    def changes_from(self, moment: datetime) -> str:
        raise Permanent("no_changes", f"this CRM tells no changes since {moment}")
