"""A CRM in this process: small, strict about what it promises, and configurable in that.

It is the model of what a CRM may do. Each write makes a new version of a record; a version shows in
reads once the settling time is over, while constraints hold at once, as in real CRMs.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import nsmallest

from connectors.memory.index import CompanyIndex
from connectors.memory.rows import Answer, AnswerKind, Draft, MemoryTraits, Row, RowState
from connectors.sdk.capabilities import Incremental, Uniqueness
from connectors.sdk.inprocess import Line, undisturbed
from connectors.sdk.records import CrmRecord
from connectors.sdk.websites import has_website_at, host_of


class MemoryCrm:
    """The CRM itself. Every method is one request: whole or not at all, one at a time.

    ``line`` is used by connectors that are opened to it; tests put a
    :class:`~connectors.sdk.inprocess.FaultyLine` there.
    """

    def __init__(self, traits: MemoryTraits | None = None) -> None:
        self.traits = traits or MemoryTraits()
        self.line: Line = undisturbed
        self.refused_names: set[str] = set()
        self._versions: dict[str, list[Row]] = defaultdict(list)
        self._index = CompanyIndex()
        self._lock = threading.RLock()

    # What an API would offer.

    def page(self, after: str | None, now: datetime) -> list[CrmRecord]:
        """The next page of live records by id, after the given one."""
        floor = 0 if after is None else int(after)
        with self._lock:
            rows = (row for row in self._visible(now) if int(row.record.record_id) > floor)
            live = (row.record for row in rows if row.state is RowState.LIVE)
            return nsmallest(self.traits.page_size, live, key=lambda record: int(record.record_id))

    def changed(
        self, since: datetime, after: tuple[datetime, str] | None, now: datetime
    ) -> list[Row]:
        """The next page of records by time stamp, from ``since`` on, after the given place.

        The stamp is the time of creation where the traits say so, else that of the last change.
        """
        with self._lock:
            rows = (row for row in self._visible(now) if self._tells(row))
            wanted = (
                row
                for row in rows
                if self.stamp(row) >= since and (after is None or self._place(row) > after)
            )
            return nsmallest(self.traits.page_size, wanted, key=self._place)

    def find(self, *, key: str, domain: str | None, now: datetime) -> list[CrmRecord]:
        """The live records with this key or this domain, by id."""
        with self._lock:
            keyed = self._index.with_key(key)
            found = self.read(sorted(keyed | self._index.with_domain(domain), key=int), now)
            return [
                record
                for record_id, record in found.items()
                if record_id in keyed or has_website_at(record, domain)
            ]

    def read(self, record_ids: Sequence[str], now: datetime) -> dict[str, CrmRecord]:
        """The live records with these ids."""
        with self._lock:
            rows = [self._shown(record_id, now) for record_id in record_ids]
        live = [row.record for row in rows if row is not None and row.state is RowState.LIVE]
        return {record.record_id: record for record in live}

    def create(self, drafts: Sequence[Draft], now: datetime) -> list[Answer]:
        """Write the drafts; one answer each, in order. An atomic batch is written whole or not."""
        with self._lock:
            verdicts = self._verdicts(drafts)
            if self.traits.batch_atomic and any(verdicts):
                other = "another company of the batch was refused"
                rolled = Answer(kind=AnswerKind.ROLLED_BACK, reason=other)
                return [verdict or rolled for verdict in verdicts]
            return [
                verdict or self._write_new(draft, now)
                for draft, verdict in zip(drafts, verdicts, strict=True)
            ]

    def overwrite(self, record_id: str, draft: Draft, now: datetime) -> None:
        """Replace what a live record holds, as an upsert does that finds its key."""
        with self._lock:
            row = self._latest(record_id)
            if row.state is not RowState.LIVE:
                return
            kept = replace(draft.record, record_id=record_id, created_at=row.record.created_at)
            self._put(replace(row, record=kept, properties=draft.properties), now)

    # What people do.

    def person_creates(
        self,
        record: CrmRecord,
        now: datetime,
        *,
        properties: Mapping[str, str] | None = None,
        shown_after: timedelta | None = None,
    ) -> str:
        """A person's new record; gives its id. ``shown_after`` beats the settling time.

        Raises:
            ValueError: the CRM's constraint stops people too, and there is such a company.
        """
        draft = Draft(record=record, properties=properties or {})
        with self._lock:
            if self.traits.uniqueness is Uniqueness.ALL_WRITERS and self._holder(draft):
                raise ValueError(f"the CRM holds {record.websites} already")
            answer = self._write_new(draft, now, shown_after=shown_after)
        return str(answer.record_id)

    def person_edits(self, record_id: str, now: datetime, **values: object) -> None:
        """A person changes fields of the record, named as in ``CrmRecord``."""
        with self._lock:
            row = self._latest(record_id)
            self._put(replace(row, record=replace(row.record, **values)), now)  # type: ignore[arg-type]

    def person_deletes(self, record_id: str, now: datetime, *, for_good: bool = False) -> None:
        """A person throws a record away: into the bin, or for good."""
        state = RowState.GONE if for_good else RowState.BINNED
        with self._lock:
            self._put(replace(self._latest(record_id), state=state), now)
            if for_good:
                self._index.forget(record_id)

    def person_revives(self, record_id: str, now: datetime) -> None:
        """A person takes a record out of the bin."""
        with self._lock:
            self._put(replace(self._latest(record_id), state=RowState.LIVE), now)

    def person_merges(self, *, survivor_id: str, lost_id: str, now: datetime) -> None:
        """A person merges two records: the survivor takes the websites and keys of both."""
        with self._lock:
            survivor, lost = self._latest(survivor_id), self._latest(lost_id)
            merged = replace(
                survivor.record,
                key=survivor.record.key or lost.record.key,
                websites=tuple(dict.fromkeys(survivor.record.websites + lost.record.websites)),
            )
            if self.traits.sees_merges:
                ids = (*survivor.record.merged_ids, lost_id, *lost.record.merged_ids)
                merged = replace(merged, merged_ids=ids)
            self._put(replace(survivor, record=merged), now)
            self._put(replace(lost, state=RowState.MERGED, survivor_id=survivor_id), now)
            self._index.hand_over(lost_id, survivor_id)

    # What is really there, whatever reads show.

    def live(self) -> list[CrmRecord]:
        """Every record that people see."""
        with self._lock:
            rows = [versions[-1] for versions in self._versions.values()]
        return [row.record for row in rows if row.state is RowState.LIVE]

    def properties_of(self, record_id: str) -> Mapping[str, str]:
        """The properties of any name that were written with the record."""
        with self._lock:
            return self._latest(record_id).properties

    def stamp(self, row: Row) -> datetime:
        """The time by which ``changed`` lists the row."""
        by_creation = self.traits.incremental is Incremental.CREATED_SINCE
        return row.created_at if by_creation else row.changed_at

    def _place(self, row: Row) -> tuple[datetime, str]:
        return self.stamp(row), row.record.record_id

    def _tells(self, row: Row) -> bool:
        """Whether a feed of changes shows this state at all."""
        match row.state:
            case RowState.LIVE:
                return True
            case RowState.MERGED:
                return self.traits.sees_merges
        return self.traits.sees_deletions

    def _visible(self, now: datetime) -> Iterator[Row]:
        shown = (self._shown(record_id, now) for record_id in self._versions)
        return (row for row in shown if row is not None)

    def _shown(self, record_id: str, now: datetime) -> Row | None:
        versions = self._versions.get(record_id, [])
        return next((row for row in reversed(versions) if row.visible_from <= now), None)

    def _latest(self, record_id: str) -> Row:
        versions = self._versions.get(record_id)
        if not versions:
            raise LookupError(f"there is no record {record_id}")
        return versions[-1]

    def _verdicts(self, drafts: Sequence[Draft]) -> list[Answer | None]:
        """Why each draft cannot be written; None where it can."""
        verdicts: list[Answer | None] = []
        keys: set[str | None] = set()
        for draft in drafts:
            holder = self._holder(draft)
            if draft.record.name in self.refused_names:
                reason = "a rule of the CRM refuses this company"
                verdicts.append(Answer(kind=AnswerKind.REFUSED, reason=reason))
            elif holder is not None:
                verdicts.append(Answer(kind=AnswerKind.EXISTED, record_id=holder))
            elif self.traits.uniqueness is not Uniqueness.NONE and draft.record.key in keys:
                verdicts.append(Answer(kind=AnswerKind.EXISTED, reason="twice in one batch"))
            else:
                verdicts.append(None)
            keys.add(draft.record.key)
        return verdicts

    def _holder(self, draft: Draft) -> str | None:
        """The record that the constraint says is this company; it counts what is in the bin."""
        if self.traits.uniqueness is Uniqueness.NONE:
            return None
        found = self._index.with_key(draft.record.key)
        if self.traits.uniqueness is Uniqueness.ALL_WRITERS:
            found |= self._sharing(draft.record)
        return min(found, key=int, default=None)

    def _sharing(self, record: CrmRecord) -> set[str]:
        """Ids of the records that have one of this record's hosts, whole, at present."""
        hosts = {host_of(website) for website in record.websites}
        candidates = set[str]().union(*map(self._index.with_domain, hosts))
        return {
            record_id
            for record_id in candidates
            if hosts & {host_of(website) for website in self._latest(record_id).record.websites}
        }

    def _write_new(
        self, draft: Draft, now: datetime, *, shown_after: timedelta | None = None
    ) -> Answer:
        record_id = str(len(self._versions) + 1)
        row = Row(
            record=replace(draft.record, record_id=record_id, created_at=now),
            state=RowState.LIVE,
            created_at=now,
            changed_at=now,
            visible_from=now,
            properties=draft.properties,
        )
        self._put(row, now, shown_after=shown_after)
        return Answer(kind=AnswerKind.CREATED, record_id=record_id)

    def _put(self, row: Row, now: datetime, *, shown_after: timedelta | None = None) -> None:
        """Store a new version and forget those that no read can show any more."""
        delay = self.traits.settling if shown_after is None else shown_after
        record = replace(row.record, modified_at=now)
        versions = self._versions[record.record_id]
        versions.append(replace(row, record=record, changed_at=now, visible_from=now + delay))
        while len(versions) > 1 and versions[1].visible_from <= now:
            versions.pop(0)
        self._index.add(record)
