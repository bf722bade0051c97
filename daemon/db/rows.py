"""What the repositories give: frozen rows, as the services see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.domain.push_states import PushState
from daemon.domain.task_states import SlotState, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow:
    """A saved search, with the definition in force."""

    id: int
    name: str
    version: int
    definition: Mapping[str, Any]
    fingerprint: str
    retired: bool
    paused: bool
    created_at: datetime
    changed_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether its schedule counts."""
        return not (self.retired or self.paused)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """A due time of a search."""

    id: int
    search_id: int
    due_at: datetime
    state: SlotState
    held_code: str
    held_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One paid task.

    ``continues_id`` is the task whose vendor's task goes on here; it had ``results_before`` results
    by then, of ``desired_before`` that it was asked for. None: this one creates a task.
    """

    id: int
    search_id: int
    search_version: int
    slot_id: int | None
    wave: int
    segment: str
    state: TaskState
    extruct_id: str | None
    continues_id: int | None
    results_before: int
    desired_before: int
    request: Mapping[str, Any]
    desired: int
    vendor_status: str
    is_exhausted: bool
    counters: Mapping[str, int]
    credits_before: float | None
    credits_after: float | None
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    error: str
    adopted: bool
    considered: int
    left_out: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultToMatch:
    """A result that waits for a decision."""

    id: int
    result_id: str
    raw: Mapping[str, Any]
    company_id: int
    company_key: str
    task_id: int
    task_state: TaskState
    extruct_id: str
    segment: str
    search_id: int
    search_version: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRow:
    """One company on its way to one CRM."""

    id: int
    connector: str
    company_id: int
    company_key: str
    domain: str | None
    company_name: str
    result_id: int
    search_id: int
    state: PushState
    trace_id: str
    fields: Mapping[str, Any]
    properties: Mapping[str, str]
    hold_reason: str
    reason: str
    approved_by: str
    record_id: str | None
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    created_at: datetime
    ended_at: datetime | None
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRow:
    """How far the mirror of one connector is."""

    connector: str
    sweep: int = 0
    sweep_started_at: datetime | None = None
    sweep_cursor: str | None = None
    sweep_page: int = 0
    swept_at: datetime | None = None
    changes_cursor: str | None = None
    refreshed_at: datetime | None = None
    records: int = 0
    held: str = ""
    accepted_shrink: float = 0
    blocked_code: str = ""
    blocked_text: str = ""
    lease_owner: str | None = None
    lease_until: datetime | None = None

    @property
    def is_sweeping(self) -> bool:
        """Whether a full listing has begun and not ended."""
        return self.sweep_started_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecord:
    """A record of a CRM as the mirror keeps it; ``deleted_at`` when it is gone there."""

    connector: str
    record_id: str
    name: str
    domains: tuple[str, ...]
    key: str | None
    country: str | None
    city: str | None
    deleted_at: datetime | None
    merged_into: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRow:
    """Whether a vendor may be called."""

    name: str
    paused_until: datetime | None
    code: str
    reason: str
    failures: int
