"""The reference connector: everything that the contract asks for, over a CRM in this process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.memory.crm import MemoryCrm
from connectors.memory.drafting import DEFAULT_MAPPING, Drafted, draft_company
from connectors.memory.feed import FeedPosition, change_page
from connectors.memory.options import MemoryOptions, memory_crm
from connectors.memory.rows import Answer, AnswerKind, Row
from connectors.sdk.capabilities import Capabilities, Incremental, KeyComparison, Uniqueness
from connectors.sdk.faults import Ambiguous, Fault, NotProcessed, Permanent, WaitUntil
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext, Exchange, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage

T = TypeVar("T")

_READ_ATTEMPTS = 4
_PAUSE_SECONDS = 0.5


class MemoryConnector:
    """A connector to one :class:`~connectors.memory.crm.MemoryCrm`.

    Each operation on the CRM goes over ``line`` and stands for one request.
    """

    def __init__(
        self, crm: MemoryCrm, mapping: Mapping[str, str], context: ConnectorContext
    ) -> None:
        self.crm = crm
        self.line = crm.line
        self._mapping = FieldMapping.merged(DEFAULT_MAPPING, mapping)
        self._context = context

    @property
    def capabilities(self) -> Capabilities:
        """What the CRM's traits come to."""
        traits = self.crm.traits
        return Capabilities(
            uniqueness=traits.uniqueness,
            key_comparison=(
                KeyComparison.NORMALISED_DOMAIN
                if traits.uniqueness is Uniqueness.ALL_WRITERS
                else KeyComparison.EXACT
            ),
            create_only=traits.create_only,
            batch_size=traits.batch_size,
            batch_atomic=traits.batch_atomic,
            incremental=traits.incremental,
            sees_deletions=traits.sees_deletions,
            sees_merges=traits.sees_merges,
            settling=traits.settling,
            strong_lookup=not traits.settling,
            several_domains=True,
            can_merge=True,
        )

    def probe(self) -> Sequence[Finding]:
        """Say that the CRM answers."""
        self._read("probe", None, lambda: None)
        return (Finding(level=Level.OK, text="the CRM in memory answers"),)

    def ensure_schema(self) -> Sequence[Finding]:
        """Nothing to create: the CRM takes any property."""
        return ()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List by id, so that what comes and goes meanwhile shifts nothing."""
        for page in follow(self._fetch_page, cursor, identify=lambda record: record.record_id):
            yield ScanPage(records=page.items, cursor=page.next_cursor)

    def changes_from(self, moment: datetime) -> str:
        """The moment, less the settling time."""
        return FeedPosition(since=moment - self.crm.traits.settling).dump()

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """List by time stamp and id.

        Raises:
            Permanent: this CRM has no such feed, or the cursor is not one of ours.
        """
        if self.crm.traits.incremental is Incremental.NONE:
            message = "this CRM tells no changes; list everything instead"
            raise Permanent("no_changes", message)
        position = FeedPosition.load(cursor)
        pages = follow(
            lambda after: self._fetch_changed(position.since, after),
            position.after,
            identify=lambda row: (row.record.record_id, row.changed_at),
        )
        for page in pages:
            if page.items:
                newest = page.items[-1]
                position = position.past((self.crm.stamp(newest), newest.record.record_id))
            more = page.next_cursor is not None
            place = position if more else position.caught_up(self.crm.traits.settling)
            yield change_page(page.items, cursor=place.dump(), more=more)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """Look each company up by key and domain, in one request."""
        return self._read("lookup", companies, lambda: [self._find(each) for each in companies])

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Read the records in one request."""
        return self._read("read", record_ids, lambda: self.crm.read(record_ids, self._now()))

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create the companies in one request, or in several where a batch was rolled back."""
        outcomes: dict[int, Outcome] = {}
        while len(outcomes) < len(items):
            open_items = [
                (place, item) for place, item in enumerate(items) if place not in outcomes
            ]
            try:
                answers = self._create([item for _, item in open_items])
            except Ambiguous as doubt:
                answers = [Outcome.unknown(doubt.message)] * len(open_items)
            except Fault as fault:
                if not outcomes:
                    raise
                answers = [Outcome.not_sent_after(fault)] * len(open_items)
            for (place, _), outcome in zip(open_items, answers, strict=True):
                if outcome is not None:
                    outcomes[place] = outcome
        return [outcomes[place] for place in range(len(items))]

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Look by key; before the settling time is over, absence proves nothing."""
        return self._read("resolve", items, lambda: [self._resolution(item) for item in items])

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge as a person does."""
        both = (survivor_id, lost_id)
        self._call("merge", both, lambda: self._merge(survivor_id=survivor_id, lost_id=lost_id))

    def close(self) -> None:
        """Nothing to give back."""

    def _fetch_page(self, cursor: str | None) -> Page[CrmRecord, str]:
        records = self._read("page", cursor, lambda: self.crm.page(cursor, self._now()))
        whole = len(records) == self.crm.traits.page_size
        return Page(items=tuple(records), next_cursor=records[-1].record_id if whole else None)

    def _fetch_changed(
        self, since: datetime, after: tuple[datetime, str] | None
    ) -> Page[Row, tuple[datetime, str]]:
        rows = self._read(
            "changed", (since, after), lambda: self.crm.changed(since, after, self._now())
        )
        whole = len(rows) == self.crm.traits.page_size
        place = (self.crm.stamp(rows[-1]), rows[-1].record.record_id) if whole else None
        return Page(items=tuple(rows), next_cursor=place)

    def _find(self, company: CompanyRef) -> list[CrmRecord]:
        return self.crm.find(key=company.key, domain=company.domain, now=self._now())

    def _create(self, items: Sequence[PushItem]) -> Sequence[Outcome | None]:
        """One outcome for each item; None for one that was rolled back with the others."""
        longest = self.crm.traits.longest_text
        drafted = [draft_company(item, self._mapping, longest_text=longest) for item in items]
        drafts = [each.draft for each in drafted]
        answers = self._call("create", drafts, lambda: self._write(drafted))
        return [_outcome(each, answer) for each, answer in zip(drafted, answers, strict=True)]

    def _write(self, drafted: Sequence[Drafted]) -> list[Answer]:
        answers = self.crm.create([each.draft for each in drafted], self._now())
        if not self.crm.traits.create_only:
            for each, answer in zip(drafted, answers, strict=True):
                if answer.kind is AnswerKind.EXISTED and answer.record_id is not None:
                    self.crm.overwrite(answer.record_id, each.draft, self._now())
        return answers

    def _resolution(self, item: PushItem) -> Resolution:
        found = self._find(item.company)
        ours = [record for record in found if record.key == item.company.key]
        if ours:
            return Resolution.found(ours[0].record_id)
        settled = item.sent_at is not None and self._now() >= item.sent_at + self._settling
        if settled or not self._settling:
            return Resolution.absent()
        return Resolution.undetermined("the settling time of this CRM is not over yet")

    def _merge(self, *, survivor_id: str, lost_id: str) -> None:
        try:
            self.crm.person_merges(survivor_id=survivor_id, lost_id=lost_id, now=self._now())
        except LookupError as error:
            message = f"cannot merge {lost_id} into {survivor_id}: {error}"
            raise Permanent("not_found", message) from error

    def _read(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        """An operation that changes nothing: repeated a few times, and never ambiguous."""
        for attempt in range(1, _READ_ATTEMPTS):
            try:
                return self._call(operation, arguments, do)
            except (NotProcessed, Ambiguous, WaitUntil):
                self._context.clock.sleep(_PAUSE_SECONDS * attempt)
        try:
            return self._call(operation, arguments, do)
        except Ambiguous as doubt:
            raise NotProcessed(doubt.code, doubt.message) from doubt

    def _call(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        error = ""
        try:
            return self.line(operation, arguments, do)
        except Fault as fault:
            error = fault.code
            raise
        finally:
            self._observe(operation, error)

    def _observe(self, operation: str, error: str) -> None:
        self._context.observe(
            Exchange(
                vendor=self._context.name,
                method="CALL",
                path=operation,
                status=None,
                milliseconds=0,
                error=error,
            )
        )

    @property
    def _settling(self) -> timedelta:
        return self.crm.traits.settling

    def _now(self) -> datetime:
        return self._context.clock.now()


def open_memory(options: MemoryOptions, context: ConnectorContext) -> MemoryConnector:
    """A connector to the CRM of the options' space."""
    crm = memory_crm(options.space, options.traits())
    return MemoryConnector(crm, options.mapping, context)


def _outcome(drafted: Drafted, answer: Answer) -> Outcome | None:
    match answer.kind:
        case AnswerKind.CREATED:
            return Outcome.created(str(answer.record_id), warnings=drafted.warnings)
        case AnswerKind.EXISTED:
            return Outcome.existed(answer.record_id, reason=answer.reason)
        case AnswerKind.REFUSED:
            return Outcome.rejected(answer.reason)
        case AnswerKind.ROLLED_BACK:
            return None
