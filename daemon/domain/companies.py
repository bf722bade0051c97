"""Frozen values of the core: a company as a search found it, and as a CRM holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One criterion's grade (1 to 5; None: not graded, or grading failed)."""

    grade: int | None
    explanation: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCompany:
    """One row of a task's results, as the vendor returned it.

    ``result_id`` is the vendor's id of the row. ``scores`` is None until the row is scored.
    """

    result_id: str
    name: str
    website: str
    description: str = ""
    full_description: str | None = None
    profile_id: str | None = None
    source: str = "web_search"
    relevance: int | None = None
    scores: Mapping[str, Score] | None = None
    founding_year: int | None = None
    employee_count: str | None = None
    country: str | None = None
    state: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which company this is.

    ``key`` is unique and stable: the registered domain (``acme.com``), or with a prefix
    ``host:x.github.io``, ``profile:linkedin.com/company/x``, ``extruct:<uuid>`` or
    ``name:acme|berlin``.
    ``domain`` is the registered domain that may be sent to the vendor as an exclusion, or None.
    ``reason`` says why there is no domain.
    """

    key: str
    domain: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCompany:
    """A company that a mirror or an earlier result holds, as matching and planning see it.

    ``leads_to`` are other domains that its websites lead to.
    """

    identity: str
    domains: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    name: str = ""
    connector: str | None = None
    record_id: str | None = None
    country: str | None = None
    city: str | None = None
    profile_id: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    seen_at: datetime | None = None
