"""May a result be pushed as far as its own values go: scored, good enough, of the right kind."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from daemon.domain.companies import FoundCompany, Score
from daemon.domain.countries import normalise_country
from daemon.domain.searches import Criterion


class EligibilityKind(StrEnum):
    """What a result's own values allow."""

    ELIGIBLE = "eligible"
    WAITING = "waiting"  # not scored yet, and the task still runs
    BELOW = "below"  # below a threshold, or outside a filter, of the search


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """The answer, the rule that gave it, and the values that the rule looked at."""

    kind: EligibilityKind
    rule: str
    evidence: Mapping[str, object] = field(default_factory=dict)


_THOUSANDS: Final = re.compile(r"(?<=\d)[,.](?=\d{3}\b)")
_NUMBERS: Final = re.compile(r"\d+")
_OPEN_ENDED: Final = re.compile(r"\d\s*\+|plus|more|over|>|≥")
_RANGE_ENDS: Final = 2
_LARGEST: Final = 10_000


def normalise_size(text: str | None) -> str:
    """One spelling for a range of employees; "" for nothing.

    The vendor documents ``1-10`` as well as ``SIZE_1_10``, and ``10001+`` as well as
    ``SIZE_10000_PLUS``: each pair is the same. What is no range is folded.
    """
    if not text:
        return ""
    folded = _THOUSANDS.sub("", text.casefold().strip())
    numbers = [int(number) for number in _NUMBERS.findall(folded)]
    if len(numbers) == 1 and _OPEN_ENDED.search(folded):
        return f"{_LARGEST + 1 if numbers[0] == _LARGEST else numbers[0]}+"
    return f"{numbers[0]}-{numbers[1]}" if len(numbers) == _RANGE_ENDS else folded


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demands:
    """What a search asks of a result."""

    criteria: Sequence[Criterion]
    min_relevance: int
    countries: frozenset[str]
    sizes: frozenset[str]


def _grades(found: FoundCompany, demands: _Demands) -> Iterator[tuple[Criterion, int | None]]:
    scores: Mapping[str, Score] = found.scores or {}
    for criterion in demands.criteria:
        score = scores.get(criterion.key)
        yield criterion, None if score is None else score.grade


def _missing_values(found: FoundCompany, demands: _Demands) -> list[str]:
    """What of the scoring is not there yet, in words."""
    missing = [] if found.relevance is not None else ["relevance"]
    if found.scores is None:
        return [*missing, "scores"]
    if demands.criteria:
        return [*missing, *(one.key for one, grade in _grades(found, demands) if grade is None)]
    return [*missing, *(key for key, score in found.scores.items() if score.grade is None)]


def _check_grades(found: FoundCompany, demands: _Demands) -> Eligibility | None:
    for criterion, grade in _grades(found, demands):
        if criterion.min_grade is None or (grade is not None and grade >= criterion.min_grade):
            continue
        return _below(
            "ungraded" if grade is None else "grade",
            criterion=criterion.key,
            grade=grade,
            min_grade=criterion.min_grade,
        )
    return None


def _check_relevance(found: FoundCompany, demands: _Demands) -> Eligibility | None:
    if (found.relevance or 0) >= demands.min_relevance:
        return None
    rule = "unranked" if found.relevance is None else "relevance"
    return _below(rule, relevance=found.relevance, min_relevance=demands.min_relevance)


def _check_country(found: FoundCompany, demands: _Demands) -> Eligibility | None:
    country = normalise_country(found.country)
    if not demands.countries or country in demands.countries:
        return None
    wanted = sorted(demands.countries)
    return _below("country" if country else "country_unknown", country=found.country, wanted=wanted)


def _check_size(found: FoundCompany, demands: _Demands) -> Eligibility | None:
    size = normalise_size(found.employee_count)
    if not demands.sizes or size in demands.sizes:
        return None
    wanted = sorted(demands.sizes)
    return _below("size" if size else "size_unknown", size=found.employee_count, wanted=wanted)


def _below(rule: str, **evidence: object) -> Eligibility:
    return Eligibility(kind=EligibilityKind.BELOW, rule=rule, evidence=evidence)


_CHECKS: Final[tuple[Callable[[FoundCompany, _Demands], Eligibility | None], ...]] = (
    _check_grades,
    _check_relevance,
    _check_country,
    _check_size,
)
"""The first that objects gives the rule."""


def decide_eligibility(
    found: FoundCompany,
    *,
    criteria: Sequence[Criterion],
    min_relevance: int,
    countries: Sequence[str],
    sizes: Sequence[str],
    task_complete: bool,
) -> Eligibility:
    """Whether a result may be pushed, must wait for its scores, or falls short.

    While the task runs, only a scored row is judged: relevance present, and every criterion of the
    search graded (every score present, where the search has none). Once the task is complete no
    more scores come: a missing grade falls short of any ``min_grade``, and a missing relevance
    counts as 0. Empty ``countries`` and ``sizes`` ask nothing; an unknown value meets no filter.
    """
    demands = _Demands(
        criteria=criteria,
        min_relevance=min_relevance,
        countries=frozenset(map(normalise_country, countries)),
        sizes=frozenset(map(normalise_size, sizes)),
    )
    missing = _missing_values(found, demands)
    if missing and not task_complete:
        return Eligibility(
            kind=EligibilityKind.WAITING, rule="unscored", evidence={"missing": missing}
        )
    for check in _CHECKS:
        objection = check(found, demands)
        if objection is not None:
            return objection
    rule = "unscored_at_the_end" if missing else "scored"
    return Eligibility(
        kind=EligibilityKind.ELIGIBLE, rule=rule, evidence={"relevance": found.relevance}
    )
