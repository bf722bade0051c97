"""Why a known company was paid for once more, and what a month of a search came to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Waste(StrEnum):
    """Why a result was a known company."""

    BEYOND_CAP = "beyond_cap"  # it was known, and the cap left no room for it
    ALIAS = "alias"  # it was excluded, or known, under another domain or name
    ADDED_MEANWHILE = "added_meanwhile"  # it became known after the task was planned
    NOT_HEEDED = "not_heeded"  # it was excluded and returned all the same


KNOWN_KINDS = frozenset({"known_crm", "known_search", "excluded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResult:
    """A result that was a known company. ``known_since`` is None where nobody can tell any more."""

    domain: str | None
    rule: str
    known_since: datetime | None
    other_domains: Collection[str] = ()


def why_wasted(result: KnownResult, *, planned_at: datetime, excluded: Collection[str]) -> Waste:
    """Why the exclusions of a task did not keep this result away."""
    if result.domain is not None and result.domain in excluded:
        return Waste.NOT_HEEDED
    if result.known_since is not None and result.known_since > planned_at:
        return Waste.ADDED_MEANWHILE
    if any(domain in excluded for domain in result.other_domains):
        return Waste.ALIAS
    held_under = result.domain in result.other_domains or not result.other_domains
    return Waste.BEYOND_CAP if held_under and result.domain is not None else Waste.ALIAS


@dataclass(slots=True, kw_only=True)
class MonthOfSearch:
    """What a search cost in a month, in results; ``saved`` is an estimate."""

    search: str
    month: str
    paid: int = 0
    new: int = 0
    below: int = 0
    wasted: dict[str, int] = field(default_factory=dict)
    saved: float = 0.0

    def as_dict(self, cost: float | None) -> Mapping[str, object]:
        """The shape that ``--json`` prints; credits are None while no cost was learned."""
        spent = None if cost is None else round(self.paid * cost, 2)
        return {
            "search": self.search,
            "month": self.month,
            "paid": self.paid,
            "new": self.new,
            "below": self.below,
            "wasted": sum(self.wasted.values()),
            "why": dict(sorted(self.wasted.items())),
            "credits": spent,
            "credits_per_new": None
            if spent is None or not self.new
            else round(spent / self.new, 2),
            "saved_results": round(self.saved),
            "saved_credits": None if cost is None else round(self.saved * cost, 2),
        }
