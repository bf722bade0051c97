"""Keep the index of known companies up with the mirror: in batches, and off the mirror's path.

How far it is stands under names that carry the version of the rules which make the keys. After an
upgrade that changed the rules there is nothing under the new names, so that all is indexed anew,
and what asks :func:`is_indexed` waits, as it does at the very first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from daemon.db.documents import Watermark
from daemon.db.store import Transaction
from daemon.domain.documents import Document, Subject, document_of
from daemon.domain.identities import NO_WEBSITE_OF_ITS_OWN
from daemon.domain.rules_version import rules_version
from daemon.extruct.reading import parse_row
from daemon.services.context import ServiceContext

WATERMARKS = "documents:"
BATCH = 4_000
OVERLAP = timedelta(minutes=2)
"""A page of the mirror may be committed so long after the moment that its rows carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexResult:
    """How many records and found companies were indexed."""

    records: int = 0
    companies: int = 0


def records_mark() -> str:
    """The name under which it stands how far the CRMs' records are indexed by these rules."""
    return f"{WATERMARKS}crm:{rules_version()}"


def companies_mark() -> str:
    """The name under which it stands how far found companies are indexed by these rules."""
    return f"{WATERMARKS}companies:{rules_version()}"


def index_mirror(context: ServiceContext, *, batch: int = BATCH) -> IndexResult:
    """Index everything that changed since the last run; a run that is cut short loses nothing."""
    _distrust_other_rules(context)
    return IndexResult(
        records=_index_records(context, batch), companies=_index_companies(context, batch)
    )


def is_indexed(unit: Transaction) -> bool:
    """Whether everything that is known was indexed once, by the rules that hold now."""
    return all(
        unit.documents.watermark(name).caught_up_at is not None
        for name in (records_mark(), companies_mark())
    )


def _distrust_other_rules(context: ServiceContext) -> None:
    """Before the first key of these rules is written, no other program may trust all keys.

    Going back to the older program is a change of the rules too.
    """
    keep = (records_mark(), companies_mark())
    with context.store.reading(now=context.now()) as unit:
        stale = unit.documents.has_watermarks(WATERMARKS, besides=keep)
    if stale:
        with context.store.transaction("documents.rules", now=context.now()) as unit:
            unit.documents.forget_watermarks(WATERMARKS, besides=keep)


def _index_records(context: ServiceContext, batch: int) -> int:
    indexed = 0
    with context.store.reading(now=context.now()) as unit:
        kept = unit.documents.watermark(records_mark())
    since = Watermark(moment=kept.moment - OVERLAP) if kept.moment else Watermark()
    while not context.stopping():
        with context.store.reading(now=context.now()) as unit:
            rows = unit.documents.records_to_index(since=since, rules=rules_version(), limit=batch)
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
    unit.documents.set_watermark(records_mark(), mark)
    return mark


def _index_companies(context: ServiceContext, batch: int) -> int:
    """Found companies are indexed as they are matched; this is for those of an older program."""
    indexed = 0
    while not context.stopping():
        with context.store.reading(now=context.now()) as unit:
            kept = unit.documents.watermark(companies_mark())
            rows = unit.documents.companies_to_index(after=kept.row_id, limit=batch)
        if not rows and kept.caught_up_at is not None:
            break
        page = [_document_of_company(row) for row in rows if not _is_current(row.fingerprint)]
        with context.store.transaction("documents.companies", now=context.now()) as unit:
            unit.documents.save(page)
            mark = Watermark(
                row_id=rows[-1].id if rows else kept.row_id,
                caught_up_at=unit.now if len(rows) < batch else kept.caught_up_at,
            )
            unit.documents.set_watermark(companies_mark(), mark)
        indexed += len(page)
        if len(rows) < batch:
            break
    return indexed


def _is_current(fingerprint: str | None) -> bool:
    return fingerprint is not None and fingerprint.startswith(rules_version())


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
