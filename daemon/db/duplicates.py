"""Rows of pairs under review, and what the mirror shows to be there twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, update

from daemon.db.crm_tables import crm_domains, crm_records, duplicates
from daemon.db.inserts import insert_or_skip
from daemon.db.moves import move
from daemon.db.tables import companies, pushes
from daemon.domain.duplicate_states import DUPLICATES, DuplicateEvent, DuplicateState
from daemon.domain.duplicates import MergeRule
from daemon.domain.push_states import PushState


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRow:
    """Two records that seem to be one company; ``record_id`` is the one that our push made."""

    id: int
    connector: str
    domain: str
    push_id: int
    record_id: str
    other_id: str
    survivor_id: str
    state: DuplicateState
    rule: str
    reason: str
    attempts: int
    lease_owner: str | None
    lease_until: datetime | None
    found_at: datetime
    ended_at: datetime | None

    @property
    def lost_id(self) -> str:
        """The record that would go into the survivor."""
        return self.other_id if self.survivor_id == self.record_id else self.record_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDomain:
    """One live record of those that share a domain key in one CRM."""

    connector: str
    domain: str
    record_id: str
    name: str
    created_at: datetime | None
    modified_at: datetime | None
    push_id: int | None


class DuplicateRows:
    """Pairs of records."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, **values: Any) -> int | None:
        """A new pair's id; None when it is known, whichever way round."""
        return self._connection.execute(
            insert_or_skip(self._connection, duplicates).values(**values).returning(duplicates.c.id)
        ).scalar()

    def get(self, duplicate_id: int) -> DuplicateRow | None:
        """The pair with this number."""
        found = self._many(select(duplicates).where(duplicates.c.id == duplicate_id))
        return found[0] if found else None

    def all(self, *, connector: str | None = None) -> list[DuplicateRow]:
        """Every pair there ever was, the oldest first."""
        query = select(duplicates).order_by(duplicates.c.id)
        return self._many(
            query if connector is None else query.where(duplicates.c.connector == connector)
        )

    def of_domain(self, domain: str) -> list[DuplicateRow]:
        """The pairs of one company."""
        return self._many(select(duplicates).where(duplicates.c.domain == domain))

    def open_pairs(self, connector: str, *, rule: MergeRule) -> list[DuplicateRow]:
        """Pairs of one CRM that wait, by the rule that put them there."""
        return self._many(
            select(duplicates)
            .where(
                duplicates.c.connector == connector,
                duplicates.c.state == DuplicateState.OPEN,
                duplicates.c.rule == rule.value,
            )
            .order_by(duplicates.c.id)
        )

    def expired(self, connector: str, *, now: datetime) -> list[DuplicateRow]:
        """Merges whose sender has not come back in time."""
        return self._many(
            select(duplicates)
            .where(
                duplicates.c.connector == connector,
                duplicates.c.state == DuplicateState.MERGING,
                duplicates.c.lease_until <= now,
            )
            .with_for_update(skip_locked=True)
        )

    def vanished(self, connector: str) -> list[DuplicateRow]:
        """Open pairs of which the mirror knows that one record is gone."""
        gone = (
            select(crm_records.c.id)
            .where(
                crm_records.c.connector == duplicates.c.connector,
                crm_records.c.record_id.in_((duplicates.c.record_id, duplicates.c.other_id)),
                crm_records.c.deleted_at.is_not(None),
            )
            .exists()
        )
        return self._many(
            select(duplicates)
            .where(
                duplicates.c.connector == connector,
                duplicates.c.state == DuplicateState.OPEN,
                gone,
            )
            .with_for_update(skip_locked=True, of=duplicates)
        )

    def suspects(self, connector: str, *, limit: int) -> list[int]:
        """Creations of ours whose company has another live record by now, not yet looked at."""
        pair = or_(
            and_(
                duplicates.c.record_id == pushes.c.record_id,
                duplicates.c.other_id == crm_records.c.record_id,
            ),
            and_(
                duplicates.c.other_id == pushes.c.record_id,
                duplicates.c.record_id == crm_records.c.record_id,
            ),
        )
        known = select(duplicates.c.id).where(duplicates.c.connector == connector, pair).exists()
        found = self._connection.execute(
            select(pushes.c.id)
            .join(companies, companies.c.id == pushes.c.company_id)
            .join(
                crm_domains,
                and_(
                    crm_domains.c.domain == companies.c.key,
                    crm_domains.c.connector == pushes.c.connector,
                    crm_domains.c.record_id != pushes.c.record_id,
                ),
            )
            .join(
                crm_records,
                and_(
                    crm_records.c.connector == crm_domains.c.connector,
                    crm_records.c.record_id == crm_domains.c.record_id,
                ),
            )
            .where(
                pushes.c.connector == connector,
                pushes.c.state == PushState.CREATED,
                pushes.c.reconciled_at.is_not(None),
                crm_records.c.deleted_at.is_(None),
                ~known,
            )
            .distinct()
            .order_by(pushes.c.id)
            .limit(limit)
        )
        return list(found.scalars())

    def shared_domains(self, *, connector: str | None = None) -> list[SharedDomain]:
        """Every live record whose domain key another live record of the same CRM has too."""
        live = and_(
            crm_records.c.connector == crm_domains.c.connector,
            crm_records.c.record_id == crm_domains.c.record_id,
            crm_records.c.deleted_at.is_(None),
        )
        shared = (
            select(crm_domains.c.connector, crm_domains.c.domain)
            .join(crm_records, live)
            .group_by(crm_domains.c.connector, crm_domains.c.domain)
            .having(func.count() > 1)
            .subquery()
        )
        query = (
            select(
                crm_domains.c.connector,
                crm_domains.c.domain,
                crm_records.c.record_id,
                crm_records.c.name,
                crm_records.c.crm_created_at.label("created_at"),
                crm_records.c.crm_modified_at.label("modified_at"),
                crm_records.c.push_id,
            )
            .join(
                shared,
                and_(
                    shared.c.connector == crm_domains.c.connector,
                    shared.c.domain == crm_domains.c.domain,
                ),
            )
            .join(crm_records, live)
            .order_by(crm_domains.c.connector, crm_domains.c.domain, crm_records.c.id)
        )
        if connector is not None:
            query = query.where(crm_domains.c.connector == connector)
        return [SharedDomain(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - the row's public mapping

    def move(self, row: DuplicateRow, event: DuplicateEvent, **values: Any) -> DuplicateState:
        """Move a pair on, as the one who holds it.

        Raises:
            StaleTransition: it is no longer as it was read.
        """
        return move(
            self._connection,
            duplicates,
            DUPLICATES,
            row_id=row.id,
            state=row.state,
            event=event,
            fence={"lease_owner": row.lease_owner, "attempts": row.attempts},
            **values,
        )

    def set_rule(self, ids: Sequence[int], rule: MergeRule, *, survivor_id: str) -> None:
        """Why these pairs wait, and which record is proposed to survive, as seen now."""
        self._connection.execute(
            update(duplicates)
            .where(duplicates.c.id.in_(ids), duplicates.c.state == DuplicateState.OPEN)
            .values(rule=rule.value, survivor_id=survivor_id)
        )

    def _many(self, query: Select[Any]) -> list[DuplicateRow]:
        return [DuplicateRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - same
