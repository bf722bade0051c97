"""Fit the planner's weights anew when further tasks have shown what comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from daemon.config.definitions import definition_from_json
from daemon.db.learning import FittedWeights
from daemon.db.store import Transaction
from daemon.domain.exclusions import ExclusionWeights
from daemon.domain.query_terms import search_likeness
from daemon.domain.weights import FitPolicy, Outcome, fit_weights, is_enough
from daemon.services.context import ServiceContext
from daemon.services.gather_candidates import SIMILAR

TASKS_BACK = 40
"""The newest so many tasks are learned from; samples of older ones are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnResult:
    """How many outcomes there are, and the version of the weights fitted from them; 0: none."""

    outcomes: int = 0
    version: int = 0


def learn_weights(context: ServiceContext, *, policy: FitPolicy | None = None) -> LearnResult:
    """Fit the weights if a task has ended since they were fitted last and enough is known."""
    policy = policy or FitPolicy()
    with context.store.reading(now=context.now()) as unit:
        before = unit.learning.weights()
        newest = unit.learning.newest_done_task()
        if newest == 0 or (before is not None and before.last_task_id >= newest):
            return LearnResult()
        sampled = unit.learning.sampled_tasks(limit=TASKS_BACK)
        outcomes = list(_outcomes(unit, dict(sampled))) if sampled else []
    if not is_enough(outcomes, policy):
        return LearnResult(outcomes=len(outcomes))
    fitted = FittedWeights(
        version=(before.version if before else 0) + 1,
        weights=asdict(fit_weights(outcomes, ExclusionWeights(), policy)),
        outcomes=len(outcomes),
        came_back=sum(outcome.came_back for outcome in outcomes),
        last_task_id=newest,
        fitted_at=context.now(),
    )
    with context.store.transaction("weights.fitted", now=context.now()) as unit:
        if (unit.learning.weights() or before) != before:
            return LearnResult(outcomes=len(outcomes))  # another replica was faster
        unit.learning.save_weights(fitted)
        unit.learning.forget_samples(before_task=min(task for task, _ in sampled))
        unit.audit.write(
            "weights.fitted",
            version=fitted.version,
            outcomes=fitted.outcomes,
            came_back=fitted.came_back,
            weights={name: round(value, 3) for name, value in fitted.weights.items()},
        )
    return LearnResult(outcomes=len(outcomes), version=fitted.version)


def _outcomes(unit: Transaction, sampled: Mapping[int, int]) -> Iterator[Outcome]:
    """What became of the samples.

    One that was left out came back or did not. One that was excluded could not: later tasks of
    similar searches, which did not exclude it, tell in its place.
    """
    returned: dict[int, set[str]] = {}
    search_of = dict(sampled)
    for task, search, domain in unit.learning.domains_of_tasks(since=min(sampled)):
        returned.setdefault(task, set()).add(domain)
        search_of[task] = search
    excluded = {task: unit.spending.exclusions_of(task) for task in search_of}
    alike = _similar_pairs(unit, set(search_of.values()))
    for sample in unit.learning.samples(list(sampled)):
        signals = tuple(float(value) for value in sample.signals)
        if not sample.excluded:
            came_back = sample.domain in returned.get(sample.task_id, ())
            yield Outcome(signals=signals, came_back=came_back, stands_for=sample.stands_for)
            continue
        witnesses = [
            task
            for task, search in search_of.items()
            if task > sample.task_id
            and (search, search_of[sample.task_id]) in alike
            and sample.domain not in excluded[task]
        ]
        if witnesses:
            came_back = any(sample.domain in returned.get(task, ()) for task in witnesses)
            yield Outcome(signals=signals, came_back=came_back, stands_for=sample.stands_for)


def _similar_pairs(unit: Transaction, searches: set[int]) -> set[tuple[int, int]]:
    definitions: dict[int, Any] = {
        search: definition_from_json(unit.searches.by_id(search).definition) for search in searches
    }
    return {
        (one, other)
        for one in searches
        for other in searches
        if one != other and search_likeness(definitions[one], definitions[other]) >= 2 * SIMILAR
    }
