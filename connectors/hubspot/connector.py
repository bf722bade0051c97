"""The connector to HubSpot companies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from connectors.hubspot import schema
from connectors.hubspot.changes import SETTLING, fetch_changes, start_at
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.options import HubSpotOptions
from connectors.hubspot.payloads import Json, domain_searches, match_company, parse_record
from connectors.hubspot.pushing import Pusher
from connectors.hubspot.refusals import read_refusal
from connectors.sdk.capabilities import Capabilities, Guarantee, Incremental, Uniqueness
from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.replies import cut_message

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.OWN_KEY,
    # What has our key is never written to: see `pushing`.
    create_only=True,
    batch_size=100,
    batch_atomic=False,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=True,
    sees_merges=True,
    settling=SETTLING,
    strong_lookup=False,
    several_domains=True,
    can_merge=True,
)
GUARANTEE = Guarantee(
    key="a unique company property of our own (prospectd_key), which holds the domain",
    killed_mid_write="no second record: HubSpot refuses the same key twice, and after a restart "
    "the key is read back, at once and without the search index",
    replicas_race="no second record: the key is unique for all writers that set it",
    person_races="not prevented: HubSpot does not keep people (or other programs) from adding a "
    "company with the same domain in the same seconds",
    repaired="a second record for a domain is found when the creation is checked again after the "
    "settling time and by every sweep, and is put up for review with a proposed merge",
)


class HubSpotConnector:
    """One HubSpot account, as the daemon sees it."""

    def __init__(self, options: HubSpotOptions, context: ConnectorContext) -> None:
        self._name = context.name
        self._secrets = tuple(context.secrets.values())
        self._mapping = options.field_mapping()
        self._client = HubSpotClient(options, context)
        self._pusher = Pusher(self._client, self._mapping, self._secrets)
        self._capabilities = CAPABILITIES

    @property
    def capabilities(self) -> Capabilities:
        """HubSpot's; where ``probe`` found ``domain`` made unique, stronger ones."""
        return self._capabilities

    def probe(self) -> Sequence[Finding]:
        """Token, scopes, and the properties that we write."""
        try:
            self._client.list_page(None, archived=False)
            existing = self._client.fetch_properties()
        except BadCredentials as fault:
            remedy = (
                "give the app the scopes crm.objects.companies.read, crm.objects.companies.write "
                "and crm.schemas.companies.write, and put its access token into the environment"
            )
            return [Finding(level=Level.PROBLEM, text=fault.message, remedy=remedy)]
        self._learn(existing)
        # A property that is missing is made before the first push: no problem yet.
        found = self._check(existing, missing=Level.WARNING)
        return [Finding(level=Level.OK, text="HubSpot accepts the token"), *found]

    def ensure_schema(self) -> Sequence[Finding]:
        """Create our properties and their group, where they are missing."""
        existing = self._client.fetch_properties()
        self._learn(existing)
        missing = [each for each in self._definitions() if each["name"] not in existing]
        trouble: dict[str, Finding] = {}
        if missing:
            try:
                self._client.create_group(schema.GROUP)
                for each in missing:
                    trouble |= self._create(each)
            except BadCredentials as fault:
                return self._without_schema_scope(fault, existing)
            existing = self._client.fetch_properties()
        kept = [each for each in self._check(existing) if each.level is not Level.OK]
        return [*trouble.values(), *kept] if kept else self._check(existing)

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """All live companies by id, a hundred at a time; ids do not move while one pages."""
        for page in follow(self._scan_page, cursor, identify=_record_id):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes_from(self, moment: datetime) -> str:
        """The cursor for what happened after ``moment``, overlapping by the settling time.

        ``moment`` is by our clock, which may be ahead of HubSpot's: then it means an earlier one.
        """
        return start_at(moment - max(timedelta(0), self._client.ahead)).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """Modified and merged companies from search, deleted ones from the archive."""
        return fetch_changes(self._client, cursor)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """By key at once; by domain through search, which lags by seconds."""
        raws = list(self._client.read_by_key([company.key for company in companies]).values())
        domains = dict.fromkeys(each.domain.lower() for each in companies if each.domain)
        with self._client.understanding():
            for body in domain_searches(domains, self._client.properties):
                raws += self._search_all(body)
            records = {raw["id"]: self._parse(raw) for raw in reversed(raws)}
        return [
            [record for record in records.values() if match_company(record, company)]
            for company in companies
        ]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live companies with these ids. A merged-away id is gone, though HubSpot redirects."""
        wanted = [each for each in dict.fromkeys(record_ids) if each.isdigit()]
        with self._client.understanding():
            found = [self._parse(raw) for raw in self._client.read_by_id(wanted)]
        return {record.record_id: record for record in found if record.record_id in set(wanted)}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies; see :mod:`connectors.hubspot.pushing`."""
        return self._pusher.push(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Read back by key, in the archive too: a person may have deleted it since."""
        keys = list(dict.fromkeys(item.company.key for item in items))
        found = self._client.read_by_key(keys)
        absent = [key for key in keys if key.casefold() not in found]
        if absent:
            found |= self._client.read_by_key(absent, archived=True)
        return [
            Resolution.absent() if raw is None else Resolution.found(raw["id"])
            for raw in (found.get(item.company.key.casefold()) for item in items)
        ]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge; HubSpot may give the merged record a new id, which ``changes`` then tells."""
        self._client.merge(survivor_id, lost_id)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._client.close()

    # Within.

    def _parse(self, raw: Json) -> CrmRecord:
        return parse_record(raw, self._client.key_property)

    def _scan_page(self, after: str | None) -> Page[CrmRecord, str]:
        with self._client.understanding():
            raw = self._client.list_page(after, archived=False)
            items = tuple([self._parse(each) for each in raw["results"]])
            paging = raw.get("paging") or {}
            return Page(items=items, next_cursor=(paging.get("next") or {}).get("after"))

    def _search_all(self, body: Json) -> list[Json]:
        found: list[Json] = []
        while True:
            raw = self._client.search(body)
            found += raw["results"]
            after = ((raw.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                return found
            if int(after) <= int(body["after"]):
                message = f"{self._name}: HubSpot's search goes in a circle"
                raise Permanent("pagination_loop", message)
            body = {**body, "after": after}

    def _definitions(self) -> list[Json]:
        key = schema.key_definition(self._client.key_property)
        return [key, *schema.own_definitions(self._mapping.templates)]

    def _check(
        self, existing: Mapping[str, Json], *, missing: Level = Level.PROBLEM
    ) -> list[Finding]:
        key = self._client.key_property
        own = schema.own_definitions(self._mapping.templates)
        return [
            schema.check_key(key, existing.get(key), missing=missing),
            *(schema.check_own(each, existing.get(each["name"])) for each in own),
            *schema.check_mapped(self._mapping.templates, existing),
        ]

    def _create(self, definition: Json) -> dict[str, Finding]:
        """Create one property; 409 means that somebody was quicker."""
        reply = self._client.create_property(definition)
        if reply.status != 400:  # noqa: PLR2004 - an HTTP status
            return {}
        said = cut_message(read_refusal(orjson.loads(reply.body)).message, self._secrets)
        name = definition["name"]
        text = f'HubSpot refuses to create the property "{name}": {said}'
        is_key = name == self._client.key_property
        level = Level.PROBLEM if is_key else Level.WARNING
        remedy = schema.by_hand(name) if is_key else f'or set mapping.{name} = ""'
        return {name: Finding(level=level, text=text, remedy=remedy)}

    def _without_schema_scope(
        self, fault: BadCredentials, existing: Mapping[str, Json]
    ) -> list[Finding]:
        """The token may not create properties: that matters as far as they are missing."""
        findings = [each for each in self._check(existing) if each.level is not Level.OK]
        said = Finding(
            level=Level.WARNING,
            text=f"our properties cannot be created: {fault.message}",
            remedy="grant crm.schemas.companies.write, or create them by hand",
        )
        return [said, *findings]

    def _learn(self, existing: Mapping[str, Json]) -> None:
        """Where somebody made ``domain`` unique, people cannot make a second record either."""
        unique = bool(existing.get("domain", {}).get("hasUniqueValue"))
        scope = Uniqueness.ALL_WRITERS if unique else Uniqueness.OWN_KEY
        self._capabilities = replace(CAPABILITIES, uniqueness=scope)


def _record_id(record: CrmRecord) -> str:
    return record.record_id
