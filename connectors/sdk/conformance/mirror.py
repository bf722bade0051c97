"""What the daemon's mirror would hold after reading what a connector tells."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.sdk.conformance.stage import Opened
from connectors.sdk.conformance.verdict import require
from connectors.sdk.records import ChangePage, CrmRecord, ScanPage

_MOST_PAGES = 10_000


@dataclass(slots=True)
class Mirror:
    """Records by id, as a listing and the changes after it left them."""

    records: dict[str, CrmRecord] = field(default_factory=dict)

    def sweep(self, pages: Iterable[ScanPage]) -> None:
        """Hold what a full listing has, and nothing else."""
        self.records = {record.record_id: record for page in pages for record in page.records}

    def apply(self, page: ChangePage) -> None:
        """Take over one page of changes."""
        for record in page.upserts:
            self.records[record.record_id] = record
            for merged in record.merged_ids:
                self.records.pop(merged, None)
        for lost in (*page.deleted_ids, *(merge.lost_id for merge in page.merges)):
            self.records.pop(lost, None)

    @property
    def ids(self) -> set[str]:
        """The ids of everything that it holds."""
        return set(self.records)


def read_scan(opened: Opened, cursor: str | None = None) -> list[ScanPage]:
    """The pages of a listing from the cursor to the end.

    Raises:
        LawBroken: it has no end.
    """
    pages: list[ScanPage] = []
    for page in opened.connector.scan(cursor):
        pages.append(page)
        require(len(pages) < _MOST_PAGES, f"the listing did not end after {_MOST_PAGES} pages")
    return pages


def read_changes(opened: Opened, cursor: str) -> list[ChangePage]:
    """The pages of changes from the cursor until the connector says that it caught up.

    Raises:
        LawBroken: it never does, or goes on after it did.
    """
    pages: list[ChangePage] = []
    for page in opened.connector.changes(cursor):
        require(not pages or pages[-1].more, "pages of changes came after the one without more")
        pages.append(page)
        require(len(pages) < _MOST_PAGES, f"the changes did not end after {_MOST_PAGES} pages")
    require(pages, "no page of changes came, so there is no cursor for the next time")
    require(not pages[-1].more, "the changes ended on a page that promises more")
    return pages


def ids_of(pages: Iterable[ScanPage]) -> set[str]:
    """The ids of all records on the pages."""
    return {record.record_id for page in pages for record in page.records}


def upserted(pages: Iterable[ChangePage]) -> dict[str, CrmRecord]:
    """Every record that the pages tell, as told last."""
    return {record.record_id: record for page in pages for record in page.upserts}
