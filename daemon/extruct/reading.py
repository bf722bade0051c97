"""Reading Extruct's JSON into values; pure, and lenient.

A field that cannot be read is left empty and named, and only an entry without an id is no value:
one odd row must not hide the others, which are paid for.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from daemon.domain.companies import FoundCompany, Score
from daemon.domain.searches import Criterion
from daemon.extruct.payloads import Account, MalformedRow, ResultRow, ResultsPage, TaskSnapshot

_SIZE_PREFIX = "SIZE_"
_HIGHEST_GRADE = 5
_SNAPSHOT_FIELDS = frozenset(
    {
        "id",
        "created_at",
        "status",
        "query",
        "desired_num_results",
        "is_exhausted",
        "num_results_discovered",
        "num_results_enriched",
        "num_results_evaluated",
        "num_results",
        "table_id",
        "auto_data_sources",
        "data_sources",
        "criteria",
        "exclude_domains",
        "results",
    }
)
_LARGEST_WHOLE = 2**31 - 1  # what an integer column of every store takes


class Unreadable(ValueError):
    """A reply is not what the contract says, so far that nothing can be made of it."""


def parse_task(value: object) -> TaskSnapshot:
    """A task out of its JSON object.

    Raises:
        Unreadable: it is no object, or has no id.
    """
    if not isinstance(value, dict):
        raise Unreadable("a task is not a JSON object")
    task_id = _text(value.get("id"))
    if not task_id:
        raise Unreadable("a task has no id")
    return TaskSnapshot(
        id=task_id,
        status=_text(value.get("status")) or "",
        created_at=parse_time(value.get("created_at")),
        query=_text(value.get("query")) or "",
        desired_num_results=_count(value.get("desired_num_results")),
        is_exhausted=value.get("is_exhausted") is True,
        discovered=_count(value.get("num_results_discovered")),
        enriched=_count(value.get("num_results_enriched")),
        evaluated=_count(value.get("num_results_evaluated")),
        results=_count(value.get("num_results")),
        table_id=_text(value.get("table_id")),
        auto_data_sources=value.get("auto_data_sources") is not False,
        data_sources=_texts(value.get("data_sources")),
        criteria=_criteria(value.get("criteria")),
        exclude_domains=_texts(value.get("exclude_domains")) or (),
        extras={key: value[key] for key in value.keys() - _SNAPSHOT_FIELDS},
    )


def parse_results(value: object) -> ResultsPage:
    """A page of results out of its JSON object.

    Raises:
        Unreadable: it is no task, or holds no list of results.
    """
    snapshot = parse_task(value)
    entries = value.get("results") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise Unreadable("a page of results holds no list of results")
    rows: list[ResultRow] = []
    malformed: list[MalformedRow] = []
    for position, entry in enumerate(entries):
        row = parse_row(entry)
        if isinstance(row, str):
            malformed.append(MalformedRow(position=position, reason=row))
        else:
            rows.append(row)
    return ResultsPage(snapshot=snapshot, rows=tuple(rows), malformed=tuple(malformed))


def parse_row(entry: object) -> ResultRow | str:
    """One row of results, or the reason why the entry is none."""
    if not isinstance(entry, dict):
        return f"not a JSON object but {type(entry).__name__}"
    result_id = _text(entry.get("id"))
    if not result_id:
        return "no id"
    odd: list[str] = []
    company = FoundCompany(
        result_id=result_id,
        name=_kept_text(entry, "company_name", odd) or "",
        website=_kept_text(entry, "company_website", odd) or "",
        description=_kept_text(entry, "company_description", odd) or "",
        full_description=_kept_text(entry, "company_full_description", odd),
        profile_id=_kept_text(entry, "company_profile_id", odd),
        source=_kept_text(entry, "source", odd) or "web_search",
        relevance=_kept_whole(entry, "relevance", odd),
        scores=_scores(entry, odd),
        founding_year=_kept_whole(entry, "founding_year", odd),
        employee_count=normalise_size(_kept_text(entry, "employee_count", odd)),
        country=_kept_text(entry, "hq_country", odd),
        state=_kept_text(entry, "hq_state_province", odd),
        city=_kept_text(entry, "hq_city", odd),
    )
    return ResultRow(
        company=company,
        raw=entry,
        task_id=_text(entry.get("task_id")),
        created_at=parse_time(entry.get("created_at")),
        unreadable=tuple(odd),
    )


def parse_account(value: object) -> Account:
    """The reply of ``/v1/user``.

    Raises:
        Unreadable: it is no JSON object.
    """
    if not isinstance(value, dict):
        raise Unreadable("the account is not a JSON object")
    return Account(
        available_credits=_number(value.get("available_credits")),
        user_id=_text(value.get("user_id")),
        email=_text(value.get("email")),
        organization_id=_text(value.get("organization_id")),
        organization_name=_text(value.get("organization_name")),
        organization_slug=_text(value.get("organization_slug")),
    )


def normalise_size(value: str | None) -> str | None:
    """One spelling for the vendor's two: ``SIZE_51_200`` is ``51-200``; the unknown is kept."""
    if value is None or not value.startswith(_SIZE_PREFIX):
        return value
    bounds = value.removeprefix(_SIZE_PREFIX)
    if bounds in {"10000_PLUS", "10001_PLUS"}:
        return "10001+"
    low, _, high = bounds.partition("_")
    return f"{low}-{high}" if low.isdecimal() and high.isdecimal() else value


def parse_time(value: object) -> datetime | None:
    """A moment in aware UTC; a text without an offset is UTC already; None if it is no moment."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _scores(entry: Mapping[str, Any], odd: list[str]) -> dict[str, Score] | None:
    given = entry.get("scores")
    if given is None:
        return None
    if not isinstance(given, dict):
        odd.append("scores")
        return None
    scores: dict[str, Score] = {}
    for key, value in given.items():
        if isinstance(value, dict):
            scores[key] = _score(key, value, odd)
        else:
            scores[key] = Score(grade=None)
            if value is not None:
                odd.append(f"scores.{key}")
    return scores


def _score(key: str, value: Mapping[str, Any], odd: list[str]) -> Score:
    grade = _whole(value.get("grade"))
    if value.get("grade") is not None and (grade is None or not 1 <= grade <= _HIGHEST_GRADE):
        odd.append(f"scores.{key}.grade")
        grade = None
    return Score(
        grade=grade,
        explanation=_text(value.get("explanation")),
        sources=_texts(value.get("sources")) or (),
    )


def _criteria(value: object) -> tuple[Criterion, ...]:
    if not isinstance(value, list):
        return ()
    entries = [entry for entry in value if isinstance(entry, dict)]
    return tuple(
        Criterion(
            key=_text(entry.get("key")) or "",
            name=_text(entry.get("name")) or "",
            criterion=_text(entry.get("criterion")) or "",
        )
        for entry in entries
    )


def _kept_text(entry: Mapping[str, Any], name: str, odd: list[str]) -> str | None:
    value = entry.get(name)
    if value is None or isinstance(value, str):
        return value
    odd.append(name)
    return None


def _kept_whole(entry: Mapping[str, Any], name: str, odd: list[str]) -> int | None:
    value = _whole(entry.get(name))
    if value is None and entry.get(name) is not None:
        odd.append(name)
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _whole(value: object) -> int | None:
    """A whole number that a store can hold; a fraction is rounded, a truth value is none."""
    number = _number(value)
    if number is None or abs(number) > _LARGEST_WHOLE:
        return None
    return round(number)


def _count(value: object) -> int:
    return max(_whole(value) or 0, 0)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(entry for entry in value if isinstance(entry, str))


def strip_nul(value: Any) -> Any:
    """The same JSON value without NUL characters, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [strip_nul(entry) for entry in value]
    if isinstance(value, dict):
        return {strip_nul(key): strip_nul(entry) for key, entry in value.items()}
    return value
