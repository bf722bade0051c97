"""What was paid for, by search and month, and how much of it was of use."""

from collections.abc import Iterable
from typing import Any

from daemon.db.results import NEW_KINDS
from daemon.db.store import Transaction
from daemon.domain.waste import KNOWN_KINDS, KnownResult, MonthOfSearch, why_wasted


def report_spending(unit: Transaction, *, search: str | None = None) -> list[MonthOfSearch]:
    """Every month in which a search had a task, the newest first."""
    months: dict[tuple[str, str], MonthOfSearch] = {}
    for task in unit.spending.tasks(search=search):
        key = (f"{task.created_at:%Y-%m}", task.search)
        month = months.setdefault(key, MonthOfSearch(search=task.search, month=key[0]))
        paid_before = month.paid
        _add_results(unit, task, month)
        # A task cannot have wasted more than it returned, whatever its exclusions promised.
        month.saved += min(float(task.expected_hits), float(month.paid - paid_before))
    return [months[key] for key in sorted(months, key=lambda key: (key[0], key[1]), reverse=True)]


def _add_results(unit: Transaction, task: Any, month: MonthOfSearch) -> None:
    excluded = unit.spending.exclusions_of(task.id)
    by_result: dict[int, list[Any]] = {}
    for row in unit.spending.decided(task.id):
        by_result.setdefault(row.id, []).append(row)
    for rows in by_result.values():
        month.paid += 1
        kinds = {row.kind for row in rows}
        if kinds & set(NEW_KINDS):
            month.new += 1
        elif known := next((row for row in rows if row.kind in KNOWN_KINDS), None):
            why = why_wasted(_known(known, task), planned_at=task.created_at, excluded=excluded)
            month.wasted[why] = month.wasted.get(why, 0) + 1
        elif "below" in kinds:
            month.below += 1


def _known(row: Any, task: Any) -> KnownResult:
    since = row.record_seen_at
    if since is None and row.company_seen_at < task.created_at:
        since = row.company_seen_at
    others: Iterable[str] = row.record_domains or ()
    return KnownResult(
        domain=row.domain, rule=row.rule, known_since=since, other_domains=tuple(others)
    )
