"""Two records for one company: which should survive, and may that happen without a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from daemon.domain.legal_names import normalise_name


class MergeRule(StrEnum):
    """Why a pair may be merged at once, or why a person has to look at it."""

    OWN_UNTOUCHED = "own_untouched"  # the one that goes is our own, as we sent it
    CANNOT_MERGE = "cannot_merge"  # the CRM has no merging for programs
    NOT_OURS_ALONE = "not_ours_alone"  # neither is provably our own and untouched
    CREATED_LATE = "created_late"  # the other one came long after: maybe a branch, on purpose
    NAMED_DIFFERENTLY = "named_differently"
    MERGE_FAILED = "merge_failed"  # the CRM refused it


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """A live record of the CRM, as far as it matters here; ``domains`` are domain keys."""

    record_id: str
    name: str
    domains: tuple[str, ...] = ()
    key: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    texts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFacts:
    """What we sent: the company's key, its name, and the texts that the CRM may hold."""

    key: str
    name: str
    domain: str | None
    sent_at: datetime
    texts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePolicy:
    """What the CRM can do, and what counts as the same moment.

    A change within ``at_once`` belongs to the creation. A second record that came up to ``race``
    after ours is taken for the same company's.
    """

    can_merge: bool
    at_once: timedelta = timedelta(minutes=1)
    race: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeProposal:
    """Which record is to survive, and by which rule."""

    survivor_id: str
    lost_id: str
    rule: MergeRule

    @property
    def is_automatic(self) -> bool:
        """Whether no person is needed."""
        return self.rule is MergeRule.OWN_UNTOUCHED


def is_untouched(record: RecordFacts, sent: SentFacts, policy: MergePolicy) -> bool:
    """Is it our own record, and exactly as we sent it? In doubt: no.

    A text that the CRM does not hold says nothing, since a mapping may leave it out.
    """
    if record.key != sent.key or record.created_at is None or record.modified_at is None:
        return False
    at_once = abs(record.modified_at - record.created_at) <= policy.at_once
    ours = abs(record.created_at - sent.sent_at) <= policy.race
    same_name = record.name.strip() == sent.name.strip()
    same_site = sent.domain is None or set(record.domains) <= {sent.domain}
    same_texts = all(
        not text or text == (sent.texts.get(name) or "") for name, text in record.texts.items()
    )
    return at_once and ours and same_name and same_site and same_texts


def propose_merge(
    ours: RecordFacts, other: RecordFacts, sent: SentFacts, policy: MergePolicy
) -> MergeProposal:
    """Which of the two should survive. Only our own untouched record ever goes by itself."""
    untouched = [one for one in (ours, other) if is_untouched(one, sent, policy)]
    lost = max(untouched or [ours, other], key=_age)
    survivor = other if lost is ours else ours
    return MergeProposal(
        survivor_id=survivor.record_id,
        lost_id=lost.record_id,
        rule=_rule(survivor, lost, policy, untouched=bool(untouched)),
    )


def _rule(
    survivor: RecordFacts, lost: RecordFacts, policy: MergePolicy, *, untouched: bool
) -> MergeRule:
    if not policy.can_merge:
        return MergeRule.CANNOT_MERGE
    if not untouched:
        return MergeRule.NOT_OURS_ALONE
    if normalise_name(survivor.name) != normalise_name(lost.name):
        return MergeRule.NAMED_DIFFERENTLY
    # An untouched record has a time of creation; of a survivor without one nothing is known.
    began, other_began = lost.created_at, survivor.created_at
    if began is None or other_began is None or other_began > began + policy.race:
        return MergeRule.CREATED_LATE
    return MergeRule.OWN_UNTOUCHED


def _age(record: RecordFacts) -> tuple[bool, float, str]:
    """Greater is younger; a record of unknown age counts as old."""
    created = record.created_at
    return created is not None, 0.0 if created is None else created.timestamp(), record.record_id
