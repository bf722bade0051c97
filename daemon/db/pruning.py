"""Taking away what is old. No company, no domain and no decision is ever taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from daemon.db.audit_chain import Checkpoint, check_row, last_checkpoint, stream_events
from daemon.db.crm_tables import mirrors, sweep_pages
from daemon.db.tables import (
    audit,
    audit_checkpoints,
    audit_head,
    audit_requests,
    results,
    tasks,
)
from daemon.domain.task_states import TASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class OldResult:
    """A result whose row of the vendor is to be reduced."""

    id: int
    raw: Mapping[str, Any]


class BrokenChain(Exception):
    """The audit log is not whole where it was to be pruned: the evidence is left alone."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"the audit log is not whole at row {seq}")
        self.seq = seq


class PruneRows:
    """What can be taken away, a chunk at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def old_results(self, *, before: datetime, after_id: int, limit: int) -> list[OldResult]:
        """Results of ended tasks that have not changed since ``before`` and are whole still."""
        rows = self._connection.execute(
            select(results.c.id, results.c.raw)
            .join(tasks, tasks.c.id == results.c.task_id)
            .where(
                results.c.id > after_id,
                results.c.changed_at < before,
                results.c.pruned_at.is_(None),
                results.c.raw.is_not(None),
                ~results.c.to_match,
                tasks.c.state.in_(TASKS.terminal),
            )
            .order_by(results.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=results)
        )
        return [OldResult(id=row.id, raw=row.raw) for row in rows]

    def reduce_results(self, rows: Sequence[tuple[int, Mapping[str, Any]]], now: datetime) -> None:
        """Store what is left of results."""
        self._connection.execute(
            update(results)
            .where(results.c.id == bindparam("which"))
            .values(raw=bindparam("left"), pruned_at=now),
            [{"which": result_id, "left": left} for result_id, left in rows],
        )

    def checkpoint(self) -> Checkpoint:
        """Behind which row the log begins, held until the transaction ends."""
        self._connection.execute(select(audit_head.c.seq).with_for_update())
        return last_checkpoint(self._connection)

    def prune_audit(self, *, before: datetime, limit: int, now: datetime) -> Checkpoint | None:
        """Take the oldest events away and note where the log begins now; None: none is that old.

        Raises:
            BrokenChain: somebody else changed what was to be taken away.
        """
        end = begin = self.checkpoint()
        for event in stream_events(self._connection, after=begin.seq):
            if event.at >= before or event.seq > begin.seq + limit:
                break
            if check_row(end.hash, end.seq + 1, event) is not None:
                raise BrokenChain(end.seq + 1)
            end = Checkpoint(seq=event.seq, hash=event.hash)
        if end == begin:
            return None
        self._connection.execute(delete(audit).where(audit.c.seq <= end.seq))
        self._connection.execute(delete(audit_requests).where(audit_requests.c.seq <= end.seq))
        self._connection.execute(delete(audit_checkpoints))
        self._connection.execute(
            insert(audit_checkpoints).values(seq=end.seq, hash=end.hash, made_at=now)
        )
        return end

    def prune_requests(self, *, before: datetime) -> int:
        """Take away the requests of older events; how many events had some."""
        gone = self._connection.execute(delete(audit_requests).where(audit_requests.c.at < before))
        return gone.rowcount

    def forget_stale_pages(self) -> int:
        """Drop the notes of sweeps that nobody goes on with."""
        going_on = (
            select(mirrors.c.connector)
            .where(
                mirrors.c.connector == sweep_pages.c.connector,
                mirrors.c.sweep == sweep_pages.c.sweep,
                mirrors.c.sweep_started_at.is_not(None),
            )
            .exists()
        )
        return self._connection.execute(delete(sweep_pages).where(~going_on)).rowcount

    def count_whole_results(self) -> int:
        """How many results are kept as the vendor sent them."""
        return int(
            self._connection.execute(
                select(func.count()).where(
                    results.c.pruned_at.is_(None), results.c.raw.is_not(None)
                )
            ).scalar_one()
        )
