"""Pipedrive as a connector: organizations, keyed by a custom text field of our own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.pipedrive.api import PipedriveApi
from connectors.pipedrive.cursors import ChangeCursor, check_filter
from connectors.pipedrive.fields import (
    Fields,
    OwnField,
    field_findings,
    missing,
    missing_findings,
    parse_field,
    wanted_fields,
)
from connectors.pipedrive.finding import Finder
from connectors.pipedrive.options import PipedriveOptions
from connectors.pipedrive.organizations import Layout, as_record, is_ours, oldest_first, time_text
from connectors.pipedrive.promises import CAPABILITIES, MARGIN
from connectors.pipedrive.pushing import Pusher
from connectors.pipedrive.reading import Reader
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    NeedsPerson,
    Permanent,
)
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.singly import push_singly


class PipedriveConnector:
    """One API token of one Pipedrive account."""

    def __init__(self, options: PipedriveOptions, context: ConnectorContext) -> None:
        self._clock = context.clock
        self._options = options
        self._mapping = options.field_mapping()
        self._known_fields: Fields | None = None
        self._capabilities = replace(CAPABILITIES, settling=options.timeout + MARGIN)
        self._overlap = self._capabilities.settling + MARGIN
        self._api = PipedriveApi(options, context)
        self._reader = Reader(
            api=self._api, layout=self._layout, clock=context.clock, overlap=self._overlap
        )
        self._finder = Finder(api=self._api, reader=self._reader, clock=context.clock)

    @property
    def capabilities(self) -> Capabilities:
        """The facts of this CRM; the settling time follows the time-out."""
        return self._capabilities

    def probe(self) -> Sequence[Finding]:
        """Is the token good, are the fields there, does the filter work; changes nothing."""
        fields = self._fields(anew=True)
        options = self._options
        return [
            self._budget_finding(),
            *field_findings(options.key_field, options.website_field, fields),
            *missing_findings(self._wanted(), fields),
            *self._filter_findings(),
        ]

    def _budget_finding(self) -> Finding:
        text = f"Pipedrive accepts the token; the day's API tokens: {self._api.tokens}"
        return Finding(level=Level.OK, text=text)

    def _filter_findings(self) -> list[Finding]:
        """Ask for what changed after tomorrow: whatever comes shows that the filter is ignored."""
        tomorrow = self._clock.now() + timedelta(days=1)
        layout = self._layout()
        listed = self._api.fetch_page({"updated_since": time_text(tomorrow), **layout.params()})
        try:
            check_filter([as_record(row, layout) for row in listed.rows], tomorrow)
        except Permanent as fault:
            remedy = "look for a new version of prospectd; until then every reading is a full one"
            return [Finding(level=Level.WARNING, text=fault.message, remedy=remedy)]
        return []

    def ensure_schema(self) -> Sequence[Finding]:
        """Create the custom fields that are missing, as far as the token may."""
        fields = self._fields(anew=True)
        wanted = [one for one in missing(self._wanted(), fields) if one.can_be_made]
        made: list[Finding] = []
        for one in wanted:
            refused = self._create_field(one)
            if refused is not None:
                return [*made, *self._refused_findings(refused)]
            made.append(Finding(level=Level.OK, text=f'created the field "{one.name}"'))
        return [*made, *missing_findings(self._wanted(), self._fields(anew=bool(wanted)))]

    def _create_field(self, wanted: OwnField) -> Fault | None:
        """None when the field is there now; the fault where Pipedrive refuses to make it."""
        try:
            self._api.create_field(wanted.name, wanted.type)
        except Ambiguous:
            # It may have arrived; making it again would make two of one name.
            if not self._fields(anew=True).named(wanted.name):
                raise
        except (BadCredentials, Permanent) as fault:
            if fault.status == 401:  # noqa: PLR2004 - the token itself is refused
                raise
            return fault
        return None

    def _refused_findings(self, refused: Fault) -> list[Finding]:
        found = missing_findings(self._wanted(), self._fields(anew=True))
        return [replace(one, text=f"{one.text} ({refused.message})") for one in found]

    def _wanted(self) -> tuple[OwnField, ...]:
        options = self._options
        return wanted_fields(
            self._mapping,
            self._fields(),
            key_field=options.key_field,
            website_field=options.website_field,
        )

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every live organization in the order of ids."""
        with self._watching_fields():
            yield from self._reader.scan(cursor)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for everything that changed at ``moment`` or later."""
        return ChangeCursor(since=moment - self._overlap).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Organizations that were created or changed; deletions and merges never show.

        Raises:
            Permanent: not a cursor, or Pipedrive ignored the filter: list everything.
        """
        with self._watching_fields():
            for page, _ in self._reader.changes(ChangeCursor.load(cursor)):
                yield page

    @contextmanager
    def _watching_fields(self) -> Iterator[None]:
        """Ask for the fields anew after a refusal: one that was removed spoils every listing."""
        try:
            yield
        except (Permanent, NeedsPerson):
            self._known_fields = None
            raise

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live organizations with the company's key, or its domain in their website."""
        with self._watching_fields():
            return self._finder.find(companies)

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live organizations with these ids."""
        with self._watching_fields():
            return self._reader.read(record_ids)

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies one by one, each after a look-up."""
        return push_singly(items, self._push_one)

    def _push_one(self, item: PushItem) -> Outcome:
        with self._watching_fields():
            return self._pusher().push(item)

    def _pusher(self) -> Pusher:
        fields = self._fields()
        key = fields.first(self._options.key_field)
        if key is None:
            problem = missing_findings(self._wanted()[:1], fields)[0]
            raise NeedsPerson("no_key_field", f"{problem.text}; {problem.remedy}")
        return Pusher(
            api=self._api,
            finder=self._finder,
            mapping=self._mapping,
            fields=fields,
            key=key,
            website=fields.first(self._options.website_field),
        )

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look for our key among what was created since then, and by search."""
        sent = [item.sent_at for item in items if item.sent_at is not None]
        with self._watching_fields():
            recent = self._reader.created_since(min(sent)) if sent else []
            return [self._resolve(item, recent) for item in items]

    def _resolve(self, item: PushItem, recent: Sequence[CrmRecord]) -> Resolution:
        ours = oldest_first(one for one in recent if is_ours(one, item.company))
        # A person's record is not what we sent: pushing again finds it.
        found = ours or self._finder.find_by_key(item.company)
        if found:
            return Resolution.found(found[0].record_id)
        settled = item.sent_at and item.sent_at + self._capabilities.settling
        if settled is not None and self._clock.now() < settled:
            text = f"not there yet; it may still arrive until {settled:%H:%M:%S} UTC"
            return Resolution.undetermined(text)
        return Resolution.absent()

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Refuse: version 2 of the API cannot merge.

        Raises:
            Permanent: always.
        """
        message = (
            f"merge the organizations {survivor_id} and {lost_id} in Pipedrive itself "
            "(Contacts, Merge duplicates): version 2 of its API cannot"
        )
        raise Permanent("cannot_merge", message)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    def _layout(self) -> Layout:
        options = self._options
        return Layout.of(
            self._fields(), key_field=options.key_field, website_field=options.website_field
        )

    def _fields(self, *, anew: bool = False) -> Fields:
        if self._known_fields is None or anew:
            rows = self._api.fetch_fields()
            self._known_fields = Fields(known=tuple(parse_field(row) for row in rows))
        return self._known_fields
