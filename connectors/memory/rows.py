"""The values of the CRM in memory: what it can do, what it holds, what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.sdk.capabilities import Incremental, Uniqueness
from connectors.sdk.records import CrmRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTraits:
    """What this CRM can and cannot do; see :class:`~connectors.sdk.capabilities.Capabilities`.

    ``longest_text`` is how many characters a property may have; None: any number.
    """

    uniqueness: Uniqueness = Uniqueness.OWN_KEY
    settling: timedelta = timedelta(0)
    batch_size: int = 100
    batch_atomic: bool = False
    create_only: bool = True
    incremental: Incremental = Incremental.MODIFIED_SINCE
    sees_deletions: bool = True
    sees_merges: bool = True
    page_size: int = 100
    longest_text: int | None = None


class RowState(StrEnum):
    """Where a record is."""

    LIVE = "live"
    BINNED = "binned"  # a person deleted it and may take it back
    MERGED = "merged"  # it went into another one
    GONE = "gone"  # nothing is left of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One version of a record, and from when on reads show it."""

    record: CrmRecord
    state: RowState
    created_at: datetime
    changed_at: datetime
    visible_from: datetime
    survivor_id: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A company to be written: ``record`` without id and times, and properties of any name."""

    record: CrmRecord
    properties: Mapping[str, str] = field(default_factory=dict)


class AnswerKind(StrEnum):
    """What the CRM says to one draft."""

    CREATED = "created"
    EXISTED = "existed"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"  # an atomic batch failed because of another draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one draft."""

    kind: AnswerKind
    record_id: str | None = None
    reason: str = ""
