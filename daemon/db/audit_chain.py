"""Is the audit log whole: every row there, unchanged, in its place, up to the head."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import orjson
from sqlalchemy import Connection, func, select

from daemon.db.audit import (
    DIGEST,
    FIRST_HASH,
    AuditEvent,
    chain_hash,
    fetch_events,
    requests_digest,
)
from daemon.db.tables import audit, audit_checkpoints, audit_head

PRUNED = "audit.pruned"
"""The event that says, inside the chain, up to which row it was pruned."""
REQUESTS_PRUNED = "audit.requests_pruned"
"""The event that says before which moment the requests of events were pruned."""
PAGE = 1000
NEVER = datetime.min.replace(tzinfo=UTC)


class BreakKind(StrEnum):
    """What is wrong with the log."""

    EDITED = "edited"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT = "cut"
    HEAD = "head"
    CHECKPOINT = "checkpoint"
    REQUESTS_EDITED = "requests_edited"
    REQUESTS_MISSING = "requests_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first row at which the log is not as it was written, and what that means."""

    seq: int
    kind: BreakKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a check of the log came to. ``hash`` is that of row ``last``; note it elsewhere."""

    rows: int
    first: int
    last: int
    hash: str
    pruned: int
    broken: Break | None = None


@dataclass(slots=True)
class _Walk:
    """Where a check is, and what it has learned on its way."""

    begin: int
    begin_hash: str
    seq: int
    hash: str
    attested: bool
    requests_before: datetime = NEVER
    without_requests: AuditEvent | None = None

    def learn(self, event: AuditEvent) -> None:
        """Go on behind a row that is in order."""
        self.seq, self.hash = event.seq, event.hash
        if event.event == PRUNED:
            told = event.values
            self.attested |= (told["through"], told["through_hash"]) == (
                self.begin,
                self.begin_hash,
            )
        elif event.event == REQUESTS_PRUNED:
            before = datetime.fromisoformat(event.values["before"])
            self.requests_before = max(self.requests_before, before)
        if event.requests == "" and DIGEST in event.data:
            newest = self.without_requests
            if newest is None or event.at > newest.at:
                self.without_requests = event


def verify_chain(connection: Connection) -> ChainReport:
    """Read the whole log, a page at a time, and compare each row with the one before it.

    It finds what anybody did to the log who did not compute all later hashes and the head anew;
    against that helps only a hash that was noted outside of this database.
    """
    start = last_checkpoint(connection)
    walk = _Walk(
        begin=start.seq,
        begin_hash=start.hash,
        seq=start.seq,
        hash=start.hash,
        attested=start.seq == 0,
    )
    broken = _walk_all(connection, walk) or _check_ends(connection, walk, start)
    return ChainReport(
        rows=walk.seq - start.seq,
        first=start.seq + 1,
        last=walk.seq,
        hash=walk.hash,
        pruned=start.seq,
        broken=broken,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The last pruned row: its number and its hash; none pruned: number 0."""

    seq: int
    hash: str


def last_checkpoint(connection: Connection) -> Checkpoint:
    """Behind which row the log begins."""
    row = connection.execute(
        select(audit_checkpoints.c.seq, audit_checkpoints.c.hash)
        .order_by(audit_checkpoints.c.seq.desc())
        .limit(1)
    ).first()
    if row is None:
        return Checkpoint(seq=0, hash=FIRST_HASH)
    return Checkpoint(seq=row.seq, hash=row.hash)


def stream_events(connection: Connection, *, after: int) -> Iterator[AuditEvent]:
    """Every row behind number ``after``, in order, however many there are."""
    while page := fetch_events(connection, after=after, limit=PAGE):
        yield from page
        after = page[-1].seq


def check_row(previous: str, expected: int, event: AuditEvent) -> BreakKind | None:
    """What is wrong with one row, where ``expected`` is the number that comes next; or None."""
    if event.seq != expected:
        return BreakKind.MISSING
    if chain_hash(previous, event) != event.hash:
        return BreakKind.EDITED
    if not event.requests:
        return None
    digest = orjson.loads(event.data).get(DIGEST)
    return None if digest == requests_digest(event.requests) else BreakKind.REQUESTS_EDITED


def _walk_all(connection: Connection, walk: _Walk) -> Break | None:
    for event in stream_events(connection, after=walk.begin):
        kind = check_row(walk.hash, walk.seq + 1, event)
        if kind is not None:
            return _explain(connection, walk, event, kind)
        walk.learn(event)
    return None


def _explain(connection: Connection, walk: _Walk, event: AuditEvent, kind: BreakKind) -> Break:
    seq = walk.seq + 1
    if kind is BreakKind.MISSING:
        last = event.seq - 1
        what = f"row {seq} is missing" if seq == last else f"rows {seq} to {last} are missing"
        text = f"{what}: somebody deleted from the log"
    elif kind is BreakKind.REQUESTS_EDITED:
        text = f"the requests of row {seq} are not those that were stored with it"
    else:
        place = _place_of(connection, walk.hash, seq)
        if place is not None:
            kind = BreakKind.REORDERED
            text = f"what belongs at row {seq} stands at row {place}: rows were reordered"
        else:
            text = f"row {seq} is not as it was written: it, or its hash, was edited"
    return Break(seq=seq, kind=kind, text=text)


def _place_of(connection: Connection, previous: str, seq: int) -> int | None:
    """The row, of those soon behind, whose content and hash belong at number ``seq``."""
    for candidate in fetch_events(connection, after=seq, limit=PAGE):
        if chain_hash(previous, replace(candidate, seq=seq)) == candidate.hash:
            return candidate.seq
    return None


def _check_ends(connection: Connection, walk: _Walk, start: Checkpoint) -> Break | None:
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).first()
    if head is None or (head.seq, head.hash) != (walk.seq, walk.hash):
        return _bad_head(walk, None if head is None else head.seq)
    older = connection.execute(
        select(func.min(audit.c.seq)).where(audit.c.seq <= start.seq)
    ).scalar()
    if older is not None or not walk.attested:
        text = (
            f"the log begins behind row {start.seq}, and no row of it says so: "
            "older rows were not taken away by prospectd"
        )
        return Break(seq=older or start.seq + 1, kind=BreakKind.CHECKPOINT, text=text)
    bare = walk.without_requests
    if bare is not None and bare.at >= walk.requests_before:
        text = f"the requests of row {bare.seq} are missing, and are too young to be pruned"
        return Break(seq=bare.seq, kind=BreakKind.REQUESTS_MISSING, text=text)
    return None


def _bad_head(walk: _Walk, head: int | None) -> Break:
    if head is not None and head > walk.seq:
        text = f"rows {walk.seq + 1} to {head} are missing: the end of the log was cut off"
        return Break(seq=walk.seq + 1, kind=BreakKind.CUT, text=text)
    text = f"the log ends at row {walk.seq}, and its head says something else: one was edited"
    return Break(seq=walk.seq, kind=BreakKind.HEAD, text=text)
