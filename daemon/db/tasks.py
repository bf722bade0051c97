"""Rows of tasks: the intent is written before the vendor hears of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from daemon.db.inserts import insert_or_skip
from daemon.db.moves import NO_LEASE, lease, move
from daemon.db.rows import TaskRow
from daemon.db.tables import companies, extruct_id, refused_domains, results, task_exclusions, tasks
from daemon.domain.exclusions import Exclusion, ExclusionReason
from daemon.domain.task_states import TASKS, TaskEvent, TaskState

_COLUMNS = tuple(
    extruct_id if name == "extruct_id" else tasks.c[name] for name in TaskRow.__slots__
)


class TaskRows:
    """Deep Search tasks and what they exclude."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, **values: Any) -> int:
        """Write the intent of a task (or an adopted one); gives its id."""
        made = self._connection.execute(insert(tasks).values(**values))
        return int(made.inserted_primary_key[0])  # type: ignore[index]

    def save_exclusions(self, task_id: int, entries: Sequence[Exclusion]) -> None:
        """Keep the plan of a task, with its reasons."""
        if entries:
            self._connection.execute(
                insert(task_exclusions),
                [
                    {
                        "task_id": task_id,
                        "domain": entry.domain,
                        "rank": entry.rank,
                        "reason": entry.reason,
                        "score": entry.score,
                    }
                    for entry in entries
                ],
            )

    def exclusions(self, task_id: int) -> list[str]:
        """The domains that a task is to be sent with, by rank."""
        return list(
            self._connection.execute(
                select(task_exclusions.c.domain)
                .where(task_exclusions.c.task_id == task_id)
                .order_by(task_exclusions.c.rank)
            ).scalars()
        )

    def newest_begun(self, search_id: int, version: int, segment: str) -> int | None:
        """The newest task that this version of a search has created at the vendor for a segment."""
        newest = select(func.max(tasks.c.id)).where(
            tasks.c.search_id == search_id,
            tasks.c.search_version == version,
            tasks.c.segment == segment,
            tasks.c.extruct_id.is_not(None),
            ~tasks.c.adopted,
        )
        return self._connection.execute(newest).scalar()

    def asked_by_segment(self, search_id: int) -> dict[str, int]:
        """For how many results the tasks of a search have asked, by segment."""
        rows = self._connection.execute(
            select(tasks.c.segment, func.sum(tasks.c.desired))
            .where(tasks.c.search_id == search_id, tasks.c.state != TaskState.FAILED)
            .group_by(tasks.c.segment)
        )
        return {row[0]: int(row[1]) for row in rows}

    def chain(self, begun: int) -> list[TaskRow]:
        """A task that was created at the vendor, and those that continued it, in order."""
        return self._many(
            select(*_COLUMNS)
            .where(or_(tasks.c.id == begun, tasks.c.continues_id == begun))
            .order_by(tasks.c.id)
        )

    def left_out_by(self, task_id: int) -> list[Exclusion]:
        """What the vendor leaves out of a task that was created, as it was planned."""
        rows = self._connection.execute(
            select(
                task_exclusions.c.domain,
                task_exclusions.c.rank,
                task_exclusions.c.reason,
                task_exclusions.c.score,
            )
            .where(task_exclusions.c.task_id == task_id)
            .order_by(task_exclusions.c.rank)
        )
        return [
            Exclusion(
                domain=row.domain,
                rank=row.rank,
                reason=ExclusionReason(row.reason),
                score=row.score,
            )
            for row in rows
        ]

    def domains_found(self, task_ids: Sequence[int]) -> frozenset[str]:
        """The domains of what these tasks returned."""
        return frozenset(
            self._connection.execute(
                select(companies.c.domain)
                .join(results, results.c.company_id == companies.c.id)
                .where(results.c.task_id.in_(task_ids), companies.c.domain.is_not(None))
            ).scalars()
        )

    def drop_exclusions(
        self, task_id: int, domains: Iterable[str], *, reason: str, now: datetime
    ) -> None:
        """Take domains that the vendor refused out of a task, and remember them for all others."""
        refused = list(domains)
        self._connection.execute(
            task_exclusions.delete().where(
                task_exclusions.c.task_id == task_id, task_exclusions.c.domain.in_(refused)
            )
        )
        self._connection.execute(
            insert_or_skip(self._connection, refused_domains),
            [{"domain": domain, "reason": reason, "refused_at": now} for domain in refused],
        )

    def refused_domains(self) -> frozenset[str]:
        """Domains that the vendor has ever refused as an exclusion."""
        return frozenset(self._connection.execute(select(refused_domains.c.domain)).scalars())

    def get(self, task_id: int) -> TaskRow:
        """The task with this id, which exists."""
        return self._one(select(*_COLUMNS).where(tasks.c.id == task_id))

    def by_extruct_id(self, extruct_id: str) -> TaskRow | None:
        """The task that the vendor knows by this id."""
        row = self._connection.execute(
            select(*_COLUMNS).where(tasks.c.extruct_id == extruct_id)
        ).first()
        return None if row is None else TaskRow(**row._mapping)  # noqa: SLF001 - the row's public mapping

    def known_extruct_ids(self) -> frozenset[str]:
        """Every vendor's task id that belongs to one of our rows."""
        known = self._connection.execute(
            select(tasks.c.extruct_id).where(tasks.c.extruct_id.is_not(None))
        )
        return frozenset(known.scalars())

    def of_slot(self, slot_id: int) -> list[TaskRow]:
        """The waves of a slot, in order."""
        return self._many(
            select(*_COLUMNS).where(tasks.c.slot_id == slot_id).order_by(tasks.c.wave)
        )

    def recent(self, *, search_id: int | None = None, limit: int | None = 50) -> list[TaskRow]:
        """The newest tasks first."""
        query = select(*_COLUMNS).order_by(tasks.c.id.desc()).limit(limit)
        return self._many(
            query if search_id is None else query.where(tasks.c.search_id == search_id)
        )

    def live(self) -> list[TaskRow]:
        """Every task that is not at its end."""
        return self._many(
            select(*_COLUMNS).where(tasks.c.state.not_in(TASKS.terminal)).order_by(tasks.c.id)
        )

    def count_by_state(self) -> dict[str, int]:
        """How many tasks stand in each state."""
        counted = self._connection.execute(
            select(tasks.c.state, func.count().label("number")).group_by(tasks.c.state)
        )
        return {row.state: row.number for row in counted}

    def ready(self, states: Sequence[TaskState], *, now: datetime, limit: int) -> list[TaskRow]:
        """Tasks in these states whose time has come and that nobody else works on."""
        return self._many(
            select(*_COLUMNS)
            .where(
                tasks.c.state.in_(states),
                or_(tasks.c.next_attempt_at.is_(None), tasks.c.next_attempt_at <= now),
                or_(tasks.c.lease_until.is_(None), tasks.c.lease_until <= now),
            )
            .order_by(tasks.c.next_attempt_at.is_not(None), tasks.c.next_attempt_at, tasks.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )

    def expired(self, state: TaskState, *, now: datetime) -> list[TaskRow]:
        """Tasks whose worker has not come back in time."""
        return self._many(
            select(*_COLUMNS)
            .where(tasks.c.state == state, tasks.c.lease_until <= now)
            .with_for_update(skip_locked=True)
        )

    def move(self, task: TaskRow, event: TaskEvent, **values: Any) -> TaskState:
        """Move a task on, as the one who holds it.

        Raises:
            StaleTransition: it is no longer as it was read.
        """
        return move(
            self._connection,
            tasks,
            TASKS,
            row_id=task.id,
            state=task.state,
            event=event,
            fence={"lease_owner": task.lease_owner, "attempts": task.attempts},
            **values,
        )

    def take(self, task: TaskRow, *, owner: str, until: datetime) -> TaskRow:
        """Take the lease of a task without moving it."""
        self.set(task.id, **lease(owner, until))
        return self.get(task.id)

    def set(self, task_id: int, **values: Any) -> None:
        """Set columns that are no state."""
        self._connection.execute(update(tasks).where(tasks.c.id == task_id).values(**values))

    def release(self, task_id: int, *, owner: str, **values: Any) -> bool:
        """Give a lease back, and set columns with it; false when it was lost meanwhile."""
        done = self._connection.execute(
            update(tasks)
            .where(tasks.c.id == task_id, tasks.c.lease_owner == owner)
            .values(**NO_LEASE, **values)
        )
        return done.rowcount == 1

    def _one(self, query: Select[Any]) -> TaskRow:
        return TaskRow(**self._connection.execute(query).one()._mapping)  # noqa: SLF001 - same

    def _many(self, query: Select[Any]) -> list[TaskRow]:
        return [TaskRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - same


def request_with(request: Mapping[str, Any], exclude_domains: Sequence[str]) -> dict[str, Any]:
    """The stored request with the exclusions put in, as it is sent."""
    return {**request, "exclude_domains": list(exclude_domains)} if exclude_domains else {**request}
