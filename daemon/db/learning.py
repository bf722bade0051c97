"""Rows of what the planner learns from: samples of its plans, what came back, fitted weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from daemon.db.planning_tables import exclusion_weights, plan_samples
from daemon.db.tables import companies, results, tasks
from daemon.domain.task_states import TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSample:
    """A candidate of a plan with its signals, in place of ``stands_for`` of its kind."""

    domain: str
    signals: tuple[float, ...]
    stands_for: float
    excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedWeights:
    """Weights and what they were fitted from; ``last_task_id`` is the newest task that counted."""

    version: int
    weights: Mapping[str, float]
    outcomes: int
    came_back: int
    last_task_id: int
    fitted_at: datetime


class LearningRows:
    """What plans came to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def weights(self) -> FittedWeights | None:
        """The weights that were fitted last."""
        row = self._connection.execute(
            select(exclusion_weights).order_by(exclusion_weights.c.version.desc()).limit(1)
        ).first()
        return None if row is None else FittedWeights(**row._mapping)  # noqa: SLF001 - the row's public mapping

    def save_weights(self, fitted: FittedWeights) -> None:
        """Keep fitted weights as the ones in force."""
        columns = FittedWeights.__slots__
        self._connection.execute(
            insert(exclusion_weights), {name: getattr(fitted, name) for name in columns}
        )

    def save_samples(self, task_id: int, samples: Sequence[PlanSample]) -> None:
        """Keep a sample of a task's plan."""
        if samples:
            self._connection.execute(
                insert(plan_samples),
                [
                    {
                        "task_id": task_id,
                        "domain": sample.domain,
                        "signals": list(sample.signals),
                        "stands_for": sample.stands_for,
                        "excluded": sample.excluded,
                    }
                    for sample in samples
                ],
            )

    def forget_samples(self, *, before_task: int) -> None:
        """Drop the samples of tasks that nobody learns from any more."""
        self._connection.execute(delete(plan_samples).where(plan_samples.c.task_id < before_task))

    def sampled_tasks(self, *, limit: int) -> list[tuple[int, int]]:
        """The newest tasks that are done and have samples: pairs of task and search."""
        sampled = (
            select(plan_samples.c.task_id).where(plan_samples.c.task_id == tasks.c.id).exists()
        )
        rows = self._connection.execute(
            select(tasks.c.id, tasks.c.search_id)
            .where(tasks.c.state == TaskState.DONE, sampled)
            .order_by(tasks.c.id.desc())
            .limit(limit)
        )
        return [(row.id, row.search_id) for row in rows]

    def newest_done_task(self) -> int:
        """The id of the newest task that is done; 0 for none."""
        newest = select(func.max(tasks.c.id)).where(tasks.c.state == TaskState.DONE)
        return int(self._connection.execute(newest).scalar() or 0)

    def samples(self, task_ids: Sequence[int]) -> list[Any]:
        """The samples of these tasks."""
        return list(
            self._connection.execute(
                select(plan_samples)
                .where(plan_samples.c.task_id.in_(task_ids))
                .order_by(plan_samples.c.task_id, plan_samples.c.domain)
            )
        )

    def domains_of_tasks(self, *, since: int) -> list[tuple[int, int, str]]:
        """What tasks from this id on returned: task, search and domain."""
        rows = self._connection.execute(
            select(tasks.c.id, tasks.c.search_id, companies.c.domain)
            .join(results, results.c.task_id == tasks.c.id)
            .join(companies, companies.c.id == results.c.company_id)
            .where(tasks.c.id >= since, companies.c.domain.is_not(None))
            .order_by(tasks.c.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]
