"""Keep the index of known companies up with the mirror: in batches, and off the mirror's path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from daemon.db.documents import Watermark
from daemon.db.store import Transaction
from daemon.domain.documents import Document, Subject, document_of
from daemon.domain.identities import NO_WEBSITE_OF_ITS_OWN
from daemon.extruct.reading import parse_row
from daemon.services.context import ServiceContext

RECORDS = "documents:crm"
COMPANIES = "documents:companies"
BATCH = 4_000
OVERLAP = timedelta(minutes=2)
"""A page of the mirror may be committed so long after the moment that its rows carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexResult:
    """How many records and found companies were indexed."""

    records: int = 0
    companies: int = 0


def index_mirror(context: ServiceContext, *, batch: int = BATCH) -> IndexResult:
    """Index everything that changed since the last run; a run that is cut short loses nothing."""
    return IndexResult(
        records=_index_records(context, batch), companies=_index_companies(context, batch)
    )


def is_indexed(unit: Transaction) -> bool:
    """Whether everything that the mirrors held was indexed once."""
    return unit.documents.watermark(RECORDS).caught_up_at is not None


def _index_records(context: ServiceContext, batch: int) -> int:
    indexed = 0
    with context.store.reading(now=context.now()) as unit:
        kept = unit.documents.watermark(RECORDS)
    since = Watermark(moment=kept.moment - OVERLAP) if kept.moment else Watermark()
    while not context.stopping():
        with context.store.reading(now=context.now()) as unit:
            rows = unit.documents.records_to_index(since=since, limit=batch)
        if not rows and kept.caught_up_at is not None:
            break
        page = [_document_of_record(row) for row in rows]
        with context.store.transaction("documents.records", now=context.now()) as unit:
            unit.documents.save(page)
            kept = _moved_on(unit, kept, rows, all_read=len(rows) < batch)
        indexed += len(rows)
        if len(rows) < batch:
            break
        since = Watermark(moment=rows[-1].changed_at, row_id=rows[-1].id)
    return indexed


def _moved_on(
    unit: Transaction, kept: Watermark, rows: Sequence[Any], *, all_read: bool
) -> Watermark:
    last = max(
        [row.changed_at for row in rows] + ([kept.moment] if kept.moment else []), default=None
    )
    caught_up = unit.now if all_read else kept.caught_up_at
    mark = Watermark(moment=last, caught_up_at=caught_up)
    unit.documents.set_watermark(RECORDS, mark)
    return mark


def _index_companies(context: ServiceContext, batch: int) -> int:
    """Found companies are indexed as they are matched; this is for those of an older program."""
    indexed = 0
    while not context.stopping():
        with context.store.reading(now=context.now()) as unit:
            after = unit.documents.watermark(COMPANIES).row_id
            rows = unit.documents.companies_to_index(after=after, limit=batch)
        if not rows:
            break
        page = [_document_of_company(row) for row in rows if row.document_id is None]
        with context.store.transaction("documents.companies", now=context.now()) as unit:
            unit.documents.save(page)
            unit.documents.set_watermark(COMPANIES, Watermark(row_id=rows[-1].id))
        indexed += len(page)
    return indexed


def _document_of_record(row: Any) -> Document:
    subject = Subject(
        name=row.name,
        domains=tuple(row.domains),
        country=row.country,
        city=row.city,
        industry=row.industry,
        description=row.description,
    )
    return document_of(row.id, subject, row.fingerprint)


def _document_of_company(row: Any) -> Document:
    parsed = None if row.raw is None else parse_row(row.raw)
    description = "" if parsed is None or isinstance(parsed, str) else parsed.company.description
    has_site = not row.key.startswith(tuple(set(NO_WEBSITE_OF_ITS_OWN) - {"profile:"}))
    subject = Subject(
        name=row.name,
        domains=(row.key,) if has_site else (),
        country=row.country,
        city=row.city,
        description=description,
        profile_id=row.profile_id,
    )
    return document_of(-row.id, subject, "")
