"""A saved search as the core sees it; ``daemon.config`` makes it out of ``config.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PushMode(StrEnum):
    """What happens to a new company of a search."""

    AUTO = "auto"
    REVIEW = "review"  # held until a person says so
    OFF = "off"  # stored, never pushed


class WithoutDomain(StrEnum):
    """What happens to a company whose website gives no domain."""

    HOLD = "hold"
    PUSH = "push"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that the vendor grades from 1 to 5; below ``min_grade`` a result is not pushed."""

    key: str
    name: str
    criterion: str
    min_grade: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTarget:
    """The Extruct table that a task's results also go to (the vendor's ``table``)."""

    id: str
    run: bool = False
    columns: tuple[str, ...] | None = None
    auto_import: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDefinition:
    """One ``[searches.NAME]``, validated. ``schedule`` is a crontab line, "every 6h" or "once"."""

    name: str
    query: str
    desired_num_results: int = 100
    schedule: str = "once"
    timezone: str = "UTC"
    push_to: tuple[str, ...] = ()
    push: PushMode = PushMode.AUTO
    min_relevance: int = 0
    without_domain: WithoutDomain = WithoutDomain.HOLD
    exclude_domains: tuple[str, ...] = ()
    exclude_task_ids: tuple[str, ...] = ()
    auto_data_sources: bool = True
    data_sources: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    table: TableTarget | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    target: int | None = None
    min_new_share: float = 0.1
    probable: WithoutDomain = WithoutDomain.HOLD
    max_new_per_run: int | None = None
    max_new_per_day: int | None = None
    countries: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    max_results_per_run: int | None = None
    max_results_per_day: int | None = None
    max_results_per_month: int | None = None
    max_credits_per_run: float | None = None
    max_credits_per_day: float | None = None
    max_credits_per_month: float | None = None
    max_credits_per_new_company: float | None = None
