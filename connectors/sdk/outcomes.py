"""What became of one company that was pushed, or looked for after a doubt."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from connectors.sdk.faults import Fault, WaitUntil


class OutcomeKind(StrEnum):
    """The five things that can become of a company that was handed to a CRM."""

    CREATED = "created"
    EXISTED = "existed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The fate of one pushed company; ``push`` returns one for each item, in the items' order."""

    kind: OutcomeKind
    record_id: str | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    retry_at: datetime | None = None

    @classmethod
    def created(cls, record_id: str, *, warnings: tuple[str, ...] = ()) -> Self:
        """The CRM made a new record. ``warnings`` name fields that it refused and we left out."""
        return cls(kind=OutcomeKind.CREATED, record_id=record_id, warnings=warnings)

    @classmethod
    def existed(cls, record_id: str | None, *, reason: str = "") -> Self:
        """The CRM held it already; nothing was changed. Some CRMs do not say which record."""
        return cls(kind=OutcomeKind.EXISTED, record_id=record_id, reason=reason)

    @classmethod
    def rejected(cls, reason: str) -> Self:
        """The CRM refuses this company for good."""
        return cls(kind=OutcomeKind.REJECTED, reason=reason)

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """It may be there or not: ``resolve`` must tell before anything is sent again."""
        return cls(kind=OutcomeKind.UNKNOWN, reason=reason)

    @classmethod
    def not_sent(cls, reason: str, *, retry_at: datetime | None = None) -> Self:
        """Certainly nothing happened for this item: it may be sent again."""
        return cls(kind=OutcomeKind.NOT_SENT, reason=reason, retry_at=retry_at)

    @classmethod
    def not_sent_after(cls, fault: Fault) -> Self:
        """Nothing happened for this item, and the fault says why."""
        until = fault.until if isinstance(fault, WaitUntil) else None
        return cls.not_sent(fault.message, retry_at=until)


class ResolutionKind(StrEnum):
    """What reading back can tell."""

    FOUND = "found"
    ABSENT = "absent"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What reading back told about one company whose push had an unknown outcome."""

    kind: ResolutionKind
    record_id: str | None = None
    reason: str = ""

    @classmethod
    def found(cls, record_id: str) -> Self:
        """Our push did arrive: this is the record."""
        return cls(kind=ResolutionKind.FOUND, record_id=record_id)

    @classmethod
    def absent(cls) -> Self:
        """The CRM does not hold it; pushing again is safe."""
        return cls(kind=ResolutionKind.ABSENT)

    @classmethod
    def undetermined(cls, reason: str) -> Self:
        """Cannot be told yet; ask again later."""
        return cls(kind=ResolutionKind.UNDETERMINED, reason=reason)
