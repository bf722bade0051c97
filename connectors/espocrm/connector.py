"""EspoCRM as a connector: Accounts, keyed by a custom text field of our own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from connectors.espocrm.accounts import as_record, columns, is_ours, oldest, sort_out
from connectors.espocrm.api import EspoApi, Listed
from connectors.espocrm.checking import (
    Rights,
    duplicate_check_findings,
    key_findings,
    rights_findings,
    rights_of,
)
from connectors.espocrm.cursors import OVERLAP, ChangeCursor
from connectors.espocrm.fields import OTHER_FIELDS, CustomField, missing_findings, wanted_fields
from connectors.espocrm.filters import (
    Filter,
    after_id,
    any_of_companies,
    equals,
    one_of,
    since,
)
from connectors.espocrm.merging import TAKEN_OVER, merged_attributes
from connectors.espocrm.options import EspoCrmOptions
from connectors.espocrm.promises import CAPABILITIES, MARGIN
from connectors.espocrm.pushing import Pusher
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.chunks import chunks
from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.singly import push_singly

_COMPANIES_PER_SEARCH = 20
"""So that the address of the request stays below 8 KiB, where web servers refuse it."""
_IDS_PER_SEARCH = 50


class EspoCrmConnector:
    """One login to one EspoCRM."""

    def __init__(self, options: EspoCrmOptions, context: ConnectorContext) -> None:
        self._api = EspoApi(options, context)
        self._clock = context.clock
        self._key_field = options.key_field
        self._mapping = options.field_mapping()
        self._known_fields: Mapping[str, Any] | None = None
        self._capabilities = replace(CAPABILITIES, settling=options.timeout + MARGIN)

    @property
    def capabilities(self) -> Capabilities:
        """The facts of this CRM, with what ``probe`` learned of this user."""
        return self._capabilities

    def probe(self) -> Sequence[Finding]:
        """Is the login good, has it the rights, are the fields there; changes nothing."""
        rights = rights_of(self._api.fetch_user())
        self._learn(rights)
        fields = self._fields(anew=True)
        checked = self._api.fetch_metadata("scopes.Account.duplicateCheckFieldList")
        return [
            *rights_findings(rights, self._api.fetch_version()),
            *key_findings(self._key_field, fields),
            *missing_findings(self._wanted(), fields),
            *duplicate_check_findings(checked),
        ]

    def _learn(self, rights: Rights) -> None:
        self._capabilities = replace(self._capabilities, can_merge=rights.can_merge)

    def ensure_schema(self) -> Sequence[Finding]:
        """Create the custom fields that are missing, as far as the user is an administrator."""
        fields = self._fields(anew=True)
        missing = [one for one in self._wanted() if one.name not in fields]
        if not missing:
            return []
        try:
            made = [self._create_field(one) for one in missing]
        except BadCredentials as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return missing_findings(self._wanted(), fields)
        return [*made, *missing_findings(self._wanted(), self._fields(anew=True))]

    def _create_field(self, wanted: CustomField) -> Finding:
        made = self._api.create_field(wanted.definition())
        text = f"created the field {wanted.name}" if made else f"{wanted.name} was just made"
        return Finding(level=Level.OK, text=text)

    def _wanted(self) -> tuple[CustomField, ...]:
        return wanted_fields(self._mapping, self._key_field)

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every live Account in the order of ids; a cursor is the last id that was seen."""
        for page in self._pages((), cursor):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for everything that changed at ``moment`` or later."""
        return ChangeCursor(since=moment - OVERLAP).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Accounts that were created or changed; what was deleted or merged away never shows."""
        at = ChangeCursor.load(cursor).started(self._clock.now())
        for page in self._pages((since("modifiedAt", at.since),), at.after):
            times = [one.modified_at for one in page.items if one.modified_at is not None]
            if page.items:
                at = at.moved(page.items[-1].record_id, max(times, default=None))
            more = page.next_cursor is not None
            following = at if more else at.finished()
            yield ChangePage(upserts=page.items, cursor=following.dump(), more=more)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live Accounts with the company's key, or its domain in their website."""
        found: list[Sequence[CrmRecord]] = []
        for chunk in chunks(companies, _COMPANIES_PER_SEARCH):
            where = any_of_companies(chunk, self._key_field_if_there())
            found += sort_out(chunk, self._all(where) if where else [])
        return found

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live Accounts with these ids."""
        found: dict[str, CrmRecord] = {}
        for chunk in chunks(record_ids, _IDS_PER_SEARCH):
            rows = self._all((one_of("id", chunk),))
            found |= {one.record_id: one for one in rows if one.record_id in chunk}
        return found

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies one by one, each after a look-up."""
        return push_singly(items, lambda item: self._pusher().push(item))

    def _pusher(self) -> Pusher:
        return Pusher(
            api=self._api,
            mapping=self._mapping,
            key_field=self._key_field,
            fields=self._fields(),
            find=lambda company: self.lookup([company])[0],
        )

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look for our key; where the CRM has no field for it, for what was made since then."""
        return [self._resolve(item) for item in items]

    def _resolve(self, item: PushItem) -> Resolution:
        found = oldest(self._arrived(item))
        if found is not None:
            return Resolution.found(found.record_id)
        settled = item.sent_at and item.sent_at + self._capabilities.settling
        if settled is not None and self._clock.now() < settled:
            text = f"not there yet; it may still arrive until {settled:%H:%M:%S} UTC"
            return Resolution.undetermined(text)
        return Resolution.absent()

    def _arrived(self, item: PushItem) -> list[CrmRecord]:
        found = list(self.lookup([item.company])[0])
        if self._key_field_if_there() is not None:
            # A person's record is not what we sent: pushing again finds it.
            return [one for one in found if is_ours(one, item.company)]
        if found or item.sent_at is None:
            return found
        name = item.company.name
        where = (equals("name", name), since("createdAt", item.sent_at - timedelta(minutes=2)))
        return [one for one in self._all(where) if one.name.casefold() == name.casefold()]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge one Account into another, which takes over what it has empty."""
        own = tuple(one.name for one in (*self._wanted(), *OTHER_FIELDS))
        wanted = [name for name in dict.fromkeys((*TAKEN_OVER, *own)) if name in self._fields()]
        listed = self._api.list((one_of("id", [survivor_id, lost_id]),), select=("id", *wanted))
        rows = {str(row["id"]): row for row in listed.rows}
        if lost_id not in rows or survivor_id not in rows:
            gone = lost_id if survivor_id in rows else survivor_id
            raise Permanent("not_found", f"EspoCRM has no live Account {gone} to merge")
        attributes = merged_attributes(rows[survivor_id], rows[lost_id], own_fields=tuple(wanted))
        self._api.merge(survivor_id, lost_id, attributes)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    def _pages(
        self, where: tuple[Filter, ...], start: str | None
    ) -> Iterator[Page[CrmRecord, str]]:
        """The records behind ``start``: by id, since offsets drift when records come and go."""

        def fetch(after: str | None) -> Page[CrmRecord, str]:
            listed = self._list((*where, *after_id(after)))
            items = tuple(as_record(row, self._key_field) for row in listed.rows)
            last = None if listed.is_last or not items else items[-1].record_id
            return Page(items=items, next_cursor=last)

        return follow(fetch, start, identify=lambda record: record.record_id)

    def _list(self, where: tuple[Filter, ...]) -> Listed:
        try:
            return self._api.list(where, select=columns(self._fields(), self._key_field))
        except Permanent:
            self._known_fields = None  # a field that was removed makes every search wrong
            raise

    def _all(self, where: tuple[Filter, ...]) -> list[CrmRecord]:
        return [record for page in self._pages(where, None) for record in page.items]

    def _fields(self, *, anew: bool = False) -> Mapping[str, Any]:
        if self._known_fields is None or anew:
            self._known_fields = self._api.fetch_fields()
        return self._known_fields

    def _key_field_if_there(self) -> str | None:
        return self._key_field if self._key_field in self._fields() else None
