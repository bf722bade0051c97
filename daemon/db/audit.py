"""The audit log: one chain of rows for a store, each with the hash of the one before it.

The requests that an event took are many, and old ones are pruned sooner than the event: they stand
in a table of their own, and the event's row carries their digest.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from daemon.db.tables import audit, audit_head, audit_requests

FIRST_HASH = "0" * 64
_HEAD_ID = 1
DIGEST = "requests_digest"
"""Under this name the data of an event tells the digest of its requests."""
_COLUMNS = tuple(column.name for column in audit.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing that happened; ``subject`` is what it happened to: a company, a search, a task.

    ``requests`` is JSON, and empty where the event took none or they were pruned.
    """

    seq: int = 0
    at: datetime
    actor: str
    event: str
    subject: str = ""
    data: str = "{}"
    hash: str = ""
    requests: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """What is told of it, with the requests where they are still known."""
        told: dict[str, Any] = orjson.loads(self.data)
        if self.requests:
            told.pop(DIGEST, None)
            told["requests"] = orjson.loads(self.requests)
        return told

    def as_dict(self) -> dict[str, Any]:
        """The flat form that the log and ``--json`` print."""
        return {
            "seq": self.seq,
            "at": moment_text(self.at),
            "actor": self.actor,
            "event": self.event,
            "subject": self.subject,
            **self.values,
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


def requests_digest(text: str) -> str:
    """SHA-256 of an event's requests as they are stored, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


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
        requests = data.pop("requests", None)
        text = orjson.dumps(requests).decode() if requests else ""
        if text:
            data[DIGEST] = requests_digest(text)
        self._waiting.append(
            AuditEvent(
                at=self._now,
                actor=actor or self._actor,
                event=event,
                subject=subject,
                data=_canonical(data),
                requests=text,
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
        carried = [
            {"seq": event.seq, "at": event.at, "requests": event.requests}
            for event in self.written
            if event.requests
        ]
        if carried:
            self._connection.execute(insert(audit_requests), carried)
        last = self.written[-1]
        self._connection.execute(
            update(audit_head)
            .where(audit_head.c.id == _HEAD_ID)
            .values(seq=last.seq, hash=last.hash)
        )
        self._waiting = []


def _chained(events: list[AuditEvent], *, seq: int, previous: str) -> Iterator[AuditEvent]:
    for place, event in enumerate(events, start=seq + 1):
        numbered = replace(event, seq=place)
        previous = chain_hash(previous, numbered)
        yield replace(numbered, hash=previous)


def _row(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _COLUMNS}


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
    query = events_after(after)
    if event is not None:
        wanted = event.rstrip("*")
        matching = audit.c.event.startswith(wanted) if event != wanted else audit.c.event == event
        query = query.where(matching)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    query = query.order_by(audit.c.seq.desc() if newest_first else audit.c.seq).limit(limit)
    return [as_event(row) for row in connection.execute(query)]


def events_after(seq: int) -> Select[Any]:
    """Rows behind number ``seq``, with their requests, in no order yet."""
    requests = func.coalesce(audit_requests.c.requests, "").label("requests")
    joined = audit.outerjoin(audit_requests, audit_requests.c.seq == audit.c.seq)
    return select(audit, requests).select_from(joined).where(audit.c.seq > seq)


def as_event(row: Row[Any]) -> AuditEvent:
    """A row of :func:`events_after`."""
    return AuditEvent(**row._mapping)  # noqa: SLF001 - the row's public mapping
