"""The connector to Salesforce accounts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from connectors.salesforce.accounts import (
    Json,
    folded,
    is_company,
    parse_account,
    parse_moment,
    stored_key,
)
from connectors.salesforce.api import PAGE, SalesforceApi
from connectors.salesforce.changes import ChangeReader, start_at
from connectors.salesforce.drafts import Draft, draft
from connectors.salesforce.fields import AccountFields
from connectors.salesforce.options import SalesforceOptions
from connectors.salesforce.promises import CAPABILITIES
from connectors.salesforce.pushing import Pusher
from connectors.salesforce.schema import SchemaKeeper
from connectors.salesforce.sharing import check_rights, check_sharing
from connectors.salesforce.soql import at_domain, one_of, text_literal
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.faults import BadCredentials, NeedsPerson, Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.websites import spellings

_SCHEMA_LASTS = timedelta(hours=1).total_seconds()
_CLOCKS_DIFFER = timedelta(minutes=10)
_RECORD_ID = re.compile(r"[A-Za-z0-9]{18}")


class SalesforceConnector:
    """One Salesforce organisation, as the daemon sees it."""

    def __init__(self, options: SalesforceOptions, context: ConnectorContext) -> None:
        self._options = options
        self._context = context
        self._key_field = options.key_field
        self._mapping = options.field_mapping()
        self._api = SalesforceApi(options, context)
        self._known: AccountFields | None = None
        self._known_at = 0.0
        self._keeper = SchemaKeeper(
            api=self._api,
            key_field=options.key_field,
            mapped=tuple(self._mapping.templates),
            describe=self._describe,
        )
        self._pusher = Pusher(
            api=self._api,
            clock=context.clock,
            draft=self._draft,
            held=self._held,
            at_domain=lambda company: self.lookup([company])[0],
            key_field=options.key_field,
            recreate=options.recreate_deleted,
        )
        self._capabilities = replace(CAPABILITIES, settling=options.longest_transaction)

    @property
    def capabilities(self) -> Capabilities:
        """Salesforce's, with the time that the operator allows other programs' transactions."""
        return self._capabilities

    def probe(self) -> Sequence[Finding]:
        """Address, token, rights, the fields that we write, and the day's allowance."""
        try:
            known = self._describe()
            self._api.query(f"{known.select(self._key_field)} LIMIT 1")
        except BadCredentials as fault:
            remedy = (
                "check base_url, client_id and client_secret, the app's client credentials flow, "
                "and that its Run As user may use the API and read accounts"
            )
            return [Finding(level=Level.PROBLEM, text=fault.message, remedy=remedy)]
        except NeedsPerson as fault:
            remedy = "give the app's Run As user what is missing"
            return [Finding(level=Level.PROBLEM, text=fault.message, remedy=remedy)]
        accepted = Finding(level=Level.OK, text="Salesforce accepts the app")
        rights = [*check_rights(known), *check_sharing(self._api)]
        return [accepted, *rights, *self._account(), *self._keeper.check(known)]

    def ensure_schema(self) -> Sequence[Finding]:
        """Create our fields and a permission set that grants them, where they are missing."""
        return self._keeper.ensure()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """All live accounts by id, two thousand at a time; ids do not move while one pages."""
        for page in follow(self._scan_page, cursor, identify=_record_id):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for what happened after ``moment``, overlapping by the settling time."""
        return start_at(moment, self._options.longest_transaction).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Modified, deleted, restored and merged accounts; see `connectors.salesforce.changes`."""
        reader = ChangeReader(
            api=self._api,
            select=self._select(),
            key_field=self._key_field,
            overlap=self._options.longest_transaction,
        )
        yield from reader.read(cursor)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """By key and by website, in whatever spelling; queries see every earlier write."""
        if not companies:
            return []
        rows = self._rows_by_key([stored_key(each.key) for each in companies])
        domains = dict.fromkeys(one for each in companies for one in spellings(each.domain))
        rows += self._api.query_each(
            self._select(), domains, lambda group: " OR ".join(at_domain(each) for each in group)
        )
        with self._api.understanding():
            records = {row["Id"]: parse_account(row, self._key_field) for row in rows}
        return [
            [record for record in records.values() if is_company(record, company)]
            for company in companies
        ]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live accounts with these ids."""
        wanted = [each for each in dict.fromkeys(record_ids) if _RECORD_ID.fullmatch(each)]
        if not wanted:
            return {}
        rows = self._api.query_each(self._select(), wanted, lambda group: one_of("Id", group))
        with self._api.understanding():
            found = [parse_account(row, self._key_field) for row in rows]
        return {record.record_id: record for record in found}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies; see :mod:`connectors.salesforce.pushing`."""
        if not items:
            return []
        self._fields().require_key(self._key_field)
        return self._pusher.push(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Read back by key, in the recycle bin too: a person may have deleted it since."""
        if not items:
            return []
        self._fields().require_key(self._key_field)
        held = self._held([stored_key(item.company.key) for item in items])
        with self._api.understanding():
            return [_resolution(item, held.get(folded(item.company.key), ())) for item in items]

    def merge(self, *, survivor_id: str, lost_id: str) -> NoReturn:
        """Salesforce merges through its pages, SOAP and Apex, but not through REST.

        Raises:
            Permanent: always.
        """
        text = (
            f"{self._context.name}: Salesforce's REST API cannot merge {lost_id} into "
            f"{survivor_id}; merge them in Salesforce (View Duplicates on the account)"
        )
        raise Permanent("cannot_merge", text)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    # Within.

    def _describe(self) -> AccountFields:
        raw = self._api.describe()
        with self._api.understanding():
            self._known = AccountFields.parse(raw, name=self._context.name)
        self._known_at = self._context.clock.monotonic()
        self._api.fields_changed = False
        return self._known

    def _fields(self) -> AccountFields:
        """Account's fields, read again now and then: administrators change them."""
        age = self._context.clock.monotonic() - self._known_at
        if self._known is None or age > _SCHEMA_LASTS or self._api.fields_changed:
            return self._describe()
        return self._known

    def _select(self) -> str:
        return self._fields().select(self._key_field)

    def _draft(self, item: PushItem) -> Draft:
        return draft(item, mapping=self._mapping, known=self._fields(), key_field=self._key_field)

    def _scan_page(self, above: str | None) -> Page[CrmRecord, str]:
        where = "" if above is None else f" WHERE Id > {text_literal(above)}"
        soql = f"{self._select()}{where} ORDER BY Id LIMIT {PAGE}"
        rows = self._api.query(soql)
        with self._api.understanding():
            items = tuple([parse_account(each, self._key_field) for each in rows.records])
        # Salesforce cuts a page of large rows short, and says so by `done`; the last id goes on.
        more = not rows.done or len(items) >= PAGE
        if more and not items:
            raise Permanent("scan_stuck", "Salesforce cut a page of accounts that holds nothing")
        return Page(items=items, next_cursor=items[-1].record_id if more else None)

    def _rows_by_key(self, keys: Sequence[str], *, with_deleted: bool = False) -> list[Json]:
        fields = self._fields()
        if self._key_field not in fields.fields:
            return []
        return self._api.query_each(
            fields.select(self._key_field),
            dict.fromkeys(keys),
            lambda group: one_of(self._key_field, group),
            with_deleted=with_deleted,
        )

    def _held(self, keys: Sequence[str]) -> Mapping[str, Sequence[Json]]:
        """The accounts that have these keys, deleted ones too, by folded key."""
        held: dict[str, list[Json]] = {}
        with self._api.understanding():
            for row in self._rows_by_key(keys, with_deleted=True):
                held.setdefault(row[self._key_field].casefold(), []).append(row)
        return held

    def _account(self) -> list[Finding]:
        """What the last reply told of the organisation as a whole."""
        findings = []
        if self._api.usage is not None:
            used, allowed = self._api.usage
            text = f"{used} of {allowed} requests of the last 24 hours are used"
            findings.append(Finding(level=Level.OK, text=text))
        own, host = self._api.tokens.instance_host, urlsplit(self._options.base_url).hostname
        if own and own != host:
            text = f"the organisation's own address is https://{own}, base_url names another"
            remedy = f'set base_url = "https://{own}"'
            findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
        return findings


def _resolution(item: PushItem, rows: Sequence[Json]) -> Resolution:
    """Live, or merged or deleted since we sent it; what was deleted before is not ours."""
    for row in rows:
        if not row["IsDeleted"]:
            return Resolution.found(row["Id"])
    earliest = None if item.sent_at is None else item.sent_at - _CLOCKS_DIFFER
    for row in rows:
        if earliest is None or parse_moment(row["CreatedDate"]) >= earliest:
            return Resolution.found(row["MasterRecordId"] or row["Id"])
    return Resolution.absent()


def _record_id(record: CrmRecord) -> str:
    return record.record_id
