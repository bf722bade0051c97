"""What the exclusion planner chooses from: earlier results, and what the CRMs hold."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, select

from daemon.db.crm_tables import crm_domains, crm_records
from daemon.db.tables import companies, results, tasks
from daemon.domain.exclusions import Candidate
from daemon.domain.hostnames import normalise_exclusion
from daemon.domain.searches import SearchDefinition


class PlanningRows:
    """Candidates for exclusion, each with what is known of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def candidates(
        self,
        *,
        search_id: int,
        definition: SearchDefinition,
        connectors: Sequence[str],
        limit: int,
    ) -> Iterator[Candidate]:
        """Domains in no order; one may come several times, for several reasons."""
        for text in definition.exclude_domains:
            domain = normalise_exclusion(text)
            if domain is not None:
                yield Candidate(domain=domain, own_list=True)
        yield from self._returned(search_id)
        yield from self._recent(connectors, limit)

    def _returned(self, search_id: int) -> Iterator[Candidate]:
        rows = self._connection.execute(
            select(
                companies.c.domain,
                func.count().label("times"),
                func.max(results.c.changed_at).label("at"),
            )
            .join(results, results.c.company_id == companies.c.id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .where(tasks.c.search_id == search_id, companies.c.domain.is_not(None))
            .group_by(companies.c.domain)
        )
        for row in rows:
            yield Candidate(domain=row.domain, returned_by_search=row.times, returned_at=row.at)

    def _recent(self, connectors: Sequence[str], limit: int) -> Iterator[Candidate]:
        rows = self._connection.execute(
            select(crm_domains.c.domain, crm_records.c.changed_at)
            .join(
                crm_records,
                (crm_records.c.connector == crm_domains.c.connector)
                & (crm_records.c.record_id == crm_domains.c.record_id),
            )
            .where(crm_domains.c.connector.in_(connectors))
            .order_by(crm_records.c.changed_at.desc(), crm_records.c.id.desc())
            .limit(2 * limit)
        )
        for row in rows:
            yield Candidate(domain=row.domain, seen_at=row.changed_at)
