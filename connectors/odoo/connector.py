"""The connector to contacts in Odoo."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.odoo.changes import ChangeCursor, next_watermark
from connectors.odoo.contacts import Contacts
from connectors.odoo.options import OdooOptions
from connectors.odoo.probing import Prober, Rights, merge_contacts
from connectors.odoo.pushing import BATCH, Pusher
from connectors.odoo.reading import COMPANIES, changed_since, record_ids
from connectors.odoo.rpc import OdooServer
from connectors.sdk.capabilities import Capabilities, Guarantee, Incremental, Uniqueness
from connectors.sdk.faults import Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.protocol import ConnectorContext, Finding
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.websites import has_website_at

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.OWN_KEY,
    create_only=True,
    batch_size=BATCH,
    batch_atomic=True,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=False,
    sees_merges=False,
    settling=timedelta(minutes=10),
    strong_lookup=True,
    can_merge=True,
)
GUARANTEE = Guarantee(
    key="an external id of our own (module __prospectd__), unique in Odoo's database, written in "
    "the same transaction as the contact; it holds a hash of the domain",
    killed_mid_write="no second record: contact and external id are committed together or not at "
    "all, and after a restart the external id is read back",
    replicas_race="no second record: the database lets one transaction win; the others are told "
    '"could not serialize access", look again and find it',
    person_races="not prevented: Odoo does not keep people (or other programs) from adding a "
    "contact with the same website in the same seconds",
    repaired="a second record for a domain is found when the creation is checked again after the "
    "settling time and by every sweep, and is put up for review with a proposed merge; deletions "
    "and merges by people are seen by the sweep only",
)


class OdooConnector:
    """One Odoo database, as the daemon sees it."""

    def __init__(self, options: OdooOptions, context: ConnectorContext) -> None:
        self._options = options
        self._clock = context.clock
        self._server = OdooServer(options, context)
        self._contacts = Contacts(self._server, options)
        mapping = options.field_mapping()
        rights = Rights(self._server)
        self._prober = Prober(self._server, self._contacts, mapping, rights)
        self._pusher = Pusher(
            self._server,
            self._contacts,
            mapping,
            overridden=frozenset(options.mapping),
            context=context,
            may_create=rights.may_create_contacts,
        )

    @property
    def capabilities(self) -> Capabilities:
        """Odoo's; merging only where ``probe`` did not find that the user may not."""
        return replace(
            CAPABILITIES,
            settling=self._options.longest_transaction,
            can_merge=self._prober.may_merge,
        )

    def probe(self) -> Sequence[Finding]:
        """Address, database, login, rights and fields; changes nothing."""
        return self._prober.probe()

    def ensure_schema(self) -> Sequence[Finding]:
        """Add our fields to contacts where they are missing and the user may."""
        return self._prober.ensure_schema()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """All companies by id, archived ones too: a company in the archive is held all the same."""
        last_id = int(cursor) if cursor else 0
        for rows, more in self._contacts.list_by_id(COMPANIES, last_id):
            records = tuple(self._contacts.record_of(row) for row in rows)
            yield ScanPage(records=records, cursor=records[-1].record_id if more else None)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for what was committed after ``moment``, whatever our clock's error."""
        return ChangeCursor(since=moment - self._options.longest_transaction).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Companies written since; deleted and merged ones leave no trace and need a sweep."""
        state = self._begun(ChangeCursor.load(cursor))
        domain = changed_since(state.since, self._options.longest_transaction)
        for rows, more in self._contacts.list_by_id(domain, state.last_id):
            upserts = tuple(self._contacts.record_of(row) for row in rows)
            if more:
                state = replace(state, last_id=int(upserts[-1].record_id))
            else:
                state = ChangeCursor(since=state.then or state.since)
            yield ChangePage(upserts=upserts, cursor=state.dump(), more=more)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """By our external id, also where it points to a merge's survivor, and by domain."""
        by_key = self._contacts.find_by_key(companies)
        rows = self._contacts.find_by_domain(companies)
        return [self._matches(company, by_key, rows) for company in companies]

    def read(self, record_ids_: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The contacts with these ids; ids that are gone are left out."""
        rows = self._contacts.read(record_ids(record_ids_))
        return {str(row_id): self._contacts.record_of(row) for row_id, row in rows.items()}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies; see :mod:`connectors.odoo.pushing`."""
        return self._pusher.push(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Read back by external id.

        A load that is still running is not seen yet; to push again is safe even then, since the two
        meet in the unique external id.
        """
        held = self._contacts.find_by_key([item.company for item in items])
        return [
            Resolution.found(str(held[item.company.key]["id"]))
            if item.company.key in held
            else Resolution.absent()
            for item in items
        ]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge by Odoo's own wizard; external ids of the lost contact go to the survivor."""
        survivor, lost = (record_ids([each]) for each in (survivor_id, lost_id))
        held = self._contacts.read([*survivor, *lost])
        if not survivor or survivor[0] not in held:
            raise Permanent("not_found", f"Odoo has no contact {survivor_id} to merge into")
        if lost and lost[0] in held and lost != survivor:
            merge_contacts(self._server, survivor_id=survivor[0], lost_id=lost[0])

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._server.close()

    def _begun(self, state: ChangeCursor) -> ChangeCursor:
        """The cursor of a reading that is under way: where the next one begins is fixed now."""
        if state.then is not None:
            return state
        then = next_watermark(
            latest=self._contacts.latest_stamp(),
            now=self._clock.now(),
            longest_transaction=self._options.longest_transaction,
        )
        return replace(state, then=then)

    def _matches(
        self,
        company: CompanyRef,
        by_key: Mapping[str, Mapping[str, object]],
        rows: Sequence[Mapping[str, object]],
    ) -> list[CrmRecord]:
        ours = by_key.get(company.key)
        found = [] if ours is None else [self._contacts.record_of(ours, key=company.key)]
        seen = {record.record_id for record in found}
        others = (self._contacts.record_of(row) for row in rows)
        return found + [
            record
            for record in others
            if record.record_id not in seen and has_website_at(record, company.domain)
        ]
