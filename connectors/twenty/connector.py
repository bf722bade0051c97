"""Twenty as a connector: companies, keyed by an id of our own making."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.sdk.capabilities import Capabilities, Uniqueness
from connectors.sdk.faults import Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.twenty.api import TwentyApi
from connectors.twenty.cursors import OVERLAP, ChangeCursor
from connectors.twenty.finding import Finder
from connectors.twenty.identity import record_id_of
from connectors.twenty.options import TwentyOptions
from connectors.twenty.payloads import KEY_FIELD, draft
from connectors.twenty.promises import CAPABILITIES
from connectors.twenty.pushing import Push
from connectors.twenty.queries import stamp
from connectors.twenty.reading import as_record
from connectors.twenty.schema import (
    CompanySchema,
    check_schema,
    create_missing,
    fetch_schema,
    wanted_columns,
)

_SCHEMA_SECONDS = 3_600.0
"""People add and remove fields: what they are is believed for so long."""


class TwentyConnector:
    """One API key of one workspace."""

    def __init__(self, options: TwentyOptions, context: ConnectorContext) -> None:
        self._api = TwentyApi(options, context)
        self._clock = context.clock
        self._mapping = options.field_mapping()
        self._recreate = options.recreate_deleted
        self._known_schema: CompanySchema | None = None
        self._schema_read_at = 0.0
        self._capabilities = CAPABILITIES

    @property
    def capabilities(self) -> Capabilities:
        """The facts of this CRM, with what ``probe`` learned of this workspace."""
        return self._capabilities

    def probe(self) -> Sequence[Finding]:
        """Is the token good, over both interfaces, and are the fields there; changes nothing."""
        total = self._api.fetch_page(limit=1).total
        workspace = self._api.fetch_workspace()
        schema = self._schema(anew=True)
        text = f'the token opens the workspace "{workspace}" with {total} companies'
        return [Finding(level=Level.OK, text=text), *check_schema(schema, self._wanted())]

    def ensure_schema(self) -> Sequence[Finding]:
        """Make our own fields that are missing, as far as the token may."""
        made = create_missing(self._api, self._schema(anew=True), self._wanted())
        return [*made, *check_schema(self._schema(anew=bool(made)), self._wanted())]

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every live company in the order of ids."""
        for page in self._pages(None, cursor):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for everything that changed at ``moment`` or later."""
        return ChangeCursor(since=moment - OVERLAP).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Companies that were created, changed, restored or deleted; not what was destroyed."""
        at = ChangeCursor.load(cursor)
        if at.began is None:
            at = at.started(self._clock.now(), self._newest())
        if not at.in_bin:
            where = f'updatedAt[gte]:"{stamp(at.since)}"'
            for page in self._pages(where, at.after):
                at = at.moved(page.next_cursor)
                yield ChangePage(upserts=page.items, cursor=at.dump(), more=True)
        for found in self._finder().read_bin(at.since, at.after):
            more = found.next_cursor is not None
            at = at.moved(found.next_cursor) if more else at.finished()
            gone = tuple(one.record.record_id for one in found.items)
            yield ChangePage(deleted_ids=gone, cursor=at.dump(), more=more)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live companies with our id for it, or its domain in any spelling."""
        found = self._finder().find_companies(companies, with_bin=False)
        return [[one.record for one in records] for records in found]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live companies with these ids."""
        found = self._finder().find_ids(record_ids, with_bin=False)
        return {record_id: one.record for record_id, one in found.items()}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create what is not there, in one batch where nothing is refused."""
        if not items:
            return []
        columns = self._schema().columns
        push = Push(
            api=self._api,
            finder=self._finder(),
            draft=lambda item: draft(item, self._mapping, columns),
            forget_schema=self._forget_schema,
            recreate=self._recreate,
        )
        return push.run(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look for our id, in the bin too: what a person deleted since then did arrive."""
        ids = [record_id_of(item.company.key) for item in items]
        found = self._finder().find_ids(ids, with_bin=True)
        return [
            Resolution.found(record_id) if record_id in found else Resolution.absent()
            for record_id in ids
        ]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Not in Twenty's API.

        Raises:
            Permanent: always.
        """
        message = f"Twenty's API cannot merge: a person has to merge {lost_id} into {survivor_id}"
        raise Permanent("cannot_merge", message)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    def _pages(self, where: str | None, start: str | None) -> Iterator[Page[CrmRecord, str]]:
        """Pages in the order of ids: ordered by ``updatedAt``, Twenty's paging never ends."""

        def fetch_page(after: str | None) -> Page[CrmRecord, str]:
            listed = self._api.fetch_page(after=after, where=where)
            records = tuple(as_record(node) for node in listed.companies)
            return Page(items=records, next_cursor=listed.next_cursor)

        return follow(fetch_page, start, identify=lambda record: record.record_id)

    def _newest(self) -> datetime | None:
        """The latest change of any live company, by the server's clock."""
        listed = self._api.fetch_page(limit=1, order="updatedAt[DescNullsLast]")
        return as_record(listed.companies[0]).modified_at if listed.companies else None

    def _finder(self) -> Finder:
        return Finder(
            api=self._api,
            shows_key=self._schema().shows(KEY_FIELD),
            forget_schema=self._forget_schema,
        )

    def _schema(self, *, anew: bool = False) -> CompanySchema:
        now = self._clock.monotonic()
        if self._known_schema is None or anew or now - self._schema_read_at > _SCHEMA_SECONDS:
            self._known_schema = fetch_schema(self._api)
            self._schema_read_at = now
            unique = self._known_schema.domain_is_unique
            kind = Uniqueness.ALL_WRITERS if unique else Uniqueness.OWN_KEY
            self._capabilities = replace(CAPABILITIES, uniqueness=kind)
        return self._known_schema

    def _forget_schema(self) -> None:
        self._known_schema = None

    def _wanted(self) -> list[str]:
        return wanted_columns(self._mapping)
