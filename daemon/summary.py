"""What a pass came to, in the numbers that a person asks for."""

from dataclasses import asdict, dataclass
from typing import Any

from daemon.db.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Totals over the whole store.

    ``credits_saved`` counts excluded domains that an earlier or other task had returned, which the
    vendor would have been paid for again: what can be proved, so a lower bound.
    """

    found: int
    known: int
    seen_twice: int
    below: int
    held: int
    pushed: int
    duplicates_prevented: int
    exclusions_sent: int
    credits_saved: int
    audit_rows: int

    def as_dict(self) -> dict[str, Any]:
        """The shape that ``--json`` prints."""
        return asdict(self)


def summarise(unit: Transaction) -> Summary:
    """Count what the store holds."""
    decided = unit.summary.decisions()
    known = decided.get("known_crm", 0)
    seen_twice = decided.get("known_search", 0)
    return Summary(
        found=unit.summary.found(),
        known=known,
        seen_twice=seen_twice,
        below=decided.get("below", 0),
        held=sum(unit.pushes.held_by_reason().values()),
        pushed=unit.summary.created(),
        duplicates_prevented=known + seen_twice + unit.summary.existed(),
        exclusions_sent=unit.summary.exclusions(),
        credits_saved=unit.summary.excluded_returns(),
        audit_rows=unit.summary.audit_rows(),
    )
