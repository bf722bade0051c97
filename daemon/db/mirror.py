"""Rows of the mirror: what each CRM holds. Written a page at a time, and only what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from connectors.sdk.records import CrmRecord
from daemon.db.crm_tables import crm_domains, crm_records, mirrors, sweep_pages
from daemon.db.inserts import execute_page, insert_or_replace, insert_or_skip
from daemon.db.moves import NO_LEASE, lease
from daemon.db.rows import HeldRecord, MirrorRow

_MIRROR = tuple(mirrors.c[name] for name in MirrorRow.__slots__)
_HELD = tuple(crm_records.c[name] for name in HeldRecord.__slots__)
_REPLACED = (
    "name",
    "domains",
    "key",
    "country",
    "city",
    "industry",
    "size",
    "description",
    "crm_created_at",
    "crm_modified_at",
    "fingerprint",
    "changed_at",
    "deleted_at",
    "merged_into",
)
_COLUMNS = ("connector", "record_id", "first_seen_at", *_REPLACED)
_FINGERPRINTS = select(
    crm_records.c.record_id,
    crm_records.c.fingerprint,
    crm_records.c.deleted_at.is_not(None),
).where(
    crm_records.c.connector == bindparam("connector"),
    crm_records.c.record_id.in_(bindparam("record_ids", expanding=True)),
)
"""Built once: a mirror runs it for every page."""


class MirroredRecord(NamedTuple):
    """A CRM's record with its domain keys and a fingerprint of all that the mirror keeps of it."""

    record: CrmRecord
    domains: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCounts:
    """How many records of a page were new, and how many had changed."""

    new: int = 0
    changed: int = 0


class MirrorRows:
    """What each CRM holds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, connector: str) -> MirrorRow:
        """How far this connector's mirror is; one that was never begun is empty."""
        row = self._connection.execute(
            select(*_MIRROR).where(mirrors.c.connector == connector)
        ).first()
        return MirrorRow(connector=connector) if row is None else MirrorRow(**row._mapping)  # noqa: SLF001 - the row's public mapping

    def all(self) -> list[MirrorRow]:
        """Every mirror that was ever begun."""
        rows = self._connection.execute(select(*_MIRROR).order_by(mirrors.c.connector))
        return [MirrorRow(**row._mapping) for row in rows]  # noqa: SLF001 - same

    def set(self, connector: str, **values: Any) -> None:
        """Set columns of a mirror."""
        self._connection.execute(
            update(mirrors).where(mirrors.c.connector == connector).values(**values)
        )

    def ensure(self, connector: str) -> None:
        """Have a row for this mirror, even before it is begun."""
        self._connection.execute(
            insert_or_skip(self._connection, mirrors).values(connector=connector)
        )

    def claim(self, connector: str, *, owner: str, until: datetime, now: datetime) -> bool:
        """Take the mirror's lease; false while another replica has it."""
        self.ensure(connector)
        taken = self._connection.execute(
            update(mirrors)
            .where(
                mirrors.c.connector == connector,
                or_(
                    mirrors.c.lease_owner.is_(None),
                    mirrors.c.lease_owner == owner,
                    mirrors.c.lease_until <= now,
                ),
            )
            .values(**lease(owner, until))
        )
        return taken.rowcount == 1

    def release(self, connector: str, *, owner: str) -> None:
        """Give the lease back, if it is still ours."""
        self._connection.execute(
            update(mirrors)
            .where(mirrors.c.connector == connector, mirrors.c.lease_owner == owner)
            .values(**NO_LEASE)
        )

    def note_sweep_page(
        self, connector: str, *, sweep: int, page: int, record_ids: Sequence[str]
    ) -> None:
        """Remember which records a page of a sweep showed: one row a page, none a record."""
        execute_page(
            self._connection,
            "sweep_pages",
            insert_or_skip(self._connection, sweep_pages),
            ("connector", "sweep", "page", "record_ids"),
            [(connector, sweep, page, list(record_ids))],
        )

    def save_page(
        self, connector: str, page: Sequence[MirroredRecord], *, now: datetime
    ) -> PageCounts:
        """Write what is new or changed of a page."""
        rows = {item.record.record_id: item for item in page}
        known = self._known(connector, rows)
        new = [item for name, item in rows.items() if name not in known]
        changed = [
            item for name, item in rows.items() if name in known and known[name] != item.fingerprint
        ]
        if changed:
            self._drop_domains(connector, changed)
        if new or changed:
            self._write_records(connector, new + changed, now=now)
            self._write_domains(connector, new + changed)
        self._bury_merged(connector, rows.values(), now=now)
        return PageCounts(new=len(new), changed=len(changed))

    def save_created(
        self, connector: str, item: MirroredRecord, *, push_id: int, now: datetime
    ) -> None:
        """Let a company that we have just created count as held; what was read of it is kept."""
        if not self._known(connector, [item.record.record_id]):
            self.save_page(connector, [item], now=now)
        self._connection.execute(
            update(crm_records)
            .where(*_is(connector, [item.record.record_id]))
            .values(push_id=push_id)
        )

    def tombstone(
        self, connector: str, record_ids: Sequence[str], *, now: datetime, into: str | None = None
    ) -> int:
        """Note that these records are gone; how many were live until now."""
        gone = self._connection.execute(
            update(crm_records)
            .where(*_is(connector, record_ids), crm_records.c.deleted_at.is_(None))
            .values(deleted_at=now, merged_into=into, changed_at=now)
        )
        return gone.rowcount

    def missing_from_sweep(self, mirror: MirrorRow, *, known_before: datetime) -> list[str]:
        """Live records that were known before this moment and that no page of the sweep showed."""
        entries = func.json_each(sweep_pages.c.record_ids).table_valued("value")
        if self._connection.dialect.name != "sqlite":
            entries = func.jsonb_array_elements_text(sweep_pages.c.record_ids).table_valued("value")
        seen = (
            select(entries.c.value)
            .select_from(sweep_pages)
            .join(entries, onclause=sweep_pages.c.sweep == mirror.sweep)
            .where(sweep_pages.c.connector == mirror.connector)
        )
        gone = self._connection.execute(
            select(crm_records.c.record_id).where(
                crm_records.c.connector == mirror.connector,
                crm_records.c.deleted_at.is_(None),
                crm_records.c.first_seen_at < known_before,
                crm_records.c.record_id.not_in(seen),
            )
        )
        return list(gone.scalars())

    def forget_sweep_pages(self, connector: str) -> None:
        """Drop the notes of sweeps that are over."""
        self._connection.execute(delete(sweep_pages).where(sweep_pages.c.connector == connector))

    def count_live(self, connector: str) -> int:
        """How many records the CRM holds, as far as the mirror knows."""
        return int(
            self._connection.execute(
                select(func.count()).where(
                    crm_records.c.connector == connector, crm_records.c.deleted_at.is_(None)
                )
            ).scalar_one()
        )

    def holders(
        self, connectors: Sequence[str], domains: Iterable[str]
    ) -> dict[str, list[HeldRecord]]:
        """The records, live or gone, that have these domain keys, by domain key."""
        found: dict[str, list[HeldRecord]] = {}
        rows = self._connection.execute(
            select(crm_domains.c.domain.label("held_domain"), *_HELD)
            .join(
                crm_records,
                (crm_records.c.connector == crm_domains.c.connector)
                & (crm_records.c.record_id == crm_domains.c.record_id),
            )
            .where(crm_domains.c.domain.in_(list(domains)), crm_domains.c.connector.in_(connectors))
            .order_by(crm_records.c.connector, crm_records.c.id)
        )
        for row in rows:
            values = {name: getattr(row, name) for name in HeldRecord.__slots__}
            values["domains"] = tuple(values["domains"])
            found.setdefault(row.held_domain, []).append(HeldRecord(**values))
        return found

    def _known(self, connector: str, record_ids: Iterable[str]) -> dict[str, str | None]:
        """Fingerprints of the records that are there, by id."""
        rows = self._connection.execute(
            _FINGERPRINTS, {"connector": connector, "record_ids": list(record_ids)}
        )
        # A record that comes back is written again, whatever its fingerprint.
        return {name: None if gone else mark for name, mark, gone in rows}

    def _write_records(
        self, connector: str, items: Sequence[MirroredRecord], *, now: datetime
    ) -> None:
        statement = insert_or_replace(
            self._connection, crm_records, by=("connector", "record_id"), columns=_REPLACED
        )
        rows = [_values(connector, item, now) for item in items]
        execute_page(self._connection, "crm_records", statement, _COLUMNS, rows)

    def _drop_domains(self, connector: str, items: Sequence[MirroredRecord]) -> None:
        """Forget the domain keys that these records had and have no more."""
        domains = {item.record.record_id: item.domains for item in items}
        had = self._connection.execute(
            select(crm_records.c.record_id, crm_records.c.domains).where(
                *_is(connector, list(domains))
            )
        )
        dropped = [
            (domain, connector, name)
            for name, kept in had
            for domain in kept
            if domain not in domains[name]
        ]
        if dropped:
            where = tuple_(crm_domains.c.domain, crm_domains.c.connector, crm_domains.c.record_id)
            self._connection.execute(delete(crm_domains).where(where.in_(dropped)))

    def _write_domains(self, connector: str, items: Sequence[MirroredRecord]) -> None:
        added = [
            (domain, connector, item.record.record_id) for item in items for domain in item.domains
        ]
        if added:
            statement = insert_or_skip(self._connection, crm_domains)
            columns = ("domain", "connector", "record_id")
            execute_page(self._connection, "crm_domains", statement, columns, added)

    def _bury_merged(
        self, connector: str, items: Iterable[MirroredRecord], *, now: datetime
    ) -> None:
        for item in items:
            if item.record.merged_ids:
                survivor = item.record.record_id
                self.tombstone(connector, item.record.merged_ids, now=now, into=survivor)


def _is(connector: str, record_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (crm_records.c.connector == connector, crm_records.c.record_id.in_(record_ids))


def _values(connector: str, item: MirroredRecord, now: datetime) -> tuple[Any, ...]:
    record, domains, fingerprint = item
    return (
        connector,
        record.record_id,
        now,
        record.name,
        domains,
        record.key,
        record.country,
        record.city,
        record.industry,
        record.size,
        record.description,
        record.created_at,
        record.modified_at,
        fingerprint,
        now,
        None,
        None,
    )
