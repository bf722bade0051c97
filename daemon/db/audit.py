"""The audit log: one chain of rows for a store, each with the hash of the one before it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from daemon.db.tables import audit, audit_head

FIRST_HASH = "0" * 64
_HEAD_ID = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing that happened; ``subject`` is what it happened to: a company, a search, a task."""

    seq: int = 0
    at: datetime
    actor: str
    event: str
    subject: str = ""
    data: str = "{}"
    hash: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The flat form that the log and ``--json`` print."""
        return {
            "seq": self.seq,
            "at": moment_text(self.at),
            "actor": self.actor,
            "event": self.event,
            "subject": self.subject,
            **orjson.loads(self.data),
        }


def moment_text(at: datetime) -> str:
    """A moment as the log, the chain and ``--json`` spell it: ISO 8601 in UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def chain_hash(previous: str, event: AuditEvent) -> str:
    """SHA-256 over the hash of the row before and this row's own content, in hexadecimal."""
    content = [
        previous,
        event.seq,
        moment_text(event.at),
        event.actor,
        event.event,
        event.subject,
        event.data,
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


class AuditLog:
    """Collects a transaction's events, and writes them when it is about to commit.

    The head of the chain is locked only at that moment, so that replicas wait for each other no
    longer than a write takes.
    """

    def __init__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        self._connection = connection
        self._actor = actor
        self._now = now
        self._waiting: list[AuditEvent] = []
        self.written: list[AuditEvent] = []

    def write(self, event: str, *, subject: str = "", actor: str = "", **data: Any) -> None:
        """Note that ``event`` (``noun.past_verb``) happened; it is stored with the transaction."""
        self._waiting.append(
            AuditEvent(
                at=self._now,
                actor=actor or self._actor,
                event=event,
                subject=subject,
                data=_canonical(data),
            )
        )

    def flush(self) -> None:
        """Append what was collected to the chain. Called once, just before the commit."""
        if not self._waiting:
            return
        head = self._connection.execute(
            select(audit_head.c.seq, audit_head.c.hash)
            .where(audit_head.c.id == _HEAD_ID)
            .with_for_update()
        ).one()
        self.written = list(_chained(self._waiting, seq=head.seq, previous=head.hash))
        self._connection.execute(insert(audit), [_row(event) for event in self.written])
        last = self.written[-1]
        self._connection.execute(
            update(audit_head)
            .where(audit_head.c.id == _HEAD_ID)
            .values(seq=last.seq, hash=last.hash)
        )
        self._waiting = []


def _chained(events: list[AuditEvent], *, seq: int, previous: str) -> Iterator[AuditEvent]:
    for place, event in enumerate(events, start=seq + 1):
        numbered = AuditEvent(
            seq=place,
            at=event.at,
            actor=event.actor,
            event=event.event,
            subject=event.subject,
            data=event.data,
        )
        previous = chain_hash(previous, numbered)
        yield AuditEvent(**{**_row(numbered), "hash": previous})


def _row(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__slots__}


def _canonical(data: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in data.items() if value is not None}
    return orjson.dumps(
        kept, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    ).decode()


def fetch_events(
    connection: Connection,
    *,
    event: str | None = None,
    subject: str | None = None,
    after: int = 0,
    limit: int | None = 100,
    newest_first: bool = False,
) -> list[AuditEvent]:
    """Rows of the log. ``event`` may end in ``*``: ``push.*``."""
    query = select(audit).where(audit.c.seq > after)
    if event is not None:
        wanted = event.rstrip("*")
        matching = audit.c.event.startswith(wanted) if event != wanted else audit.c.event == event
        query = query.where(matching)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    query = query.order_by(audit.c.seq.desc() if newest_first else audit.c.seq).limit(limit)
    return [AuditEvent(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - the row's public mapping
