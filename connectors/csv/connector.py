"""Companies in CSV files: one that we add to, one that a CRM exported, or both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import NoReturn

import orjson

from connectors.csv.export import Export
from connectors.csv.files import locked
from connectors.csv.options import CsvOptions
from connectors.csv.sources import ExportSource, ImportSource, Source
from connectors.sdk.capabilities import Capabilities, Uniqueness
from connectors.sdk.faults import Ambiguous, Permanent
from connectors.sdk.inprocess import Line, undisturbed
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.protocol import ConnectorContext, Finding
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.websites import host_of, hosts_above

PAGE = 500
CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.OWN_KEY,
    batch_size=500,
    batch_atomic=True,
    strong_lookup=True,
    several_domains=True,
)


class CsvConnector:
    """The files of one ``[connectors.NAME]``.

    ``line`` goes around each addition to the file; ``page_rows`` is how long a page is.
    """

    def __init__(self, options: CsvOptions, context: ConnectorContext) -> None:
        self.line: Line = undisturbed
        self.page_rows = PAGE
        self._clock = context.clock
        self._export: Export | None = None
        self._sources: list[Source] = []
        if options.import_path is not None:
            self._sources.append(ImportSource(path=options.import_path, options=options))
        if options.path is not None:
            # A link stays a link: what it leads to is replaced.
            self._export = Export(
                path=options.path.resolve(),
                key_column=options.key_column,
                mapping=options.field_mapping(),
            )
            self._sources.append(ExportSource(export=self._export, others=tuple(self._sources)))

    @property
    def capabilities(self) -> Capabilities:
        """Pushing only where there is a file to add to."""
        return replace(CAPABILITIES, pushes=self._export is not None)

    def probe(self) -> Sequence[Finding]:
        """How the files are understood; each is read once."""
        return [finding for source in self._sources for finding in source.findings()]

    def ensure_schema(self) -> Sequence[Finding]:
        """Nothing to create: a new file begins with its header."""
        return ()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List the rows of both files; a file that was replaced since the cursor is begun anew."""
        held: ScanPage | None = None
        for page in self._pages(cursor):
            if held is not None:
                yield held
            held = page
        yield ScanPage(records=() if held is None else held.records, cursor=None)

    def changes_from(self, moment: datetime) -> str:
        """The moment; nobody can do anything with it, since a file tells no changes."""
        return moment.isoformat()

    def changes(self, cursor: str) -> NoReturn:
        """A file tells no changes.

        Raises:
            Permanent: always.
        """
        message = f"a file tells no changes (since {cursor}); list everything instead"
        raise Permanent("no_changes", message)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """Read the files once for all companies."""
        places: dict[str, list[int]] = {}
        for place, company in enumerate(companies):
            for word in {company.key, company.domain} - {None}:
                places.setdefault(str(word), []).append(place)
        found: list[dict[str, CrmRecord]] = [{} for _ in companies]
        for record in self._records() if places else ():
            for word in _words(record) & places.keys():
                for place in places[word]:
                    found[place][record.record_id] = record
        return [list(records.values()) for records in found]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Read the files once for all ids."""
        wanted = set(record_ids)
        records = self._records() if wanted else ()
        return {each.record_id: each for each in records if each.record_id in wanted}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Add the companies in one replacement of the file, alone by its lock."""
        if not items:
            return []
        export = self._writable()
        try:
            return self.line("append", items, lambda: self._append(export, items))
        except Ambiguous as doubt:
            return [Outcome.unknown(doubt.message)] * len(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look for the keys in the file."""
        keys = self._writable().keys() if items else set()
        return [
            Resolution.found(item.company.key) if item.company.key in keys else Resolution.absent()
            for item in items
        ]

    def merge(self, *, survivor_id: str, lost_id: str) -> NoReturn:
        """Files are not merged.

        Raises:
            Permanent: always; ``capabilities.can_merge`` says so.
        """
        message = f"rows of a file cannot be merged ({lost_id} into {survivor_id})"
        raise Permanent("cannot_merge", message)

    def close(self) -> None:
        """Nothing is kept open."""

    def _append(self, export: Export, items: Sequence[PushItem]) -> list[Outcome]:
        with locked(export.path, self._clock):
            return export.append(items)

    def _writable(self) -> Export:
        if self._export is None:
            raise Permanent("no_path", "this connector only reads: path is not set")
        return self._export

    def _records(self) -> Iterator[CrmRecord]:
        for source in self._sources:
            for _, record in source.records():
                yield record

    def _pages(self, cursor: str | None) -> Iterator[ScanPage]:
        first, skip, fingerprint = _parse(cursor)
        for place, source in enumerate(self._sources[first:], start=first):
            state = source.fingerprint()
            resumed = skip if place == first and state == fingerprint else 0
            rows = source.records(skip=resumed)
            while page := list(islice(rows, self.page_rows)):
                after = orjson.dumps([place, page[-1][0], state]).decode()
                yield ScanPage(records=tuple(record for _, record in page), cursor=after)


def _parse(cursor: str | None) -> tuple[int, int, str]:
    """Which file, how many rows of it were read, and in which state it was.

    Raises:
        Permanent: the cursor was not written by this connector.
    """
    if cursor is None:
        return 0, 0, ""
    try:
        place, rows, state = orjson.loads(cursor)
        return int(place), int(rows), str(state)
    except (ValueError, TypeError) as error:
        message = "the cursor is not one of this connector; list everything anew"
        raise Permanent("bad_cursor", message) from error


def _words(record: CrmRecord) -> set[str]:
    """Every key and domain by which the record may be looked for."""
    hosts = (host for site in record.websites for host in hosts_above(host_of(site)))
    return {*hosts, *filter(None, [record.key])}
