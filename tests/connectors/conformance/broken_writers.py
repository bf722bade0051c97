"""Connectors that write wrongly, each in one way, over the CRM in memory."""

# ruff: noqa: D102 - each class says what is wrong with it

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from connectors.memory.connector import MemoryConnector
from connectors.memory.drafting import Drafted
from connectors.memory.rows import Answer
from connectors.sdk.capabilities import Capabilities, KeyComparison, Uniqueness
from connectors.sdk.faults import Ambiguous, Permanent, RateLimited
from connectors.sdk.outcomes import Outcome, OutcomeKind, Resolution, ResolutionKind
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.records import CrmRecord, PushItem

_MOST = 20


class MixesOutcomesUp(MemoryConnector):
    """Outcomes come in another order than the items."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return list(reversed(super().push(items)))


class LosesOne(MemoryConnector):
    """The last company of a batch is reported created, and was not sent."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        if len(items) < 2:
            return super().push(items)
        return [*super().push(items[:-1]), Outcome.created("4711")]


class CutsTheBatch(MemoryConnector):
    """A long batch is cut, and so are its outcomes."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return super().push(items[:_MOST])


class WritesNoWebsite(MemoryConnector):
    """What is written does not lead to the company's domain."""

    def _write(self, drafted: Sequence[Drafted]) -> list[Answer]:
        bare = [
            replace(d, draft=replace(d.draft, record=replace(d.draft.record, websites=())))
            for d in drafted
        ]
        return super()._write(bare)


class HasNoKey(MemoryConnector):
    """The CRM has no unique key, and a look-up before the create is all that is done."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, uniqueness=Uniqueness.OWN_KEY)

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        found = self.lookup([item.company for item in items])
        new = [item for item, records in zip(items, found, strict=True) if not records]
        made = iter(super().push(new) if new else ())
        return [
            Outcome.existed(records[0].record_id) if records else next(made) for records in found
        ]


class LooksNever(HasNoKey):
    """The CRM has no unique key, and nothing is done about it."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return MemoryConnector.push(self, items)


class SaysCreated(MemoryConnector):
    """What was there before is reported created."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return [
            Outcome.created(str(each.record_id)) if each.kind is OutcomeKind.EXISTED else each
            for each in super().push(items)
        ]


class Overwrites(MemoryConnector):
    """A known company is overwritten, though create_only is declared."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, create_only=True)


class RevivesTheDeleted(MemoryConnector):
    """A known company is taken out of the bin."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        outcomes = super().push(items)
        for each in outcomes:
            if each.kind is OutcomeKind.EXISTED and each.record_id is not None:
                self.crm.person_revives(each.record_id, self._now())
        return outcomes


class FindsTheMergedAway(MemoryConnector):
    """Resolve remembers what it once created, whatever became of it."""

    made: ClassVar[dict[str, str]] = {}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        outcomes = super().push(items)
        for item, each in zip(items, outcomes, strict=True):
            self.made[item.company.key] = str(each.record_id)
        return outcomes

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        return [Resolution.found(self.made[item.company.key]) for item in items]


class RejectsTheBatch(MemoryConnector):
    """One company that is refused takes the others with it."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        refused = [i for i in items if i.company.name in self.crm.refused_names]
        if refused:
            return [Outcome.rejected("a company of the batch was refused")] * len(items)
        return super().push(items)


class KeepsReasonsBack(MemoryConnector):
    """A company is rejected without saying why."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return [
            replace(each, reason="") if each.kind is OutcomeKind.REJECTED else each
            for each in super().push(items)
        ]


class RejectsLongTexts(MemoryConnector):
    """A company with one long field is rejected whole."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        if any(len(str(value)) > 5_000 for item in items for value in item.fields.values()):
            return [Outcome.rejected("too long")] * len(items)
        return super().push(items)


class KeyIsTheDomain(MemoryConnector):
    """A company without a domain is written without any key."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        bare = [
            i if i.company.domain else replace(i, company=replace(i.company, key="none"))
            for i in items
        ]
        return super().push(bare)


class ResolvesByCreating(MemoryConnector):
    """Whether a company is there is found out by creating it."""

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        return [Resolution.found(str(each.record_id)) for each in self.push(items)]


class ResolvesByGuessing(MemoryConnector):
    """Whatever is asked for is absent."""

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        return [Resolution(kind=ResolutionKind.ABSENT)] * len(items)


class SendsAgain(MemoryConnector):
    """What is in doubt is simply sent again."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        first = super().push(items)
        doubt = any(each.kind is OutcomeKind.UNKNOWN for each in first)
        return super().push(items) if doubt else first


class DoubtIsNotSent(MemoryConnector):
    """What is in doubt is reported as not sent."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return [
            Outcome.not_sent(each.reason) if each.kind is OutcomeKind.UNKNOWN else each
            for each in super().push(items)
        ]


class DoubtIsRejected(MemoryConnector):
    """What is in doubt is reported as rejected."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return [
            Outcome.rejected(each.reason) if each.kind is OutcomeKind.UNKNOWN else each
            for each in super().push(items)
        ]


class DoubtIsCreated(MemoryConnector):
    """What is in doubt is reported as created."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        return [
            Outcome.created("0") if each.kind is OutcomeKind.UNKNOWN else each
            for each in super().push(items)
        ]


class OutageIsRejected(MemoryConnector):
    """A rate limit or an outage rejects the company."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        try:
            return super().push(items)
        except Exception as error:  # noqa: BLE001 - that is the mistake
            return [Outcome.rejected(str(error))] * len(items)


class LimitIsDoubt(MemoryConnector):
    """A rate limit leaves companies in doubt."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        try:
            return super().push(items)
        except RateLimited as fault:
            raise Ambiguous(fault.code, fault.message) from fault


class TrustsItsLookup(MemoryConnector):
    """Says that the constraint stops people, whom it does not stop."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(
            super().capabilities,
            uniqueness=Uniqueness.ALL_WRITERS,
            key_comparison=KeyComparison.NORMALISED_DOMAIN,
        )


class PreparesOnce(MemoryConnector):
    """Preparing a CRM that is prepared is reported as a problem."""

    done: ClassVar[set[int]] = set()

    def ensure_schema(self) -> Sequence[Finding]:
        if id(self.crm) in self.done:
            return [Finding(level=Level.PROBLEM, text="there is such a field", remedy="none")]
        self.done.add(id(self.crm))
        return []


class ProbesByWriting(MemoryConnector):
    """Whether one may write is found out by writing."""

    def probe(self) -> Sequence[Finding]:
        self.crm.person_creates(CrmRecord(record_id="", name="Test, please ignore"), self._now())
        return super().probe()


class ClosesOnce(MemoryConnector):
    """Closing a second time is a mistake."""

    closed = False

    def close(self) -> None:
        if self.closed:
            raise Permanent("closed", "it is closed already")
        self.closed = True


class MergesBackwards(MemoryConnector):
    """The record that was to survive is lost."""

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        super().merge(survivor_id=lost_id, lost_id=survivor_id)
