"""Listing organizations: all, those that changed, those that are new, those with certain ids."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from connectors.pipedrive.api import PipedriveApi
from connectors.pipedrive.cursors import (
    MOST_SKEW,
    ChangeCursor,
    check_ascending,
    check_filter,
    check_newest_first,
)
from connectors.pipedrive.organizations import Layout, as_record, is_live, time_text
from connectors.sdk.chunks import chunks
from connectors.sdk.clock import Clock
from connectors.sdk.pagination import Page, follow
from connectors.sdk.records import ChangePage, CrmRecord, ScanPage

_IDS_PER_LIST = 100
_FEW = 5
"""Up to so many ids are read one by one: 1 token each, where a list of any length costs 10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads organizations. ``layout`` tells in which fields stands what; it may ask for them.

    ``overlap`` is how far one reading of changes goes back behind the end of the one before.
    """

    api: PipedriveApi
    layout: Callable[[], Layout]
    clock: Clock
    overlap: timedelta

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """Every live organization by id; the cursor is Pipedrive's own, a place and not a page."""
        for page in self._pages({"sort_by": "id", "sort_direction": "asc"}, cursor):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes(self, cursor: ChangeCursor) -> Iterator[tuple[ChangePage, ChangeCursor]]:
        """What changed, each page with the cursor behind it.

        Raises:
            Permanent: Pipedrive ignored the filter or the order.
        """
        at = cursor.started(self.clock.now())
        params = {"sort_by": "update_time", "sort_direction": "asc"}
        if at.since is not None:
            params["updated_since"] = time_text(at.since)
        for page in self._pages(params, at.page):
            check_filter(page.items, at.since)
            check_ascending(page.items, self.overlap)
            at = at.moved(page.items, page.next_cursor)
            more = page.next_cursor is not None
            following = at if more else at.finished(self.overlap)
            told = ChangePage(upserts=page.items, cursor=following.dump(), more=more)
            yield told, following

    def created_since(self, moment: datetime) -> list[CrmRecord]:
        """What was created at the moment or later, by Pipedrive's clock, and some before it.

        There is no filter for it: the newest are listed first, until they are older.

        Raises:
            NeedsPerson: Pipedrive ignored the order.
        """
        found: list[CrmRecord] = []
        for page in self._pages({"sort_by": "add_time", "sort_direction": "desc"}, None):
            check_newest_first(page.items)
            found += page.items
            times = [one.created_at for one in page.items if one.created_at is not None]
            if times and min(times) < moment - MOST_SKEW:
                break
        return found

    def read(self, record_ids: Sequence[str]) -> dict[str, CrmRecord]:
        """The live ones with these ids; what is no id of Pipedrive's is left out."""
        ids = [one for one in dict.fromkeys(record_ids) if one.isascii() and one.isdecimal()]
        layout = self.layout()
        if len(ids) <= _FEW:
            rows = [self.api.fetch(one, layout.params()) for one in ids]
        else:
            listed = (self._listed(chunk, layout.params()) for chunk in chunks(ids, _IDS_PER_LIST))
            rows = list(chain.from_iterable(listed))
        records = [as_record(row, layout) for row in rows if row is not None and is_live(row)]
        return {one.record_id: one for one in records if one.record_id in ids}

    def _listed(
        self, ids: Sequence[str], params: Mapping[str, str]
    ) -> Iterator[Mapping[str, object]]:
        def fetch(cursor: str | None) -> Page[Mapping[str, object], str]:
            listed = self.api.fetch_page({**params, "ids": ",".join(ids)}, cursor=cursor)
            return Page(items=listed.rows, next_cursor=listed.next_cursor)

        for page in follow(fetch, None, identify=lambda row: str(row["id"])):
            yield from page.items

    def _pages(
        self, params: Mapping[str, str], start: str | None
    ) -> Iterator[Page[CrmRecord, str]]:
        layout = self.layout()
        asked = {**params, **layout.params()}

        def fetch(cursor: str | None) -> Page[CrmRecord, str]:
            listed = self.api.fetch_page(asked, cursor=cursor)
            items = tuple(as_record(row, layout) for row in listed.rows if is_live(row))
            return Page(items=items, next_cursor=listed.next_cursor)

        return follow(fetch, start, identify=lambda record: record.record_id)
