"""The values of a found company, under the names that mappings and templates use."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from connectors.sdk.mapping import Template, as_text
from connectors.sdk.records import FieldValue
from daemon.domain.companies import FoundCompany, Identity, Score
from daemon.domain.searches import SearchDefinition


def push_fields(
    found: FoundCompany,
    identity: Identity,
    definition: SearchDefinition,
    *,
    task_id: str,
    app_url: str,
    found_at: datetime,
) -> dict[str, FieldValue]:
    """Everything that a connector may map, by :data:`connectors.sdk.records.FIELD_NAMES`."""
    return {
        "name": found.name,
        "domain": identity.domain,
        "website": found.website,
        "description": found.description,
        "full_description": found.full_description,
        "country": found.country,
        "state": found.state,
        "city": found.city,
        "employee_count": found.employee_count,
        "founding_year": found.founding_year,
        "relevance": found.relevance,
        "scores": _scores(found.scores),
        "search": definition.name,
        "query": definition.query,
        "task_id": task_id,
        "task_url": f"{app_url}/tasks/{task_id}",
        "result_id": found.result_id,
        "profile_id": found.profile_id,
        "source": found.source,
        "found_at": found_at.isoformat(),
    }


def push_properties(
    definition: SearchDefinition, fields: Mapping[str, FieldValue]
) -> dict[str, str]:
    """The search's own extra properties, rendered; one that renders to nothing is left out."""
    rendered = {
        name: Template.parse(text).render(fields) for name, text in definition.properties.items()
    }
    return {name: as_text(value) for name, value in rendered.items() if value is not None}


def trace_id(connector: str, company_key: str) -> str:
    """The name of a push, the same for ever: one company, one connector, one push."""
    digest = hashlib.sha256(f"{connector}\n{company_key}".encode()).hexdigest()
    return f"push_{digest[:40]}"


def _scores(scores: Mapping[str, Score] | None) -> str | None:
    if not scores:
        return None
    graded = ((key, score.grade) for key, score in sorted(scores.items()))
    return ", ".join(f"{key} {'-' if grade is None else grade}" for key, grade in graded)
