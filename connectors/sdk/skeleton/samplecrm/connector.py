"""SampleCrm: listing, changes, look-up, and creating in batches with a key of our own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.sdk.capabilities import Capabilities, Incremental, Uniqueness
from connectors.sdk.faults import Ambiguous
from connectors.sdk.http import HttpSession
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import follow
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.skeleton.samplecrm.reading import (
    FeedPosition,
    change_page,
    changed_rows,
    listed_page,
    outcome_of,
    record_of,
    rows_of,
)

SETTLING = timedelta(seconds=5)
CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.OWN_KEY,
    batch_size=20,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=True,
    settling=SETTLING,
    strong_lookup=True,
)
DEFAULT_MAPPING: Mapping[str, str] = {
    "name": "{name}",
    "website": "{website}",
    "description": "{description}",
    "country": "{country}",
    "city": "{city}",
    "score": "{relevance}",
}
RATE = RateModel(limit=100, per_seconds=10)
LONGEST = {"name": 200, "website": 500, "description": 5_000, "country": 80, "city": 80}


class SampleCrmOptions(HttpConnectorOptions):
    """What ``[connectors.NAME]`` may hold for SampleCrm."""

    base_url: str = "https://api.samplecrm.example"


class SampleCrmConnector:
    """One account of SampleCrm."""

    def __init__(self, options: SampleCrmOptions, context: ConnectorContext) -> None:
        self._mapping = FieldMapping.merged(
            DEFAULT_MAPPING, options.mapping, reserved=("external_key",)
        )
        self._clock = context.clock
        self._http = HttpSession(
            base_url=options.base_url,
            context=context,
            headers={"authorization": f"Bearer {context.secrets.get('token', '')}"},
            timeout=options.timeout,
            limiter=RateLimiter(RATE, vendor=context.name, clock=context.clock, gate=context.rates),
        )

    @property
    def capabilities(self) -> Capabilities:
        """The same for every account."""
        return CAPABILITIES

    def probe(self) -> Sequence[Finding]:
        """Ask who we are; a bad token is a fault that says so."""
        self._http.send("GET", "/v1/me", idempotent=True)
        return (Finding(level=Level.OK, text="SampleCrm knows the token"),)

    def ensure_schema(self) -> Sequence[Finding]:
        """Nothing to create: external_key is there in every account."""
        return ()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List by id, so that what comes and goes meanwhile shifts nothing."""
        pages = follow(
            lambda after: listed_page(self._get("/v1/companies", {"after": after})),
            cursor,
            identify=lambda row: str(row["id"]),
        )
        for page in pages:
            yield ScanPage(
                records=tuple(record_of(row) for row in page.items), cursor=page.next_cursor
            )

    def changes_from(self, moment: Any) -> str:
        """The moment, less the settling time."""
        return FeedPosition(since=moment - SETTLING).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """List by time of change; each reading overlaps the one before by the settling time."""
        position = FeedPosition.load(cursor)
        since = position.since.isoformat()
        pages = follow(
            lambda after: changed_rows(self._get("/v1/changes", {"since": since, "after": after})),
            position.after,
            identify=lambda row: (row["id"], row["changed_at"]),
        )
        for page in pages:
            position = position.past(page)
            yield change_page(page.items, position, settling=SETTLING)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """Search for each company by key and by domain."""
        return [self._find(company) for company in companies]

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Read the records by id."""
        if not record_ids:
            return {}
        rows = rows_of(self._post("/v1/companies/read", {"ids": list(record_ids)}))
        return {record.record_id: record for record in map(record_of, rows)}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create in one batch; the results come in any order and are matched by their key."""
        if not items:
            return []
        drafts = [self._draft(item) for item in items]
        try:
            reply = self._http.send(
                "POST",
                "/v1/companies/batch",
                idempotent=False,
                json={"companies": [draft for draft, _ in drafts]},
            )
            results = {row["external_key"]: row for row in rows_of(reply.json(), "results")}
        except Ambiguous as doubt:
            return [Outcome.unknown(doubt.message)] * len(items)
        return [
            outcome_of(results.get(item.company.key), warnings=warnings)
            for item, (_, warnings) in zip(items, drafts, strict=True)
        ]

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Search for each key; the search sees every earlier write."""
        return [self._resolution(item) for item in items]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """SampleCrm cannot merge; ``capabilities.can_merge`` says so."""
        raise NotImplementedError(f"SampleCrm cannot merge {lost_id} into {survivor_id}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _resolution(self, item: PushItem) -> Resolution:
        for record in self._find(item.company):
            if record.key == item.company.key:
                return Resolution.found(record.record_id)
        return Resolution.absent()

    def _find(self, company: CompanyRef) -> list[CrmRecord]:
        asked = {"external_key": company.key, "domain": company.domain}
        return [record_of(row) for row in rows_of(self._post("/v1/companies/search", asked))]

    def _draft(self, item: PushItem) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What to send for one company, and what had to be cut or left out."""
        values = self._mapping.render(item)
        values.setdefault("name", item.company.name)
        long = [name for name, most in LONGEST.items() if len(str(values.get(name, ""))) > most]
        for name in long:
            cut = str(values[name])[: LONGEST[name]] if name == "name" else None
            values[name] = cut
        warnings = tuple(f"{name}: longer than SampleCrm takes" for name in long)
        return {**values, "external_key": item.company.key}, warnings

    def _get(self, path: str, params: Mapping[str, str | None]) -> Any:
        return self._http.send("GET", path, idempotent=True, params=params).json()

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        """A search by POST: it changes nothing, so that it may be repeated."""
        return self._http.send("POST", path, idempotent=True, json=body).json()
