"""What the exclusion planner chooses from: earlier results, and what the CRMs hold."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    null,
    or_,
    select,
    text,
)

from daemon.db.crm_tables import crm_domains, crm_records, mirrors
from daemon.db.planning_tables import documents
from daemon.db.tables import companies, pushes, results, searches, tasks

_CHUNK = 2_000


class Held(NamedTuple):
    """A domain that a CRM holds, or that is on its way there; ``document`` is its document's id."""

    document: int
    domain: str
    country: str | None
    size: str | None
    bare: bool
    seen_at: datetime | None


class PlanningRows:
    """Domains that may be excluded, and what speaks for each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def returned(self, search_id: int, segment: str) -> list[Any]:
        """Domains that tasks of this search returned, in whatever version: how often, when last.

        ``in_segment`` says whether a task for this segment was among them.
        """
        return list(
            self._connection.execute(
                select(
                    companies.c.domain,
                    func.max(companies.c.country).label("country"),
                    func.max(case((tasks.c.segment == segment, 1), else_=0)).label("in_segment"),
                    func.count().label("times"),
                    func.max(results.c.changed_at).label("at"),
                    func.max(results.c.relevance).label("relevance"),
                )
                .select_from(tasks)
                .join(results, results.c.task_id == tasks.c.id)
                .join(companies, results.c.company_id == companies.c.id)
                .where(tasks.c.search_id == search_id, companies.c.domain.is_not(None))
                .group_by(companies.c.domain)
            )
        )

    def returned_by(self, search_ids: Collection[int], connectors: Sequence[str]) -> list[Any]:
        """What tasks of other searches returned and the CRMs have, or are about to: by search."""
        if not search_ids:
            return []
        held = (
            select(crm_domains.c.domain)
            .where(
                crm_domains.c.domain == companies.c.domain, crm_domains.c.connector.in_(connectors)
            )
            .exists()
        )
        return list(
            self._connection.execute(
                select(
                    companies.c.domain,
                    tasks.c.search_id,
                    func.count().label("times"),
                    func.max(results.c.changed_at).label("at"),
                )
                .select_from(tasks)
                .join(results, results.c.task_id == tasks.c.id)
                .join(companies, results.c.company_id == companies.c.id)
                .where(
                    tasks.c.search_id.in_(search_ids),
                    companies.c.domain.is_not(None),
                    or_(held, _is_pushed(connectors)),
                )
                .group_by(companies.c.domain, tasks.c.search_id)
            )
        )

    def learned(self, search_id: int) -> int:
        """Whether this search, in whatever version, has returned anything: 0 or more."""
        found = (
            select(results.c.id)
            .join(tasks, tasks.c.id == results.c.task_id)
            .where(tasks.c.search_id == search_id)
            .limit(1)
        )
        return len(self._connection.execute(found).all())

    def texts_of_returned(self, search_id: int, *, limit: int) -> list[str]:
        """What is known of the companies that this search returned last."""
        return list(
            self._connection.execute(
                select(documents.c.text)
                .select_from(tasks)
                .join(results, results.c.task_id == tasks.c.id)
                .join(documents, documents.c.id == -results.c.company_id)
                .where(tasks.c.search_id == search_id)
                .order_by(results.c.id.desc())
                .limit(limit)
            ).scalars()
        )

    def other_searches(self, search_id: int) -> list[tuple[int, Mapping[str, Any]]]:
        """Every other search that has had a task, with its definition in force."""
        rows = self._connection.execute(
            select(searches.c.id, searches.c.definition)
            .where(
                searches.c.id != search_id,
                select(tasks.c.id).where(tasks.c.search_id == searches.c.id).exists(),
            )
            .order_by(searches.c.id)
        )
        return [(row.id, row.definition) for row in rows]

    def shared_results(self, search_id: int) -> dict[int, int]:
        """How many companies this search and each other one have both returned."""
        ours, theirs = tasks.alias("ours"), tasks.alias("theirs")
        found, also = results.alias("found"), results.alias("also")
        rows = self._connection.execute(
            select(theirs.c.search_id, func.count(func.distinct(found.c.company_id)))
            .select_from(ours)
            .join(found, found.c.task_id == ours.c.id)
            .join(also, also.c.company_id == found.c.company_id)
            .join(theirs, theirs.c.id == also.c.task_id)
            .where(ours.c.search_id == search_id, theirs.c.search_id != search_id)
            .group_by(theirs.c.search_id)
        )
        return {row[0]: row[1] for row in rows}

    def count_returned(self, search_ids: Collection[int]) -> dict[int, int]:
        """How many companies tasks of these searches returned, each once a search."""
        rows = self._connection.execute(
            select(tasks.c.search_id, func.count(func.distinct(results.c.company_id)))
            .join(results, results.c.task_id == tasks.c.id)
            .where(tasks.c.search_id.in_(search_ids))
            .group_by(tasks.c.search_id)
        )
        return {row[0]: row[1] for row in rows}

    def held(self, document_ids: Sequence[int], connectors: Sequence[str]) -> Iterator[Held]:
        """The domains of these documents, as far as these CRMs hold them or soon will."""
        for start in range(0, len(document_ids), _CHUNK):
            part = document_ids[start : start + _CHUNK]
            records = [document for document in part if document > 0]
            found = [-document for document in part if document < 0]
            if records:
                query = self._query(connectors)
                yield from self._records(query.where(crm_records.c.id.in_(records)))
            if found:
                yield from self._pushed(connectors, companies.c.id.in_(found))

    def holding(self, domains: Sequence[str], connectors: Sequence[str]) -> Iterator[Held]:
        """What these CRMs have under these domains."""
        join = and_(
            crm_domains.c.connector == crm_records.c.connector,
            crm_domains.c.record_id == crm_records.c.record_id,
        )
        for start in range(0, len(domains), _CHUNK):
            part = domains[start : start + _CHUNK]
            query = self._query(connectors).join(crm_domains, join)
            yield from self._records(query.where(crm_domains.c.domain.in_(part)))

    def bare(
        self, connectors: Sequence[str], *, limit: int, within: Collection[str] | None = None
    ) -> Iterator[Held]:
        """The newest records that do not say what they do; ``within``: nor that they are abroad."""
        query = self._query(connectors).where(text("documents.bare"))
        if within is not None:
            query = query.where(documents.c.country.in_(["", *within]))
        return self._records(query.order_by(documents.c.id.desc()).limit(limit))

    def newest(self, connectors: Sequence[str], *, limit: int) -> Iterator[Held]:
        """The records that were changed last."""
        newest = (crm_records.c.changed_at.desc(), crm_records.c.id.desc())
        return self._records(self._query(connectors).order_by(*newest).limit(limit))

    def on_their_way(self, connectors: Sequence[str]) -> Iterator[Held]:
        """Companies that were decided to be pushed and that no mirror shows yet."""
        return self._pushed(connectors, pushes.c.ended_at.is_(None))

    def mirrored(self, connectors: Sequence[str]) -> int:
        """How many records these CRMs hold, as far as their mirrors know."""
        counted = select(func.coalesce(func.sum(mirrors.c.records), 0)).where(
            mirrors.c.connector.in_(connectors)
        )
        return int(self._connection.execute(counted).scalar_one())

    def _query(self, connectors: Sequence[str]) -> Select[Any]:
        # Rows are found by id, domain or age. SQLite would rather read all that an index over
        # connectors has: joined to nothing, the name uses none. PostgreSQL would take the join for
        # rare, and read everything to find what is rare.
        is_sqlite = self._connection.dialect.name == "sqlite"
        connector = crm_records.c.connector
        return (
            select(
                crm_records.c.id,
                crm_records.c.domains,
                crm_records.c.country,
                crm_records.c.size,
                func.coalesce(documents.c.bare, false()),
                crm_records.c.changed_at,
            )
            .select_from(crm_records)
            .outerjoin(documents, documents.c.id == crm_records.c.id)
            .where((connector + "" if is_sqlite else connector).in_(connectors))
        )

    def _records(self, query: Select[Any]) -> Iterator[Held]:
        for document, domains, *known in self._connection.execute(query):
            for domain in domains:
                if ":" not in domain:  # hosts and pages are never sent
                    yield Held(document, domain, *known)

    def _pushed(self, connectors: Sequence[str], where: ColumnElement[bool]) -> Iterator[Held]:
        query = (
            select(
                -companies.c.id,
                companies.c.domain,
                companies.c.country,
                null(),
                func.coalesce(documents.c.bare, false()),
                companies.c.first_seen_at,
            )
            .select_from(companies)
            .join(pushes, pushes.c.company_id == companies.c.id)
            .outerjoin(documents, documents.c.id == -companies.c.id)
            .where(where, companies.c.domain.is_not(None), pushes.c.connector.in_(connectors))
        )
        return (Held(*row) for row in self._connection.execute(query))


def _is_pushed(connectors: Sequence[str]) -> ColumnElement[bool]:
    return (
        select(pushes.c.id)
        .where(pushes.c.company_id == companies.c.id, pushes.c.connector.in_(connectors))
        .exists()
    )
