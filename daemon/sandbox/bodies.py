"""What the simulated Extruct accepts and answers, in the vendor's own shapes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from daemon.sandbox.chance import Draws, mix_text
from daemon.sandbox.names import spell_website
from daemon.sandbox.timeline import RowState, SimulatedTask
from daemon.sandbox.worlds import WorldCompany


class Refusal(Exception):
    """A request is answered with an error: its status and the value of ``detail``."""

    def __init__(self, status: int, detail: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CriterionBody(_Body):
    """A criterion as a client sends it."""

    key: str = Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")
    name: str = Field(min_length=1, max_length=100)
    criterion: str = Field(min_length=10, max_length=500)


class TableBody(_Body):
    """The table that results go to."""

    id: UUID
    run: bool = False
    columns: list[UUID] | None = None
    auto_import: bool = False


class TaskBody(_Body):
    """``DiscoveryTaskInput`` of the vendor's OpenAPI."""

    query: str
    desired_num_results: int = Field(default=100, ge=1)
    table: TableBody | None = None
    auto_data_sources: bool = True
    data_sources: list[Literal["web_search", "linkedin", "maps"]] | None = None
    criteria: list[CriterionBody] | None = None
    exclude_domains: list[str] | None = None
    exclude_task_ids: list[UUID] | None = Field(default=None, max_length=100)


class ResumeBody(_Body):
    """What ``/resume`` takes."""

    desired_new_results: int = Field(default=25, ge=0)


class PageQuery(BaseModel):
    """``offset`` and ``limit`` of a listing."""

    offset: int = Field(default=0, ge=0)
    limit: int | None = Field(default=None, ge=0)


def read_body(model: type[BaseModel], content: bytes) -> dict[str, Any]:
    """The checked body as plain JSON; raises :class:`Refusal` (422) as FastAPI words it."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refusal(422, [problem(["body"], "JSON decode error", "json_invalid")]) from error
    return _checked(model, value, "body")


def read_query(params: Mapping[str, str]) -> dict[str, Any]:
    """``offset`` and ``limit``; raises :class:`Refusal` (422)."""
    return _checked(PageQuery, dict(params), "query")


def _checked(model: type[BaseModel], value: object, place: str) -> dict[str, Any]:
    try:
        return model.model_validate(value).model_dump(mode="json")
    except ValidationError as error:
        problems = [
            problem([place, *each["loc"]], each["msg"], each["type"]) for each in error.errors()
        ]
        raise Refusal(422, problems) from error


def problem(loc: list[str | int], msg: str, kind: str) -> dict[str, Any]:
    """One entry of ``HTTPValidationError.detail``."""
    return {"loc": loc, "msg": msg, "type": kind}


def task_json(task: SimulatedTask, now: datetime) -> dict[str, Any]:
    """``DiscoveryTaskOutput``."""
    discovered, enriched, evaluated, visible = task.counters(now)
    return {
        "id": task.id,
        "created_at": timestamp(task.created_at),
        "status": task.status(now),
        "query": task.request["query"],
        "desired_num_results": task.shown_desired(now),
        "is_exhausted": task.is_exhausted(now),
        "num_results_discovered": discovered,
        "num_results_enriched": enriched,
        "num_results_evaluated": evaluated,
        "num_results": visible,
        "table_id": (task.request["table"] or {}).get("id"),
        "auto_data_sources": task.request["auto_data_sources"],
        "data_sources": task.request["data_sources"],
        "criteria": list(task.criteria),
        "exclude_domains": list(task.exclude_domains),
    }


def row_json(
    task: SimulatedTask, row: RowState, company: WorldCompany, *, quirks: bool
) -> dict[str, Any]:
    """``DiscoveryTaskResultOutput``; with ``quirks`` also what the vendor sends beside it."""
    draws = Draws(mix_text(row.candidate.row_id))
    website = company.website
    if company.domain is not None and draws.chance(0.5):
        website = spell_website(company.domain, draws.below(32))
    seen_at = task.created_at + timedelta(seconds=row.candidate.enriched)
    known = draws.chance(0.9)  # the profile index does not know every company
    body = {
        "id": row.candidate.row_id,
        "task_id": task.id,
        "created_at": timestamp(seen_at),
        "company_name": company.name,
        "company_description": company.description,
        "company_website": website,
        "company_profile_id": company.profile_id,
        "source": draws.choice(("web_search", "web_search", "linkedin", "maps")),
        "relevance": row.relevance,
        "scores": _scores(task, row, company, quirks=quirks),
        "founding_year": company.founding_year if known and draws.chance(0.8) else None,
        "employee_count": company.size if known else None,
        "hq_country": company.country if known else None,
        "hq_state_province": company.state if known and draws.chance(0.7) else None,
        "hq_city": company.city if known and draws.chance(0.9) else None,
        "company_full_description": company.full_description if known else None,
    }
    return {**body, **_quirks(body, draws)} if quirks else body


def _quirks(body: Mapping[str, Any], draws: Draws) -> dict[str, Any]:
    """Values outside the published schema that real replies hold, and a field nobody announced."""
    odd: dict[str, Any] = {}
    if draws.chance(0.15):
        odd["source"] = "extruct_db"
    if body["employee_count"] is not None and draws.chance(0.2):
        odd["employee_count"] = _other_spelling(body["employee_count"])
    if draws.chance(0.1):
        odd["company_logo_url"] = None
    return odd


def _other_spelling(size: str) -> str:
    if size == "10001+":
        return "SIZE_10000_PLUS"
    return "SIZE_" + size.replace("-", "_")


def _scores(
    task: SimulatedTask, row: RowState, company: WorldCompany, *, quirks: bool
) -> dict[str, Any] | None:
    if not row.scoring:
        return None
    scores: dict[str, Any] = {}
    for criterion in task.criteria:
        grade: int | None = task.grade(row.candidate, criterion["key"], row.scoring)
        text = f"{company.name} is graded {grade} of 5 on: {criterion['name']}."
        sources = [f"https://{company.domain}"] if company.domain else []
        if quirks and mix_text(f"{row.candidate.row_id}/{criterion['key']}") % 100 == 0:
            grade, text = None, "The evaluation failed."
        scores[criterion["key"]] = {"grade": grade, "explanation": text, "sources": sources}
    return scores


def timestamp(moment: datetime) -> str:
    """A moment as the vendor writes it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
