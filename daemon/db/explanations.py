"""Everything that the store knows of one company, for ``prospectd explain``."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, tuple_

from daemon.db.audit import fetch_events
from daemon.db.crm_tables import crm_domains, crm_records, duplicates
from daemon.db.tables import (
    companies,
    decisions,
    extruct_id,
    pushes,
    refused_domains,
    results,
    searches,
    task_exclusions,
    tasks,
)

Row = dict[str, Any]


class ExplanationRows:
    """Rows of one company, by its key (or the domain that it is)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def company(self, key: str) -> list[Row]:
        """The company under this key, and others that have it as their domain."""
        return self._rows(
            select(
                companies.c.key,
                companies.c.domain,
                companies.c.name,
                companies.c.country,
                companies.c.city,
                companies.c.first_seen_at,
            )
            .where(_is(key))
            .order_by(companies.c.id)
        )

    def found(self, key: str) -> list[Row]:
        """Which tasks of which searches found it; ``raw`` is the vendor's row."""
        return self._rows(
            select(
                searches.c.name.label("search"),
                tasks.c.id.label("task"),
                extruct_id,
                tasks.c.wave,
                results.c.result_id.label("result"),
                results.c.relevance,
                results.c.raw,
                results.c.first_seen_at.label("found_at"),
            )
            .select_from(results)
            .join(companies, companies.c.id == results.c.company_id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .join(searches, searches.c.id == tasks.c.search_id)
            .where(_is(key))
            .order_by(results.c.id)
        )

    def excluded(self, key: str) -> list[Row]:
        """Which tasks were told to leave it out, and for what reason."""
        return self._rows(
            select(
                searches.c.name.label("search"),
                tasks.c.id.label("task"),
                extruct_id,
                task_exclusions.c.rank,
                task_exclusions.c.reason,
                task_exclusions.c.score,
                tasks.c.created_at.label("planned_at"),
            )
            .select_from(task_exclusions)
            .join(tasks, tasks.c.id == task_exclusions.c.task_id)
            .join(searches, searches.c.id == tasks.c.search_id)
            .where(task_exclusions.c.domain == key)
            .order_by(tasks.c.id)
        )

    def refused(self, key: str) -> str | None:
        """Why the vendor refused it as an exclusion, if it did."""
        reason: str | None = self._connection.execute(
            select(refused_domains.c.reason).where(refused_domains.c.domain == key)
        ).scalar()
        return reason

    def decided(self, key: str) -> list[Row]:
        """What was decided of it for each connector, by which rule, on what evidence."""
        return self._rows(
            select(
                decisions.c.connector,
                results.c.result_id.label("result"),
                decisions.c.kind.label("decision"),
                decisions.c.rule,
                decisions.c.evidence,
                decisions.c.decided_at,
            )
            .select_from(decisions)
            .join(results, results.c.id == decisions.c.result_id)
            .join(companies, companies.c.id == results.c.company_id)
            .where(_is(key))
            .order_by(decisions.c.result_id, decisions.c.connector)
        )

    def pushed(self, key: str) -> list[Row]:
        """Where it went, or why it did not."""
        names = (
            "id",
            "connector",
            "state",
            "hold_reason",
            "reason",
            "approved_by",
            "record_id",
            "attempts",
            "created_at",
            "sent_at",
            "ended_at",
            "reconciled_at",
        )
        return self._rows(
            select(*(pushes.c[name] for name in names))
            .join(companies, companies.c.id == pushes.c.company_id)
            .where(_is(key))
            .order_by(pushes.c.connector)
        )

    def held(self, key: str, made: Sequence[tuple[str, str]]) -> list[Row]:
        """Records of the CRMs, live or gone, at its domain, and ``made``: connectors and ids."""
        at_domain = select(crm_domains.c.connector, crm_domains.c.record_id).where(
            crm_domains.c.domain == key
        )
        known = tuple_(crm_records.c.connector, crm_records.c.record_id)
        return self._rows(
            select(
                crm_records.c.connector,
                crm_records.c.record_id,
                crm_records.c.name,
                crm_records.c.domains,
                crm_records.c.key,
                crm_records.c.push_id.label("push"),
                crm_records.c.first_seen_at,
                crm_records.c.deleted_at,
                crm_records.c.merged_into,
            )
            .where(or_(known.in_(at_domain), known.in_(made)))
            .order_by(crm_records.c.connector, crm_records.c.id)
        )

    def pairs(self, key: str) -> list[Row]:
        """Second records that appeared for it, and what became of them."""
        names = ("id", "connector", "record_id", "other_id", "survivor_id", "state", "rule")
        return self._rows(
            select(*(duplicates.c[name] for name in names), duplicates.c.found_at)
            .where(duplicates.c.domain == key)
            .order_by(duplicates.c.id)
        )

    def history(self, key: str) -> list[Row]:
        """Every audit event of it, with the requests that it took."""
        events = fetch_events(self._connection, subject=key, limit=None)
        return [event.as_dict() for event in events]

    def _rows(self, query: Select[Any]) -> list[Row]:
        return [
            {str(name): value for name, value in row._mapping.items()}  # noqa: SLF001 - the row's public mapping
            for row in self._connection.execute(query)
        ]


def _is(key: str) -> ColumnElement[bool]:
    return or_(companies.c.key == key, companies.c.domain == key)
