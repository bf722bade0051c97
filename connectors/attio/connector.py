"""Attio as a connector: companies, unique by domain."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from connectors.attio.api import AttioApi
from connectors.attio.attributes import (
    Attributes,
    OwnAttribute,
    missing_findings,
    wanted_attributes,
)
from connectors.attio.checking import token_findings
from connectors.attio.companies import any_of, as_record, best, is_company
from connectors.attio.cursors import Cursor, from_moment
from connectors.attio.options import AttioOptions
from connectors.attio.promises import CAPABILITIES
from connectors.attio.pushing import Pusher
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.chunks import chunks
from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.singly import push_singly

_COMPANIES_PER_QUERY = 50
_IDS_PER_QUERY = 200
_OLDEST_FIRST = [{"attribute": "created_at", "direction": "asc"}]


class AttioConnector:
    """One workspace of Attio."""

    def __init__(self, options: AttioOptions, context: ConnectorContext) -> None:
        self._api = AttioApi(options, context)
        self._page_size = options.page_size
        self._key_attribute = options.key_attribute
        self._mapping = options.field_mapping()
        self._known_attributes: Attributes | None = None

    @property
    def capabilities(self) -> Capabilities:
        """The facts of Attio."""
        return CAPABILITIES

    def probe(self) -> Sequence[Finding]:
        """Is the token good, has it the scopes, are the attributes there; changes nothing."""
        token = self._api.fetch_self()
        findings = token_findings(token)
        if token.get("active") is not True:
            return findings
        return [*findings, *missing_findings(self._wanted(), self._attributes(anew=True))]

    def ensure_schema(self) -> Sequence[Finding]:
        """Create the attributes that are missing, as far as the token may."""
        attributes = self._attributes(anew=True)
        missing = [one for one in self._wanted() if one.slug not in attributes]
        try:
            made = [self._create_attribute(one) for one in missing]
        except BadCredentials as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return missing_findings(self._wanted(), attributes)
        if not made:
            return []
        return [*made, *missing_findings(self._wanted(), self._attributes(anew=True))]

    def _create_attribute(self, wanted: OwnAttribute) -> Finding:
        made = self._api.create_attribute(wanted)
        text = f"created the attribute {wanted.slug}" if made else f"{wanted.slug} was just made"
        return Finding(level=Level.OK, text=text)

    def _wanted(self) -> tuple[OwnAttribute, ...]:
        return wanted_attributes(self._mapping, self._key_attribute)

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every company, oldest first; pages overlap."""
        start = Cursor() if cursor is None else Cursor.load(cursor)
        for page in self._pages(start):
            following = None if page.next_cursor is None else page.next_cursor.dump()
            yield ScanPage(records=page.items, cursor=following)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for every company created after ``moment``."""
        return from_moment(moment).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Companies that were created; edits, deletions and merges need a full listing."""
        at = Cursor.load(cursor)
        for page in self._pages(at):
            newest = max((one.created_at for one in page.items if one.created_at), default=None)
            more = page.next_cursor is not None
            if page.next_cursor is not None:
                at = page.next_cursor
            elif newest is not None:
                at = max(at, from_moment(newest), key=lambda one: one.since or "")
            yield ChangePage(upserts=page.items, cursor=at.dump(), more=more)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live companies with the key, or with the domain or a subdomain of it."""
        found: list[Sequence[CrmRecord]] = []
        for chunk in chunks(companies, _COMPANIES_PER_QUERY):
            wanted = any_of(chunk, self._key_attribute_if_there())
            records = [] if wanted is None else self._all(wanted)
            found += [tuple(one for one in records if is_company(one, ref)) for ref in chunk]
        return found

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live companies with these ids."""
        found: dict[str, CrmRecord] = {}
        for chunk in chunks(record_ids, _IDS_PER_QUERY):
            rows = self._all({"record_id": {"$in": list(chunk)}})
            found |= {one.record_id: one for one in rows if one.record_id in chunk}
        return found

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies one by one, each after a look-up."""
        return push_singly(items, lambda item: self._pusher().push(item))

    def _pusher(self) -> Pusher:
        return Pusher(
            api=self._api,
            mapping=self._mapping,
            key_attribute=self._key_attribute,
            attributes=self._attributes(),
            find=lambda company: self.lookup([company])[0],
        )

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look for domain and key; what is absent may be pushed again under the constraint."""
        found = self.lookup([item.company for item in items])
        answers = []
        for item, records in zip(items, found, strict=True):
            chosen = best(records, item.company)
            answers.append(
                Resolution.absent() if chosen is None else Resolution.found(chosen.record_id)
            )
        return answers

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Attio's API cannot merge.

        Raises:
            Permanent: always.
        """
        message = f"Attio cannot merge {lost_id} into {survivor_id} by API: merge them by hand"
        raise Permanent("cannot_merge", message)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    def _pages(
        self, start: Cursor, wanted: Mapping[str, Any] | None = None
    ) -> Iterator[Page[CrmRecord, Cursor]]:
        def fetch(at: Cursor | None) -> Page[CrmRecord, Cursor]:
            cursor = at or start
            rows = self._query(cursor, wanted)
            stamps = [str(row["created_at"]) for row in rows]
            items = tuple(as_record(row, self._key_attribute) for row in rows)
            last = len(rows) < self._page_size
            return Page(items=items, next_cursor=None if last else cursor.behind(stamps))

        return follow(fetch, start, identify=lambda record: record.record_id)

    def _query(self, cursor: Cursor, wanted: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
        parts = [] if cursor.since is None else [{"created_at": {"$gte": cursor.since}}]
        parts += [] if wanted is None else [dict(wanted)]
        body: dict[str, Any] = {
            "sorts": _OLDEST_FIRST,
            "limit": self._page_size,
            "offset": cursor.skip,
        }
        if parts:
            body["filter"] = parts[0] if len(parts) == 1 else {"$and": parts}
        rows = self._api.query(body)
        try:
            for row in rows:
                as_record(row, self._key_attribute)
        except (KeyError, TypeError, ValueError) as error:
            message = "Attio sent a record that cannot be read: is this Attio's API?"
            raise Permanent("not_a_record", message) from error
        return rows

    def _all(self, wanted: Mapping[str, Any]) -> list[CrmRecord]:
        pages = self._pages(Cursor(), wanted)
        found = {record.record_id: record for page in pages for record in page.items}
        return list(found.values())

    def _attributes(self, *, anew: bool = False) -> Attributes:
        if self._known_attributes is None or anew:
            self._known_attributes = self._api.fetch_attributes()
        return self._known_attributes

    def _key_attribute_if_there(self) -> str | None:
        return self._key_attribute if self._key_attribute in self._attributes() else None
