"""Rows of results, of the companies that they are, and of what was decided of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from daemon.db.inserts import insert_or_replace, insert_or_skip
from daemon.db.planning_tables import redirects
from daemon.db.rows import ResultToMatch
from daemon.db.tables import companies, decisions, extruct_id, results, tasks
from daemon.domain.companies import FoundCompany, Identity
from daemon.domain.redirects import PENDING
from daemon.domain.task_states import TaskState
from daemon.domain.waves import WaveFact

NEW_KINDS = ("new", "probable", "without_domain")
"""Decisions that say: no CRM held this company for certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """A result as it is to be stored. ``fingerprint`` changes when the vendor's row does."""

    found: FoundCompany
    identity: Identity
    raw: Mapping[str, Any]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """Which rows of a page were new and which had changed, by the vendor's result id."""

    new: tuple[str, ...]
    changed: tuple[str, ...]


class ResultRows:
    """What tasks found."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_page(self, task_id: int, page: Sequence[FoundRow], *, now: datetime) -> StoredPage:
        """Store what is new or changed of a page; nothing is written for the rest."""
        rows = {row.found.result_id: row for row in page}
        known = self._fingerprints(rows)
        new = [name for name in rows if name not in known]
        changed = [name for name in rows if name in known and known[name] != rows[name].fingerprint]
        if new or changed:
            touched = [rows[name] for name in new + changed]
            company_ids = self.save_companies([row.found for row in touched], touched, now=now)
            self._insert([_values(rows[name], task_id, company_ids, now) for name in new])
            self._update([_values(rows[name], task_id, company_ids, now) for name in changed])
        return StoredPage(new=tuple(new), changed=tuple(changed))

    def save_companies(
        self, found: Sequence[FoundCompany], rows: Sequence[FoundRow], *, now: datetime
    ) -> dict[str, int]:
        """The ids of these companies by their keys; unknown ones are added."""
        if not rows:
            return {}
        keys = {row.identity.key for row in rows}
        self._connection.execute(
            insert_or_skip(self._connection, companies),
            [
                {
                    "key": row.identity.key,
                    "domain": row.identity.domain,
                    "name": company.name,
                    "profile_id": company.profile_id,
                    "country": company.country,
                    "city": company.city,
                    "first_seen_at": now,
                }
                for company, row in zip(found, rows, strict=True)
            ],
        )
        have = self._connection.execute(
            select(companies.c.key, companies.c.id).where(companies.c.key.in_(keys))
        )
        return {row.key: row.id for row in have}

    def match_again(self, task_id: int) -> None:
        """Have every result of a task decided anew, since the task has ended."""
        self._connection.execute(
            update(results).where(results.c.task_id == task_id).values(to_match=True)
        )

    def match_again_companies(self, keys: Iterable[str]) -> int:
        """Have the results of the companies with these keys decided anew; gives how many."""
        wanted = select(companies.c.id).where(companies.c.key.in_(list(keys)))
        changed = self._connection.execute(
            update(results)
            .where(results.c.company_id.in_(wanted), results.c.raw.is_not(None))
            .values(to_match=True)
        )
        return changed.rowcount

    def to_match(self, *, limit: int, asked_after: datetime | None = None) -> list[ResultToMatch]:
        """Results that wait for a decision, the oldest first.

        Left out are those of companies whose websites were asked for after ``asked_after`` and not
        yet looked at; None: none are.
        """
        query = (
            select(
                results.c.id,
                results.c.result_id,
                results.c.raw,
                results.c.company_id,
                companies.c.key.label("company_key"),
                results.c.task_id,
                tasks.c.state.label("task_state"),
                extruct_id,
                tasks.c.segment,
                tasks.c.search_id,
                tasks.c.search_version,
                results.c.first_seen_at,
            )
            .join(tasks, tasks.c.id == results.c.task_id)
            .join(companies, companies.c.id == results.c.company_id)
            .where(results.c.to_match)
            .order_by(results.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=results)
        )
        if asked_after is not None:
            query = query.where(~_is_looked_for(asked_after))
        rows = self._connection.execute(query)
        return [ResultToMatch(**row._mapping) for row in rows]  # noqa: SLF001 - the row's public mapping

    def matched(self, result_ids: Iterable[int]) -> None:
        """These results have their decision."""
        self._connection.execute(
            update(results).where(results.c.id.in_(list(result_ids))).values(to_match=False)
        )

    def save_decisions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep decisions; a later one for the same result and connector takes its place."""
        if rows:
            statement = insert_or_replace(
                self._connection,
                decisions,
                by=("result_id", "connector"),
                columns=("kind", "rule", "evidence", "decided_at"),
            )
            self._connection.execute(statement, list(rows))

    def decision_kinds(self, result_ids: Sequence[int]) -> dict[tuple[int, str], tuple[str, str]]:
        """The kind and rule of the decisions that these results have, by result and connector."""
        rows = self._connection.execute(
            select(
                decisions.c.result_id, decisions.c.connector, decisions.c.kind, decisions.c.rule
            ).where(decisions.c.result_id.in_(result_ids))
        )
        return {(row.result_id, row.connector): (row.kind, row.rule) for row in rows}

    def any_to_match(self, slot_id: int) -> bool:
        """Whether a result of this slot's tasks still waits for its decision."""
        waiting = self._connection.execute(
            select(results.c.id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .where(tasks.c.slot_id == slot_id, results.c.to_match)
            .limit(1)
        )
        return waiting.first() is not None

    def wave_facts(self, slot_id: int) -> list[WaveFact]:
        """What each task of a slot came to. A result is new when some CRM did not hold it."""
        counted = _tasks_with_counts().where(tasks.c.slot_id == slot_id).order_by(tasks.c.wave)
        return [
            WaveFact(
                wave=row.wave,
                segment=row.segment,
                returned=row.returned,
                new=row.new,
                exhausted=row.is_exhausted,
                failed=row.state == TaskState.FAILED,
                desired=row.desired,
                void=row.state == TaskState.FAILED
                and row.continues_id is not None
                and row.started_at is None,
            )
            for row in self._connection.execute(counted)
        ]

    def counts_by_segment(self, search_id: int, *, tasks_back: int) -> dict[str, tuple[int, int]]:
        """What the latest tasks of each segment of a search returned, and how much was new."""
        newest = (
            func.row_number()
            .over(partition_by=tasks.c.segment, order_by=tasks.c.id.desc())
            .label("age")
        )
        ranked = (
            select(tasks.c.id, newest)
            .where(tasks.c.search_id == search_id, tasks.c.state == TaskState.DONE)
            .subquery()
        )
        latest = select(ranked.c.id).where(ranked.c.age <= tasks_back)
        counts: dict[str, tuple[int, int]] = {}
        for row in self._connection.execute(_tasks_with_counts().where(tasks.c.id.in_(latest))):
            returned, new = counts.get(row.segment, (0, 0))
            counts[row.segment] = (returned + row.returned, new + row.new)
        return counts

    def _fingerprints(self, result_ids: Iterable[str]) -> dict[str, str]:
        rows = self._connection.execute(
            select(results.c.result_id, results.c.fingerprint).where(
                results.c.result_id.in_(list(result_ids))
            )
        )
        return {row.result_id: row.fingerprint for row in rows}

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(results), rows)

    def _update(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            names = ("company_id", "relevance", "raw", "fingerprint", "to_match", "changed_at")
            self._connection.execute(
                update(results)
                .where(results.c.result_id == bindparam("which"))
                .values({name: bindparam(f"new_{name}") for name in names} | {"pruned_at": None}),
                [
                    {"which": row["result_id"]} | {f"new_{name}": row[name] for name in names}
                    for row in rows
                ],
            )


def _is_looked_for(asked_after: datetime) -> ColumnElement[bool]:
    return (
        select(redirects.c.domain)
        .where(
            redirects.c.domain == companies.c.key,
            redirects.c.reason.in_([outcome.value for outcome in sorted(PENDING)]),
            redirects.c.checked_at > asked_after,
        )
        .exists()
    )


def _values(
    row: FoundRow, task_id: int, company_ids: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    return {
        "result_id": row.found.result_id,
        "task_id": task_id,
        "company_id": company_ids[row.identity.key],
        "relevance": row.found.relevance,
        "raw": row.raw,
        "fingerprint": row.fingerprint,
        "to_match": True,
        "first_seen_at": now,
        "changed_at": now,
    }


def _tasks_with_counts() -> Select[Any]:
    """Tasks, each with how many results it has, and how many of them some CRM did not hold."""
    new = (
        select(decisions.c.result_id)
        .where(decisions.c.result_id == results.c.id, decisions.c.kind.in_(NEW_KINDS))
        .exists()
    )
    return (
        select(
            tasks.c.wave,
            tasks.c.segment,
            tasks.c.is_exhausted,
            tasks.c.state,
            tasks.c.desired,
            tasks.c.continues_id,
            tasks.c.started_at,
            func.count(results.c.id).label("returned"),
            func.count(case((new, results.c.id))).label("new"),
        )
        .outerjoin(results, results.c.task_id == tasks.c.id)
        .group_by(tasks.c.id)
    )
