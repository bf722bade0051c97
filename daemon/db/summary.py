"""Totals over the whole store."""

from typing import Any

from sqlalchemy import Connection, Select, func, select

from daemon.db.tables import (
    audit_head,
    companies,
    decisions,
    pushes,
    results,
    task_exclusions,
    tasks,
)
from daemon.domain.push_states import PushState


class SummaryRows:
    """Counts for a summary."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def found(self) -> int:
        """Results that came back."""
        return self._count(select(func.count()).select_from(results))

    def decisions(self) -> dict[str, int]:
        """How many results came to each decision, over all connectors."""
        rows = self._connection.execute(
            select(decisions.c.kind, func.count().label("number")).group_by(decisions.c.kind)
        )
        return {row.kind: row.number for row in rows}

    def created(self) -> int:
        """Companies that we have created in a CRM."""
        return self._count(select(func.count()).where(pushes.c.state == PushState.CREATED))

    def existed(self) -> int:
        """Companies that turned out to be in the CRM just before they were sent."""
        return self._count(select(func.count()).where(pushes.c.state == PushState.EXISTED))

    def exclusions(self) -> int:
        """Domains sent as exclusions, over all tasks; nothing is sent where a task goes on."""
        return self._count(
            select(func.count())
            .select_from(task_exclusions)
            .join(tasks, tasks.c.id == task_exclusions.c.task_id)
            .where(tasks.c.continues_id.is_(None))
        )

    def excluded_returns(self) -> int:
        """Exclusions of domains that a task of the same search had returned before."""
        earlier = tasks.alias("earlier")
        returned = (
            select(results.c.id)
            .join(companies, companies.c.id == results.c.company_id)
            .join(earlier, earlier.c.id == results.c.task_id)
            .where(
                companies.c.domain == task_exclusions.c.domain,
                earlier.c.id < task_exclusions.c.task_id,
                earlier.c.search_id == tasks.c.search_id,
            )
            .exists()
        )
        return self._count(
            select(func.count())
            .select_from(task_exclusions)
            .join(tasks, tasks.c.id == task_exclusions.c.task_id)
            .where(returned, tasks.c.continues_id.is_(None))
        )

    def audit_rows(self) -> int:
        """Rows of the audit log, those that were pruned too."""
        return self._count(select(audit_head.c.seq))

    def _count(self, query: Select[Any]) -> int:
        return int(self._connection.execute(query).scalar_one())
