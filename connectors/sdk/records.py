"""The values that pass between the daemon and a connector."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

FieldValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRecord:
    """One company as the CRM holds it.

    ``websites`` are the texts that tell its domains, as the CRM spells them, the main one first
    (main domain, additional domains, website; URLs are fine): the daemon reduces them to domains.
    ``merged_ids`` are ids of records that were merged into this one. ``key`` is our own unique key
    where the CRM holds it. Times are aware UTC.
    """

    record_id: str
    name: str = ""
    websites: tuple[str, ...] = ()
    key: str | None = None
    country: str | None = None
    city: str | None = None
    industry: str | None = None
    size: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    merged_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPage:
    """One page of a full listing. ``cursor`` resumes after this page; None: this was the last."""

    records: tuple[CrmRecord, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """The CRM merged one record into another, which survives."""

    lost_id: str
    survivor_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """One page of what changed. ``cursor`` is where to go on, after this page and next time.

    ``more`` is false on the page after which the reader has caught up.
    """

    upserts: tuple[CrmRecord, ...] = ()
    deleted_ids: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = ()
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRef:
    """Which company: ``key`` is our unique key for it, stable for ever.

    The key is the registered domain where the company has one (``acme.com``); else an identity with
    a prefix (``host:x.github.io``, ``profile:linkedin.com/company/x``, ``extruct:<uuid>``,
    ``name:acme|berlin``). ``domain`` is None in these cases.
    """

    key: str
    domain: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushItem:
    """One company to be created in the CRM.

    ``trace_id`` is stable over retries and restarts. ``fields`` are the result's own values, under
    the names in :data:`FIELD_NAMES`; the connector maps them to the CRM's. ``properties`` are extra
    CRM properties of the search, already rendered. ``sent_at`` is when it was first sent, for
    ``resolve``.
    """

    trace_id: str
    company: CompanyRef
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None


FIELD_NAMES = (
    "name",
    "domain",
    "website",
    "description",
    "full_description",
    "country",
    "state",
    "city",
    "employee_count",
    "founding_year",
    "relevance",
    "scores",
    "search",
    "query",
    "task_id",
    "task_url",
    "result_id",
    "profile_id",
    "source",
    "found_at",
)
"""Every name that a mapping or a ``properties`` template may use."""
