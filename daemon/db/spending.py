"""What tasks have cost, and may yet cost: read under a lock that all replicas share."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select, text

from daemon.db.crm_tables import crm_records
from daemon.db.inserts import insert_or_skip
from daemon.db.planning_tables import budget_notes
from daemon.db.results import NEW_KINDS
from daemon.db.tables import (
    companies,
    decisions,
    results,
    searches,
    task_exclusions,
    tasks,
)
from daemon.domain.budgets import Spending
from daemon.domain.task_states import TASKS

_LOCK = 0x62756467


class SpendingRows:
    """What was paid for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Let no other replica count or reserve until this transaction ends.

        On SQLite, a writing transaction is alone from its beginning.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def spent(
        self,
        *,
        cost: float | None,
        search_id: int | None = None,
        slot_id: int | None = None,
        since: datetime | None = None,
    ) -> Spending:
        """What tasks that were begun since then have cost, or may: of a search, a slot, or all.

        A task that has ended costs what it returned. One that has not may return all that it was
        asked for. One that the vendor never took costs nothing.
        """
        over = tasks.c.state.in_(TASKS.terminal)
        found = (
            select(func.count())
            .where(results.c.task_id == tasks.c.id)
            .correlate(tasks)
            .scalar_subquery()
        )
        new = (
            select(func.count(func.distinct(decisions.c.result_id)))
            .select_from(results)
            .join(decisions, decisions.c.result_id == results.c.id)
            .where(results.c.task_id == tasks.c.id, decisions.c.kind.in_(NEW_KINDS))
            .correlate(tasks)
            .scalar_subquery()
        )
        query = select(
            over.label("over"),
            tasks.c.desired,
            tasks.c.credits_before,
            tasks.c.credits_after,
            found.label("found"),
            new.label("new"),
        )
        for column, value in ((tasks.c.search_id, search_id), (tasks.c.slot_id, slot_id)):
            query = query if value is None else query.where(column == value)
        if since is not None:
            # A task of the month before that still runs may yet cost something now.
            query = query.where(
                or_(tasks.c.created_at >= since, tasks.c.state.not_in(TASKS.terminal))
            )
        paid = reserved = new_ones = 0
        credits_spent = 0.0
        for row in self._connection.execute(query):
            new_ones += row.new
            if row.over:
                paid += row.found
                credits_spent += row.found * (cost or 0.0)
            else:
                reserved += max(row.desired, row.found)
        return Spending(paid=paid, reserved=reserved, credits=credits_spent, new=new_ones)

    def cost_of_result(self, *, tasks_back: int = 50) -> float | None:
        """Credits for a result, learned from tasks that ran alone; None while there is none.

        What the account lost while a task ran is the task's own price only when no other ran.
        """
        other = tasks.alias("other")
        alone = ~(
            select(other.c.id)
            .where(
                other.c.id != tasks.c.id,
                other.c.sent_at.is_not(None),
                other.c.sent_at <= tasks.c.ended_at,
                or_(other.c.ended_at.is_(None), other.c.ended_at >= tasks.c.sent_at),
            )
            .exists()
        )
        found = select(func.count()).where(results.c.task_id == tasks.c.id).scalar_subquery()
        recent = (
            select(
                (tasks.c.credits_before - tasks.c.credits_after).label("lost"),
                found.label("found"),
            )
            .where(
                tasks.c.credits_before.is_not(None),
                tasks.c.credits_after.is_not(None),
                tasks.c.credits_after <= tasks.c.credits_before,  # else it was topped up meanwhile
                tasks.c.ended_at.is_not(None),
                alone,
            )
            .order_by(tasks.c.id.desc())
            .limit(tasks_back)
            .subquery()
        )
        lost, number = self._connection.execute(
            select(func.sum(recent.c.lost), func.sum(recent.c.found))
        ).one()
        return None if not number else float(lost) / float(number)

    def credits_left(self) -> float | None:
        """The credits that the vendor named last, before or after a task; None: never."""
        newest = (
            select(func.coalesce(tasks.c.credits_after, tasks.c.credits_before))
            .where(or_(tasks.c.credits_after.is_not(None), tasks.c.credits_before.is_not(None)))
            .order_by(func.coalesce(tasks.c.ended_at, tasks.c.sent_at).desc())
            .limit(1)
        )
        return self._connection.execute(newest).scalar()

    def note_once(self, scope: str, limit: str, period: str, *, now: datetime) -> bool:
        """True the first time that this is noted."""
        made = self._connection.execute(
            insert_or_skip(self._connection, budget_notes)
            .values(scope=scope, limit_name=limit, period=period, said_at=now)
            .returning(budget_notes.c.scope)
        )
        return made.first() is not None

    def tasks(self, *, search: str | None = None) -> list[Any]:
        """Every task that the vendor took, with its search and what its exclusions should save."""
        saved = (
            select(func.coalesce(func.sum(task_exclusions.c.score), 0.0))
            .where(task_exclusions.c.task_id == tasks.c.id)
            .correlate(tasks)
            .scalar_subquery()
        )
        query = (
            select(
                tasks.c.id,
                searches.c.name.label("search"),
                tasks.c.created_at,
                tasks.c.desired,
                tasks.c.credits_before,
                tasks.c.credits_after,
                saved.label("expected_hits"),
            )
            .join(searches, searches.c.id == tasks.c.search_id)
            .where(or_(tasks.c.extruct_id.is_not(None), tasks.c.started_at.is_not(None)))
            .order_by(tasks.c.id)
        )
        return list(
            self._connection.execute(
                query if search is None else query.where(searches.c.name == search)
            )
        )

    def decided(self, task_id: int) -> Iterator[Any]:
        """What a task's results were decided to be, each with what tells why it was paid for."""
        excluded = (
            select(task_exclusions.c.domain)
            .where(
                task_exclusions.c.task_id == results.c.task_id,
                task_exclusions.c.domain == companies.c.domain,
            )
            .exists()
        )
        yield from self._connection.execute(
            select(
                results.c.id,
                decisions.c.kind,
                decisions.c.rule,
                decisions.c.evidence,
                companies.c.domain,
                companies.c.first_seen_at.label("company_seen_at"),
                case((excluded, 1), else_=0).label("was_excluded"),
                crm_records.c.first_seen_at.label("record_seen_at"),
                crm_records.c.domains.label("record_domains"),
            )
            .select_from(results)
            .join(companies, companies.c.id == results.c.company_id)
            .outerjoin(decisions, decisions.c.result_id == results.c.id)
            .outerjoin(
                crm_records,
                and_(
                    crm_records.c.connector == decisions.c.connector,
                    crm_records.c.record_id == decisions.c.evidence["record_id"].as_string(),
                ),
            )
            .where(results.c.task_id == task_id)
            .order_by(results.c.id, decisions.c.connector)
        )

    def exclusions_of(self, task_id: int) -> frozenset[str]:
        """The domains that a task excluded."""
        return frozenset(
            self._connection.execute(
                select(task_exclusions.c.domain).where(task_exclusions.c.task_id == task_id)
            ).scalars()
        )
