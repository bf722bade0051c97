"""Rows of saved searches. They are versioned and retired, never deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from daemon.db.rows import SearchRow
from daemon.db.tables import search_versions, searches


class SearchRows:
    """Saved searches and their versions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[SearchRow]:
        """Every search there ever was, by name."""
        return [
            SearchRow(**row._mapping)  # noqa: SLF001 - the row's public mapping
            for row in self._connection.execute(select(searches).order_by(searches.c.name))
        ]

    def get(self, name: str) -> SearchRow | None:
        """The search of this name, retired or not."""
        row = self._connection.execute(select(searches).where(searches.c.name == name)).first()
        return None if row is None else SearchRow(**row._mapping)  # noqa: SLF001 - same

    def by_id(self, search_id: int) -> SearchRow:
        """The search with this id, which exists."""
        row = self._connection.execute(select(searches).where(searches.c.id == search_id)).one()
        return SearchRow(**row._mapping)  # noqa: SLF001 - same

    def definition(self, search_id: int, version: int) -> Mapping[str, Any]:
        """What the search said in this version."""
        found: Mapping[str, Any] = self._connection.execute(
            select(search_versions.c.definition).where(
                search_versions.c.search_id == search_id, search_versions.c.version == version
            )
        ).scalar_one()
        return found

    def add(
        self, name: str, definition: Mapping[str, Any], fingerprint: str, *, now: datetime
    ) -> int:
        """Keep a new search as its version 1; gives its id."""
        made = self._connection.execute(
            insert(searches).values(
                name=name,
                version=1,
                definition=definition,
                fingerprint=fingerprint,
                created_at=now,
                changed_at=now,
            )
        )
        search_id = int(made.inserted_primary_key[0])  # type: ignore[index]
        self._keep_version(search_id, 1, definition, now)
        return search_id

    def change(
        self,
        row: SearchRow,
        definition: Mapping[str, Any],
        fingerprint: str,
        *,
        now: datetime,
    ) -> int:
        """Keep a new version of a search and make it the one in force; gives its number."""
        version = row.version + 1
        self._connection.execute(
            update(searches)
            .where(searches.c.id == row.id)
            .values(
                version=version,
                definition=definition,
                fingerprint=fingerprint,
                retired=False,
                changed_at=now,
            )
        )
        self._keep_version(row.id, version, definition, now)
        return version

    def set_flags(self, search_id: int, *, now: datetime, **flags: bool) -> None:
        """Set ``retired`` or ``paused``."""
        self._connection.execute(
            update(searches).where(searches.c.id == search_id).values(changed_at=now, **flags)
        )

    def _keep_version(
        self, search_id: int, version: int, definition: Mapping[str, Any], now: datetime
    ) -> None:
        self._connection.execute(
            insert(search_versions).values(
                search_id=search_id, version=version, definition=definition, created_at=now
            )
        )
