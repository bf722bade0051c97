"""What the command line lists: plain dictionaries in the shape that ``docs/json.md`` documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from daemon.db.audit import fetch_events, moment_text
from daemon.db.crm_tables import mirrors
from daemon.db.tables import (
    companies,
    decisions,
    extruct_id,
    pushes,
    results,
    searches,
    slots,
    task_exclusions,
    tasks,
    vendors,
)
from daemon.domain.push_states import PushState
from daemon.domain.segments import WHOLE
from daemon.domain.task_states import TaskState

Row = dict[str, Any]


class ListingRows:
    """Listings, each newest or most urgent first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def searches(self) -> list[Row]:
        """Every search with its state, its latest slot and how much it found."""
        latest = (
            select(slots.c.search_id, func.max(slots.c.id).label("slot_id"))
            .group_by(slots.c.search_id)
            .subquery()
        )
        found = (
            select(tasks.c.search_id, func.count(results.c.id).label("results"))
            .join(results, results.c.task_id == tasks.c.id)
            .group_by(tasks.c.search_id)
            .subquery()
        )
        rows = self._rows(
            select(
                searches.c.name,
                searches.c.version,
                searches.c.retired,
                searches.c.paused,
                searches.c.definition,
                slots.c.due_at.label("last_due_at"),
                slots.c.state.label("slot_state"),
                slots.c.held_text.label("held"),
                func.coalesce(found.c.results, 0).label("results"),
            )
            .outerjoin(latest, latest.c.search_id == searches.c.id)
            .outerjoin(slots, slots.c.id == latest.c.slot_id)
            .outerjoin(found, found.c.search_id == searches.c.id)
            .order_by(searches.c.retired, searches.c.name)
        )
        return [_search(row) for row in rows]

    def tasks(self, *, search: str | None = None, limit: int = 50) -> list[Row]:
        """Tasks, the newest first."""
        query = (
            select(
                tasks.c.id,
                searches.c.name.label("search"),
                tasks.c.wave,
                func.nullif(tasks.c.segment, WHOLE).label("country"),
                tasks.c.state,
                extruct_id,
                tasks.c.continues_id.label("continues"),
                tasks.c.vendor_status,
                tasks.c.desired,
                tasks.c.counters,
                tasks.c.is_exhausted,
                tasks.c.adopted,
                tasks.c.attempts,
                tasks.c.error,
                tasks.c.created_at,
                tasks.c.started_at,
                tasks.c.ended_at,
            )
            .join(searches, searches.c.id == tasks.c.search_id)
            .order_by(tasks.c.id.desc())
            .limit(limit)
        )
        if search is not None:
            query = query.where(searches.c.name == search)
        return self._rows(query)

    def planned_tasks(self) -> list[Row]:
        """Tasks that wait to be sent, with how many domains they exclude and why."""
        told = self._rows(
            select(
                tasks.c.id,
                searches.c.name.label("search"),
                tasks.c.wave,
                func.nullif(tasks.c.segment, WHOLE).label("country"),
                tasks.c.continues_id.label("continues"),
                tasks.c.desired,
                tasks.c.considered,
                tasks.c.left_out,
            )
            .join(searches, searches.c.id == tasks.c.search_id)
            .where(tasks.c.state == TaskState.PLANNED)
            .order_by(tasks.c.id)
        )
        for row in told:
            by_reason = self._connection.execute(
                select(task_exclusions.c.reason, func.count().label("number"))
                .where(task_exclusions.c.task_id == row.pop("id"))
                .group_by(task_exclusions.c.reason)
                .order_by(task_exclusions.c.reason)
            )
            row["reasons"] = {one.reason: one.number for one in by_reason}
            row["exclusions"] = sum(row["reasons"].values())
        return told

    def companies(
        self, *, search: str | None = None, decision: str | None = None, limit: int = 50
    ) -> list[Row]:
        """Companies that were found, with the decision for each connector; the newest first."""
        query = (
            select(
                companies.c.key,
                companies.c.domain,
                companies.c.name,
                companies.c.country,
                companies.c.city,
                searches.c.name.label("search"),
                results.c.relevance,
                decisions.c.connector,
                decisions.c.kind.label("decision"),
                decisions.c.rule,
                pushes.c.state.label("push"),
                pushes.c.record_id,
                results.c.first_seen_at.label("found_at"),
            )
            .join(results, results.c.company_id == companies.c.id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .join(searches, searches.c.id == tasks.c.search_id)
            .outerjoin(decisions, decisions.c.result_id == results.c.id)
            .outerjoin(
                pushes,
                (pushes.c.company_id == companies.c.id)
                & (pushes.c.connector == decisions.c.connector),
            )
            .order_by(results.c.id.desc(), decisions.c.connector)
            .limit(limit)
        )
        if search is not None:
            query = query.where(searches.c.name == search)
        if decision is not None:
            query = query.where(decisions.c.kind == decision)
        return self._rows(query)

    def pushes(
        self,
        *,
        state: PushState | None = None,
        connector: str | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """The outbox, the newest first."""
        query = (
            select(
                pushes.c.id,
                pushes.c.connector,
                companies.c.key,
                companies.c.name,
                searches.c.name.label("search"),
                pushes.c.state,
                pushes.c.hold_reason,
                pushes.c.reason,
                pushes.c.record_id,
                pushes.c.attempts,
                pushes.c.next_attempt_at,
                pushes.c.created_at,
                pushes.c.ended_at,
            )
            .join(companies, companies.c.id == pushes.c.company_id)
            .join(searches, searches.c.id == pushes.c.search_id)
            .order_by(pushes.c.id.desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(pushes.c.state == state)
        if connector is not None:
            query = query.where(pushes.c.connector == connector)
        return self._rows(query)

    def crm(self) -> list[Row]:
        """How far the mirror of each connector is."""
        return self._rows(
            select(
                mirrors.c.connector,
                mirrors.c.records,
                mirrors.c.swept_at,
                mirrors.c.refreshed_at,
                mirrors.c.sweep_started_at.label("sweeping_since"),
                mirrors.c.held,
                vendors.c.paused_until,
                func.coalesce(vendors.c.reason, "").label("paused_because"),
            )
            .outerjoin(vendors, vendors.c.name == mirrors.c.connector)
            .order_by(mirrors.c.connector)
        )

    def audit(
        self,
        *,
        event: str | None = None,
        subject: str | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """Audit rows in their order: those after number ``after``, or else the last ones."""
        rows = fetch_events(
            self._connection,
            event=event,
            subject=subject,
            after=after or 0,
            limit=limit,
            newest_first=after is None,
        )
        return [row.as_dict() for row in (reversed(rows) if after is None else rows)]

    def _rows(self, query: Select[Any]) -> list[Row]:
        return [
            {str(name): _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001 - same
            for row in self._connection.execute(query)
        ]


def _plain(value: Any) -> Any:
    return moment_text(value) if isinstance(value, datetime) else value


def _search(row: Row) -> Row:
    definition = row.pop("definition")
    state = "retired" if row.pop("retired") else "paused" if row.pop("paused") else "active"
    row.pop("paused", None)
    return {
        "name": row.pop("name"),
        "state": state,
        "version": row.pop("version"),
        "schedule": definition["schedule"],
        "query": definition["query"],
        "push": definition["push"],
        "push_to": definition["push_to"],
        **row,
    }
