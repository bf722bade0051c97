"""Looking up a company: an index of websites and keys that is kept up to date, then a search."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.pipedrive.api import PipedriveApi
from connectors.pipedrive.cursors import ChangeCursor
from connectors.pipedrive.index import CompanyIndex
from connectors.pipedrive.organizations import (
    Layout,
    is_company,
    is_ours,
    oldest_first,
    stored_key,
)
from connectors.pipedrive.reading import Reader
from connectors.sdk.clock import Clock
from connectors.sdk.faults import NeedsPerson, Permanent
from connectors.sdk.records import CompanyRef, CrmRecord

LONGEST_LIFE = timedelta(hours=24)
"""After it the index is made anew: what merges move shows in no listing of changes."""


@dataclass(slots=True, kw_only=True)
class Finder:
    """Finds the live organizations of companies. Threads may share it.

    The index only proposes: what it names is read anew, so that nothing stale is believed.
    """

    api: PipedriveApi
    reader: Reader
    clock: Clock
    _index: CompanyIndex = field(default_factory=CompanyIndex)
    _cursor: ChangeCursor | None = None
    _made_at: datetime | None = None
    _layout: Layout | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, companies: Sequence[CompanyRef]) -> list[tuple[CrmRecord, ...]]:
        """For each company its records, oldest first.

        Raises:
            NeedsPerson: Pipedrive ignores the filter by which the index is kept up to date.
        """
        if not companies:
            return []
        found = self._find_indexed(companies)
        return [
            records or self.find_by_key(company)
            for company, records in zip(companies, found, strict=True)
        ]

    def find_others(self, company: CompanyRef, record_id: str) -> tuple[CrmRecord, ...]:
        """The company's records besides this one."""
        return self._find_indexed([company], but={record_id})[0]

    def find_by_key(self, company: CompanyRef) -> tuple[CrmRecord, ...]:
        """The records with our key of the company, by Pipedrive's search."""
        if not self.reader.layout().keys:
            return ()
        ids = self.api.search(stored_key(company.key))
        records = self.reader.read(ids).values()
        return oldest_first(one for one in records if is_ours(one, company))

    def _find_indexed(
        self, companies: Sequence[CompanyRef], *, but: Collection[str] = ()
    ) -> list[tuple[CrmRecord, ...]]:
        with self._lock:
            self._refresh()
            proposed = [self._index.candidates(one) - set(but) for one in companies]
            wanted = sorted(set().union(*proposed), key=int)
            read = self.reader.read(wanted)
            for gone in set(wanted) - set(read):
                self._index.forget(gone)
        return [
            oldest_first(read[i] for i in ids if i in read and is_company(read[i], company))
            for company, ids in zip(companies, proposed, strict=True)
        ]

    def _refresh(self) -> None:
        now, layout = self.clock.now(), self.reader.layout()
        is_old = self._made_at is None or now - self._made_at >= LONGEST_LIFE
        try:
            if self._cursor is None or is_old or layout != self._layout:
                index = CompanyIndex()
                self._cursor = self._read_into(index, ChangeCursor(since=None))
                self._index, self._made_at, self._layout = index, now, layout
            else:
                self._cursor = self._read_into(self._index, self._cursor)
        except Permanent as fault:
            # Without it nobody could tell whether the company is there: creating would be a guess.
            raise NeedsPerson(fault.code, fault.message, status=fault.status) from fault

    def _read_into(self, index: CompanyIndex, cursor: ChangeCursor) -> ChangeCursor:
        for page, following in self.reader.changes(cursor):
            index.take(page.upserts)
            cursor = following
        return cursor
