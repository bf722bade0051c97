"""Zoho CRM as a connector: accounts, with a unique field for our key."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from connectors.sdk.capabilities import Capabilities
from connectors.sdk.chunks import chunks
from connectors.sdk.faults import BadCredentials, NeedsPerson, Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.zoho.accounts import (
    KEYS_PER_QUERY,
    READ_FIELDS,
    as_record,
    company_queries,
    is_company,
    key_condition,
    parse_moment,
    stored_key,
)
from connectors.zoho.api import ZohoApi
from connectors.zoho.changes import fetch_changes, start_at
from connectors.zoho.fields import Fields
from connectors.zoho.options import ZohoOptions
from connectors.zoho.promises import CAPABILITIES
from connectors.zoho.pushing import Pusher
from connectors.zoho.reading import read_rows
from connectors.zoho.schema import (
    OwnField,
    creation_trouble,
    field_findings,
    key_problem,
    wanted_fields,
)
from connectors.zoho.scopes import refused_finding, scope_findings

_FIELDS_LAST = timedelta(minutes=10)
"""So long the definitions of fields are trusted: without the key's field nothing may be sent."""


class ZohoConnector:
    """One organisation of Zoho CRM."""

    def __init__(self, options: ZohoOptions, context: ConnectorContext) -> None:
        self._name = context.name
        self._clock = context.clock
        self._key_field = options.key_field
        self._mapping = options.field_mapping()
        self._wanted = wanted_fields(self._mapping, options.key_field)
        self._api = ZohoApi(options, context)
        self._known_fields: Fields = {}
        self._known_until: datetime | None = None

    @property
    def capabilities(self) -> Capabilities:
        """The facts of Zoho CRM."""
        return CAPABILITIES

    def probe(self) -> Sequence[Finding]:
        """Tokens, scopes, and the fields that we write; changes nothing."""
        try:
            fields = self._fields(anew=True)
            self._api.query(key_condition(["-"], self._some_text_field(fields)), columns=())
            next(read_rows(self._api.list_page, self._clock.now()))
        except BadCredentials as refused:
            return [refused_finding(refused.message)]
        accepted = Finding(level=Level.OK, text="Zoho accepts the token")
        lacking = scope_findings(self._api.scopes)
        return [accepted, *lacking, *field_findings(self._wanted, self._mapping, fields)]

    def ensure_schema(self) -> Sequence[Finding]:
        """Create the fields that are missing, the key's first, as far as the token may."""
        fields = self._fields(anew=True)
        missing = [one for one in self._wanted if one.name not in fields]
        trouble: list[Finding] = []
        for group in (missing[:1], missing[1:]) if missing else ():
            trouble += self._create(group)
        fields = self._fields(anew=True) if missing else fields
        told = {one.text for one in trouble}
        findings = field_findings(self._wanted, self._mapping, fields)
        kept = [one for one in findings if one.level is not Level.OK and one.text not in told]
        return [*trouble, *kept] if trouble or kept else findings

    def _create(self, group: Sequence[OwnField]) -> list[Finding]:
        """Create some fields; gives what went wrong."""
        if not group:
            return []
        try:
            verdicts = self._api.create_fields([one.definition() for one in group])
        except BadCredentials as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return []  # what is missing is told afterwards, with what an administrator must add
        pairs = zip(group, verdicts, strict=False)
        found = [creation_trouble(one, verdict) for one, verdict in pairs]
        return [one for one in found if one is not None]

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every account by the time of its last change; pages overlap."""
        for chunk in read_rows(self._api.list_page, _moment(cursor)):
            records = tuple(as_record(row, self._key_field) for row in chunk.rows)
            following = None if chunk.since is None else chunk.since.isoformat()
            yield ScanPage(records=records, cursor=None if chunk.last else following)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for what happened after ``moment``, overlapping by the settling time."""
        return start_at(moment).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Modified accounts, then deleted ones; a merge shows as a deletion at most."""
        return fetch_changes(self._api, cursor, self._key_field)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live accounts with the key, or with a website at the domain or below it."""
        key_field = self._key_field if self._key_field in self._fields() else None
        columns = READ_FIELDS if key_field is None else (*READ_FIELDS, key_field)
        found: dict[str, CrmRecord] = {}
        for condition in company_queries(companies, key_field=key_field):
            for row in self._api.query(condition, columns=columns):
                found[str(row["id"])] = as_record(row, self._key_field)
        return [
            [record for record in found.values() if is_company(record, company)]
            for company in companies
        ]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live accounts with these ids."""
        wanted = [one for one in dict.fromkeys(record_ids) if one.isdigit()]
        rows = self._api.read_by_id(wanted)
        found = [as_record(row, self._key_field) for row in rows]
        return {one.record_id: one for one in found if one.record_id in set(wanted)}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies; see :mod:`connectors.zoho.pushing`.

        Raises:
            NeedsPerson: the unique field for our key is not there: nothing was sent.
        """
        pusher = Pusher(
            api=self._api,
            mapping=self._mapping,
            key_field=self._key_field,
            fields=self._fields_with_key(),
            find=lambda company: self._by_key([company.key]).get(_folded(company.key)),
        )
        return pusher.push(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Read back by key; what is absent may be pushed again under the constraint."""
        if items:
            self._fields_with_key()
        found = self._by_key([item.company.key for item in items])
        answers = []
        for item in items:
            record = found.get(_folded(item.company.key))
            answers.append(
                Resolution.absent() if record is None else Resolution.found(record.record_id)
            )
        return answers

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merging is left to people.

        Raises:
            Permanent: always.
        """
        message = f"merge {lost_id} into {survivor_id} in Zoho CRM: Accounts, Deduplicate"
        raise Permanent("cannot_merge", message)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._api.close()

    def _by_key(self, keys: Sequence[str]) -> dict[str, CrmRecord]:
        """The live accounts that hold these keys, by key in small letters."""
        chosen, found = list(dict.fromkeys(keys)), {}
        for chunk in chunks(chosen, KEYS_PER_QUERY):
            condition = key_condition(chunk, self._key_field)
            for row in self._api.query(condition, columns=(*READ_FIELDS, self._key_field)):
                record = as_record(row, self._key_field)
                found[(record.key or "").casefold()] = record
        return found

    def _fields(self, *, anew: bool = False) -> Fields:
        now = self._clock.now()
        if anew or self._known_until is None or now >= self._known_until:
            self._known_fields = self._api.fetch_fields()
            self._known_until = now + _FIELDS_LAST
        return self._known_fields

    def _fields_with_key(self) -> Fields:
        """The definitions, in which the key's field is fit: Zoho ignores unknown fields."""
        fields = self._fields()
        problem = key_problem(self._wanted[0], fields)
        if problem is None:
            return fields
        self._known_until = None  # so that it is noticed at once when somebody mends it
        message = f"{self._name}: {problem.text}; {problem.remedy}"
        raise NeedsPerson("no_key_field", message)

    def _some_text_field(self, fields: Fields) -> str:
        return self._key_field if self._key_field in fields else "Account_Name"


def _folded(key: str) -> str:
    return stored_key(key).casefold()


def _moment(cursor: str | None) -> datetime | None:
    if cursor is None:
        return None
    try:
        return parse_moment(cursor)
    except ValueError:
        raise Permanent("bad_cursor", f"not a cursor of Zoho: {cursor[:80]!r}") from None
