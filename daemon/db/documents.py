"""Rows of what is indexed of known companies: their texts and the keys of their doubles."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from daemon.db.crm_tables import crm_records
from daemon.db.inserts import execute_page, insert_or_replace, insert_or_skip
from daemon.db.likeness import LikenessIndex, likeness_index
from daemon.db.planning_tables import document_keys, documents, watermarks
from daemon.db.rows import HeldRecord
from daemon.db.tables import companies, results
from daemon.domain.documents import Document

_COLUMNS = ("id", "fingerprint", "bare", "country", "text", "blocking_keys")
_CHUNK = 5_000
_BEGINNING = 400
"""So much of a text is read where thousands are: names and the first sentences come first."""
_HELD = tuple(crm_records.c[name] for name in HeldRecord.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far something has been read; ``caught_up_at`` is when nothing was left, None: never."""

    moment: datetime | None = None
    row_id: int = 0
    caught_up_at: datetime | None = None


class DocumentRows:
    """What is indexed of the CRMs' records and of found companies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def likeness(self) -> LikenessIndex:
        """The full-text index over the texts."""
        return likeness_index(self._connection)

    def watermark(self, name: str) -> Watermark:
        """How far the reading of this name is."""
        row = self._connection.execute(
            select(watermarks.c.moment, watermarks.c.row_id, watermarks.c.caught_up_at).where(
                watermarks.c.name == name
            )
        ).first()
        return Watermark() if row is None else Watermark(**row._mapping)  # noqa: SLF001 - the row's public mapping

    def set_watermark(self, name: str, mark: Watermark) -> None:
        """Keep how far the reading of this name is."""
        columns = ("moment", "row_id", "caught_up_at")
        self._connection.execute(
            insert_or_replace(self._connection, watermarks, by=("name",), columns=columns),
            {"name": name, **{column: getattr(mark, column) for column in columns}},
        )

    def has_watermarks(self, beginning: str, *, besides: Sequence[str]) -> bool:
        """Whether anything was read under a name with this beginning, other than these."""
        rows = select(watermarks.c.name).where(*_named(beginning, besides)).limit(1)
        return self._connection.execute(rows).first() is not None

    def forget_watermarks(self, beginning: str, *, besides: Sequence[str]) -> None:
        """Forget how far the reading is under names with this beginning, other than these."""
        self._connection.execute(delete(watermarks).where(*_named(beginning, besides)))

    def records_to_index(self, *, since: Watermark, rules: str, limit: int) -> list[Any]:
        """Records changed from this moment on that are not indexed as they are, oldest first.

        ``rules`` is the version with which the fingerprint of an indexed record has to begin.
        """
        fingerprint = literal(rules, String) + crm_records.c.fingerprint
        where = [or_(documents.c.id.is_(None), documents.c.fingerprint != fingerprint)]
        if since.moment is not None:
            later = tuple_(crm_records.c.changed_at, crm_records.c.id) > tuple_(
                since.moment, since.row_id
            )
            where.append(and_(crm_records.c.changed_at >= since.moment, later))
        return list(
            self._connection.execute(
                select(
                    crm_records.c.id,
                    crm_records.c.name,
                    crm_records.c.domains,
                    crm_records.c.country,
                    crm_records.c.city,
                    crm_records.c.industry,
                    crm_records.c.description,
                    crm_records.c.fingerprint,
                    crm_records.c.changed_at,
                )
                .outerjoin(documents, documents.c.id == crm_records.c.id)
                .where(*where)
                .order_by(crm_records.c.changed_at, crm_records.c.id)
                .limit(limit)
            )
        )

    def companies_to_index(self, *, after: int, limit: int) -> list[Any]:
        """Found companies from this id on, each with the text of its latest result."""
        each = results.alias("each")
        latest = (
            select(func.max(each.c.id)).where(each.c.company_id == companies.c.id).scalar_subquery()
        )
        return list(
            self._connection.execute(
                select(
                    companies.c.id,
                    companies.c.key,
                    companies.c.name,
                    companies.c.country,
                    companies.c.city,
                    companies.c.profile_id,
                    results.c.raw,
                    documents.c.fingerprint,
                )
                .select_from(companies)
                .outerjoin(results, results.c.id == latest)
                .outerjoin(documents, documents.c.id == -companies.c.id)
                .where(companies.c.id > after)
                .order_by(companies.c.id)
                .limit(limit)
            )
        )

    def save(self, page: Sequence[Document]) -> None:
        """Index documents; one that is indexed already is replaced."""
        new = {document.id: document for document in page}
        old = list(
            self._connection.execute(
                select(documents.c.id, documents.c.text, documents.c.blocking_keys).where(
                    documents.c.id.in_(list(new))
                )
            )
        )
        rows = [tuple(getattr(one, column) for column in _COLUMNS) for one in new.values()]
        statement = insert_or_replace(self._connection, documents, by=("id",), columns=_COLUMNS[1:])
        if rows:
            execute_page(self._connection, "documents", statement, _COLUMNS, rows)
        self._replace_keys(
            [
                (key, row.id)
                for row in old
                for key in row.blocking_keys
                if key not in new[row.id].blocking_keys
            ],
            [(key, one.id) for one in new.values() for key in one.blocking_keys],
        )
        texts = {row.id: row.text for row in old}
        changed = {one.id: one.text for one in new.values() if texts.get(one.id) != one.text}
        self.likeness.replace({id_: texts[id_] for id_ in changed if id_ in texts}, changed)

    def records_with(
        self, connectors: Sequence[str], keys: Iterable[str]
    ) -> Iterator[tuple[str, HeldRecord]]:
        """CRM records, live or gone, that have one of these keys, each with the key."""
        rows = self._connection.execute(
            select(document_keys.c.key.label("blocking_key"), *_HELD)
            .join(crm_records, crm_records.c.id == document_keys.c.document_id)
            .where(document_keys.c.key.in_(list(keys)), crm_records.c.connector.in_(connectors))
            .order_by(crm_records.c.id)
        )
        for row in rows:
            values = {name: getattr(row, name) for name in HeldRecord.__slots__}
            yield row.blocking_key, HeldRecord(**{**values, "domains": tuple(values["domains"])})

    def companies_with(self, keys: Iterable[str]) -> list[tuple[str, Any]]:
        """Found companies that have one of these keys, each with the key."""
        rows = self._connection.execute(
            select(
                document_keys.c.key.label("blocking_key"),
                companies.c.id,
                companies.c.key,
                companies.c.name,
                companies.c.country,
                companies.c.city,
                companies.c.profile_id,
            )
            .join(companies, companies.c.id == -document_keys.c.document_id)
            .where(document_keys.c.key.in_(list(keys)), document_keys.c.document_id < 0)
            .order_by(companies.c.id)
        )
        return [(row.blocking_key, row) for row in rows]

    def fingerprints(self, document_ids: Sequence[int]) -> dict[int, str]:
        """The fingerprints of the documents that there are."""
        rows = self._connection.execute(
            select(documents.c.id, documents.c.fingerprint).where(documents.c.id.in_(document_ids))
        )
        return {row.id: row.fingerprint for row in rows}

    def texts(self, document_ids: Sequence[int]) -> dict[int, str]:
        """The beginnings of the texts of the documents that there are."""
        found: dict[int, str] = {}
        for start in range(0, len(document_ids), _CHUNK):
            part = document_ids[start : start + _CHUNK]
            rows = self._connection.execute(
                select(documents.c.id, func.substr(documents.c.text, 1, _BEGINNING)).where(
                    documents.c.id.in_(part)
                )
            )
            found.update((row[0], row[1]) for row in rows.all())
        return found

    def in_countries(self, document_ids: Sequence[int], within: Collection[str]) -> list[int]:
        """Those of the documents that are in one of these countries, or nobody knows where."""
        found: list[int] = []
        for start in range(0, len(document_ids), _CHUNK):
            part = document_ids[start : start + _CHUNK]
            rows = self._connection.execute(
                select(documents.c.id).where(
                    documents.c.id.in_(part), documents.c.country.in_(["", *within])
                )
            )
            found.extend(rows.scalars())
        return found

    def count_by_country(self) -> dict[str, int]:
        """How many records there are of each country, roughly; "" for those that tell none."""
        rows = self._connection.execute(
            select(documents.c.country, func.count())
            .where(documents.c.id > 0)  # found companies are no CRM's
            .group_by(documents.c.country)
        )
        return {row[0]: row[1] for row in rows}

    def any_texts(self, *, number: int) -> list[str]:
        """The beginnings of the texts of so many records, evenly from all that there are."""
        highest = self._connection.execute(select(func.max(documents.c.id))).scalar() or 0
        step = max(1, highest // number)
        return list(self.texts(range(1, highest + 1, step)).values())

    def count(self) -> int:
        """How many documents there are, roughly: none is ever deleted, so the ids tell."""
        ends = (select(end(documents.c.id)) for end in (func.max, func.min))  # each from its index
        highest, lowest = (self._connection.execute(end).scalar() or 0 for end in ends)
        return max(highest, 0) + max(-lowest, 0)

    def _replace_keys(
        self, dropped: Sequence[tuple[str, int]], added: Sequence[tuple[str, int]]
    ) -> None:
        if dropped:
            where = tuple_(document_keys.c.key, document_keys.c.document_id)
            self._connection.execute(delete(document_keys).where(where.in_(dropped)))
        if added:
            statement = insert_or_skip(self._connection, document_keys)
            columns = ("key", "document_id")
            execute_page(self._connection, "document_keys", statement, columns, added)


def _named(beginning: str, besides: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    name = watermarks.c.name
    return (name.startswith(beginning, autoescape=True), name.not_in(besides))
