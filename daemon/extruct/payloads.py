"""What goes to Extruct and what comes back, as frozen values; unknown fields are kept, not refused.

Source of the fields: the vendor's OpenAPI of ``/v1/discovery_tasks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from daemon.domain.companies import FoundCompany
from daemon.domain.searches import Criterion, TableTarget

TERMINAL_STATUSES = frozenset({"done", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """Everything that a new Deep Search task can be told. ``min_grade`` of a criterion stays here.

    ``exclude_domains`` and the visible results of ``exclude_task_ids`` count together against the
    vendor's cap.
    """

    query: str
    desired_num_results: int = 100
    table: TableTarget | None = None
    auto_data_sources: bool = True
    data_sources: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    exclude_domains: tuple[str, ...] = ()
    exclude_task_ids: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The body of the create call; what is empty is left out."""
        body: dict[str, Any] = {
            "query": self.query,
            "desired_num_results": self.desired_num_results,
            "auto_data_sources": self.auto_data_sources,
        }
        if self.table is not None:
            body["table"] = _table_json(self.table)
        if self.data_sources is not None:
            body["data_sources"] = list(self.data_sources)
        if self.criteria:
            body["criteria"] = [
                {"key": one.key, "name": one.name, "criterion": one.criterion}
                for one in self.criteria
            ]
        if self.exclude_domains:
            body["exclude_domains"] = list(self.exclude_domains)
        if self.exclude_task_ids:
            body["exclude_task_ids"] = list(self.exclude_task_ids)
        return body


def _table_json(table: TableTarget) -> dict[str, Any]:
    body: dict[str, Any] = {"id": table.id, "run": table.run, "auto_import": table.auto_import}
    if table.columns is not None:
        body["columns"] = list(table.columns)
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnapshot:
    """A task as the vendor described it at one moment.

    ``status`` is the vendor's own word, unknown ones included. ``exclude_domains`` is the frozen
    set that the server really uses. ``extras`` holds the fields that this version does not know.
    ``created_at`` is None where the vendor sent none that can be read.
    """

    id: str
    status: str
    created_at: datetime | None = None
    query: str = ""
    desired_num_results: int = 0
    is_exhausted: bool = False
    discovered: int = 0
    enriched: int = 0
    evaluated: int = 0
    results: int = 0
    table_id: str | None = None
    auto_data_sources: bool = True
    data_sources: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    exclude_domains: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_terminal(self) -> bool:
        """Whether the task has ended. ``is_exhausted`` does not say so: evaluation goes on."""
        return self.status in TERMINAL_STATUSES

    @property
    def counters(self) -> tuple[int, int, int, int]:
        """Discovered, enriched, evaluated, visible results: when it moved, pages changed."""
        return self.discovered, self.enriched, self.evaluated, self.results


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One row of results. ``raw`` is the whole of it as it came.

    ``unreadable`` names the fields whose value made no sense and was left out of ``company``.
    """

    company: FoundCompany
    raw: Mapping[str, Any]
    task_id: str | None = None
    created_at: datetime | None = None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedRow:
    """An entry of the results that is no row at all: not an object, or without an id."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    """One page of results, with the task as it was when the page was read.

    ``received`` is the number of entries that came, malformed ones too: the next page starts that
    much further on. Zero is the end.
    """

    snapshot: TaskSnapshot
    rows: tuple[ResultRow, ...]
    malformed: tuple[MalformedRow, ...] = ()

    @property
    def received(self) -> int:
        """How many entries the vendor sent."""
        return len(self.rows) + len(self.malformed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose token it is, and what is left to spend (None: the vendor did not say)."""

    available_credits: float | None
    user_id: str | None = None
    email: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None
    organization_slug: str | None = None
