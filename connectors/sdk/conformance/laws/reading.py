"""Laws of listing, looking up and reading."""

from connectors.sdk.conformance.stage import Lab, Opened, Stage
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.records import ScanPage

_MOST_PAGES = 10_000
_FEWEST_PAGES = 3


def read_all(opened: Opened, cursor: str | None = None) -> list[ScanPage]:
    """The pages of a listing from the cursor to the end."""
    pages: list[ScanPage] = []
    for page in opened.connector.scan(cursor):
        pages.append(page)
        require(len(pages) < _MOST_PAGES, f"the listing did not end after {_MOST_PAGES} pages")
    return pages


def ids_of(pages: list[ScanPage]) -> set[str]:
    """The ids of all records on the pages."""
    return {record.record_id for page in pages for record in page.records}


def crowded(lab: Lab) -> tuple[Stage, Opened]:
    """A stage whose CRM is full enough for three pages, and a connector to it."""
    stage = lab.stage()
    opened = stage.ready()
    applies(opened.capabilities.mirrors, "this target cannot be read")
    stage.people_add(stage.harness.many)
    stage.settle(opened)
    return stage, opened


def scan_lists_every_live_record(lab: Lab) -> None:
    """A full listing has every live record and no other, on at least three pages here."""
    stage, opened = crowded(lab)
    pages = read_all(opened)
    seen, live = ids_of(pages), stage.live_ids()
    require(len(pages) >= _FEWEST_PAGES, f"{len(pages)} pages: the harness's `many` is too small")
    require(not live - seen, f"{len(live - seen)} of {len(live)} records were not listed")
    require(not seen - live, f"records were listed that nobody can see: {sorted(seen - live)[:3]}")


LAWS = (scan_lists_every_live_record,)
