"""What is kept of a result that is old: all that matching and reports read, none of the prose."""

from collections.abc import Mapping
from typing import Any

KEPT = (
    "id",
    "task_id",
    "created_at",
    "company_name",
    "company_website",
    "company_profile_id",
    "source",
    "relevance",
    "founding_year",
    "employee_count",
    "hq_country",
    "hq_state_province",
    "hq_city",
)


def reduce_row(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The row without descriptions, explanations and sources; it is read like a whole one."""
    kept = {name: raw[name] for name in KEPT if name in raw}
    if "scores" in raw:
        kept["scores"] = _grades(raw["scores"])
    return kept


def _grades(scores: Any) -> Any:
    if not isinstance(scores, dict):
        return scores
    return {
        key: {"grade": score.get("grade")} if isinstance(score, dict) else score
        for key, score in scores.items()
    }
