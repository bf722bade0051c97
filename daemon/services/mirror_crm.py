"""Keep a mirror of what a CRM holds: a full listing, then changes, and sweeps that find losses."""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.sdk.capabilities import Incremental
from connectors.sdk.faults import Fault, Permanent
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import Connector
from connectors.sdk.records import ChangePage, CrmRecord, ScanPage
from daemon.db.mirror import MirroredRecord, PageCounts
from daemon.db.rows import MirrorRow
from daemon.db.store import Transaction
from daemon.domain.guards import check_sweep
from daemon.domain.hostnames import domain_keys
from daemon.services.context import ServiceContext
from daemon.services.pauses import is_paused, pause_vendor, release_vendor

SLICE = timedelta(seconds=60)
"""A sweep pauses after so long, so that changes are read in time while a long one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorResult:
    """What one run did. ``more`` says that a sweep has not finished and goes on at once."""

    pages: int = 0
    records: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    more: bool = False
    fault: Fault | None = None

    def plus(self, counts: PageCounts, *, records: int, gone: int = 0) -> "MirrorResult":
        """This result with one more page counted."""
        return replace(
            self,
            pages=self.pages + 1,
            records=self.records + records,
            new=self.new + counts.new,
            changed=self.changed + counts.changed,
            gone=self.gone + gone,
        )


class MirrorCrm:
    """The mirror of one connector."""

    def __init__(
        self,
        context: ServiceContext,
        connector: Connector,
        *,
        name: str,
        options: ConnectorOptions,
    ) -> None:
        self._context = context
        self._connector = connector
        self._name = name
        self._options = options
        self._result = MirrorResult()

    def run_once(self, *, changes_now: bool = False, sweep_now: bool = False) -> MirrorResult:
        """Read what is due: changes, then a slice of a sweep. Faults pause this CRM alone."""
        self._result = MirrorResult()
        if not self._connector.capabilities.mirrors or not self._claim():
            return self._result
        try:
            self._read_due(changes_now=changes_now, sweep_now=sweep_now)
        except Fault as fault:
            self._note(fault)
        finally:
            with self._context.store.transaction("mirror.release", now=self._now()) as unit:
                unit.mirror.release(self._name, owner=self._context.owner)
        return self._result

    def _claim(self) -> bool:
        now = self._now()
        with self._context.store.transaction("mirror.claim", now=now) as unit:
            return not is_paused(unit, self._name, now=now) and unit.mirror.claim(
                self._name, owner=self._context.owner, until=self._context.lease_end(), now=now
            )

    def _read_due(self, *, changes_now: bool, sweep_now: bool) -> None:
        mirror = self._mirror()
        incremental = self._connector.capabilities.incremental is not Incremental.NONE
        due = changes_now or self._is_old(mirror.refreshed_at, self._options.mirror_every)
        if incremental and mirror.changes_cursor is not None and due:
            self._read_changes(mirror.changes_cursor)
            mirror = self._mirror()
        pause = self._options.sweep_every
        if mirror.held or not incremental:
            pause = min(pause, self._options.mirror_every)
        if mirror.is_sweeping or sweep_now or self._is_old(mirror.swept_at, pause):
            self._sweep(mirror)

    def _is_old(self, moment: datetime | None, age: timedelta) -> bool:
        return moment is None or self._now() - moment >= age

    def _sweep(self, mirror: MirrorRow) -> None:
        mirror = mirror if mirror.is_sweeping else self._begin_sweep(mirror)
        began = self._now()
        with closing(self._scan(mirror)) as pages:
            for page in pages:
                with self._context.store.transaction(
                    "mirror.sweep_page", now=self._now(), repeatable=True
                ) as unit:
                    mirror = self._save_scanned(unit, mirror, page)
                if page.cursor is None:
                    break
                if self._now() - began >= SLICE or self._context.stopping():
                    self._result = replace(self._result, more=True)
                    return
        self._end_sweep(mirror)

    def _scan(self, mirror: MirrorRow) -> Generator[ScanPage, None, None]:
        try:
            yield from self._context.ahead(iter(self._connector.scan(mirror.sweep_cursor)))
        except Permanent as fault:
            if mirror.sweep_cursor is None:
                raise
            # A cursor may grow too old while we were away: the next run lists from the start.
            with self._context.store.transaction("mirror.restart", now=self._now()) as unit:
                unit.mirror.set(self._name, sweep_started_at=None, sweep_cursor=None)
                unit.audit.write("mirror.restarted", subject=self._name, reason=fault.message)
            raise

    def _begin_sweep(self, mirror: MirrorRow) -> MirrorRow:
        now = self._now()
        with self._context.store.transaction("mirror.sweep_started", now=now) as unit:
            unit.mirror.forget_sweep_pages(self._name)
            unit.mirror.set(
                self._name,
                sweep=mirror.sweep + 1,
                sweep_started_at=now,
                sweep_cursor=None,
                sweep_page=0,
            )
            unit.audit.write("mirror.sweep_started", subject=self._name, sweep=mirror.sweep + 1)
        return self._mirror()

    def _save_scanned(self, unit: Transaction, mirror: MirrorRow, page: ScanPage) -> MirrorRow:
        counts = unit.mirror.save_page(self._name, mirrored(page.records), now=unit.now)
        unit.mirror.note_sweep_page(
            self._name,
            sweep=mirror.sweep,
            page=mirror.sweep_page + 1,
            record_ids=[record.record_id for record in page.records],
        )
        unit.mirror.set(
            self._name,
            sweep_cursor=page.cursor,
            sweep_page=mirror.sweep_page + 1,
            lease_until=self._context.lease_end(),
        )
        self._result = self._result.plus(counts, records=len(page.records))
        return replace(mirror, sweep_page=mirror.sweep_page + 1, sweep_cursor=page.cursor)

    def _end_sweep(self, mirror: MirrorRow) -> None:
        began = mirror.sweep_started_at or self._now()
        with self._context.store.transaction("mirror.sweep_ended", now=self._now()) as unit:
            settled = began - self._connector.capabilities.settling
            missing = unit.mirror.missing_from_sweep(mirror, known_before=settled)
            live = unit.mirror.count_live(self._name)
            held = self._doubt(mirror, live, len(missing))
            gone = [] if held else missing
            if gone:
                unit.mirror.tombstone(self._name, gone, now=unit.now)
            self._say_held(unit, mirror, held)
            unit.mirror.set(
                self._name,
                swept_at=began,
                refreshed_at=max(began, mirror.refreshed_at or began),
                changes_cursor=mirror.changes_cursor or self._connector.changes_from(began),
                sweep_started_at=None,
                sweep_cursor=None,
                held=held,
                accepted_shrink=0,
                records=live - len(gone),
            )
            unit.mirror.forget_sweep_pages(self._name)
            unit.audit.write(
                "mirror.swept",
                subject=self._name,
                sweep=mirror.sweep,
                records=live - len(gone),
                gone=len(gone),
                gone_ids=gone[:50],
            )
            release_vendor(unit, self._name)
        self._result = replace(self._result, gone=self._result.gone + len(gone))

    def _doubt(self, mirror: MirrorRow, live: int, missing: int) -> str:
        """Why the finished sweep is not believed; empty when it is."""
        if mirror.accepted_shrink:  # a person has said that the records are really gone
            return ""
        share = self._options.max_shrink
        blocked = check_sweep(before=live, gone=missing, max_shrink=share)
        return blocked.text if blocked else ""

    def _say_held(self, unit: Transaction, mirror: MirrorRow, held: str) -> None:
        if held and not mirror.held:
            unit.audit.write("mirror.held", subject=self._name, reason=held)
        elif mirror.held and not held:
            unit.audit.write("mirror.released", subject=self._name)

    def _read_changes(self, cursor: str) -> None:
        began = self._now()
        try:
            for page in self._connector.changes(cursor):
                now = self._now()
                with self._context.store.transaction("mirror.changes_page", now=now) as unit:
                    self._save_changes(unit, page, began)
                if self._context.stopping():
                    return
        except Permanent as fault:
            # The watermark is no longer understood: only a full listing tells what changed.
            with self._context.store.transaction("mirror.restart", now=self._now()) as unit:
                unit.mirror.set(self._name, changes_cursor=None, swept_at=None)
                unit.audit.write("mirror.restarted", subject=self._name, reason=fault.message)

    def _save_changes(self, unit: Transaction, page: ChangePage, began: datetime) -> None:
        counts = unit.mirror.save_page(self._name, mirrored(page.upserts), now=unit.now)
        gone = unit.mirror.tombstone(self._name, page.deleted_ids, now=unit.now)
        for merge in page.merges:
            gone += unit.mirror.tombstone(
                self._name, [merge.lost_id], now=unit.now, into=merge.survivor_id
            )
        caught_up = {} if page.more else {"refreshed_at": began}
        unit.mirror.set(
            self._name,
            changes_cursor=page.cursor,
            lease_until=self._context.lease_end(),
            **caught_up,
        )
        if gone:
            unit.audit.write(
                "mirror.records_gone",
                subject=self._name,
                deleted_ids=list(page.deleted_ids[:50]),
                merges=[[merge.lost_id, merge.survivor_id] for merge in page.merges[:50]],
            )
        if not page.more:
            release_vendor(unit, self._name)
        self._result = self._result.plus(counts, records=len(page.upserts), gone=gone)

    def _note(self, fault: Fault) -> None:
        self._result = replace(self._result, fault=fault)
        with self._context.store.transaction("mirror.fault", now=self._now()) as unit:
            pause_vendor(unit, self._context, self._name, fault)

    def _mirror(self) -> MirrorRow:
        with self._context.store.transaction("mirror.read", now=self._now()) as unit:
            return unit.mirror.get(self._name)

    def _now(self) -> datetime:
        return self._context.now()


def mirrored(records: Sequence[CrmRecord]) -> list[MirroredRecord]:
    """Records with their domain keys, and a fingerprint of all that the mirror keeps of them."""
    return [_mirrored(record) for record in records]


def _mirrored(record: CrmRecord) -> MirroredRecord:
    domains = domain_keys(record.websites)
    if record.key is not None and record.key not in domains:
        # What we have made is known by our key, whatever became of its website since.
        domains = (*domains, record.key)
    kept = (
        record.name,
        domains,
        record.key,
        record.country,
        record.city,
        record.industry,
        record.size,
        record.description,
        record.modified_at,
    )
    mark = hashlib.blake2b(orjson.dumps(kept), digest_size=12).hexdigest()
    return MirroredRecord(record, domains, mark)
