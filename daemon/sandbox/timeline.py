"""How a simulated Deep Search task goes on as time passes: computed from the time, not kept.

What the vendor does not document is a guess here: rows appear unscored after enrichment, are scored
later, and some are scored again, so that their order shifts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from daemon.sandbox.chance import Draws, mix_text
from daemon.sandbox.worlds import Match, uuid_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a task spends its time. ``seconds`` is the length of a run, and of each resumption."""

    seconds: float = 30.0
    rejected_share: float = 0.25
    """Of the candidates: evaluated, found wanting, never shown, never charged."""
    rescored_share: float = 0.3
    """Of the rows: scored a second time before the task is done."""
    resume_lag: float = 0.0
    """For so many seconds a resumed task shows nothing of it: done, as many asked for as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A company that a task looks at. Times are seconds after the task's creation."""

    index: int
    row_id: str
    fit: float
    accepted: bool
    discovered: float
    enriched: float
    evaluated: float
    rescored: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """A visible row at one moment. ``scoring`` counts its scorings so far; 0: not scored yet."""

    candidate: Candidate
    scoring: int
    relevance: int | None


@dataclass(slots=True, kw_only=True)
class SimulatedTask:
    """One task: what was asked, what it was resolved to, and the candidates planned for it."""

    id: str
    request: Mapping[str, Any]
    created_at: datetime
    criteria: tuple[Mapping[str, str], ...]
    exclude_domains: tuple[str, ...]
    desired: int
    ends: float = 0.0
    started: float = 0.0
    idle_until: float = 0.0
    desired_before: int = 0
    pool_empty: bool = False
    failed: float | None = None
    foreign: bool = False
    billed: int = 0
    candidates: list[Candidate] = field(default_factory=list)

    def elapsed(self, now: datetime) -> float:
        """Seconds since creation; stands still at a failure."""
        seconds = (now - self.created_at).total_seconds()
        return seconds if self.failed is None else min(seconds, self.failed)

    def status(self, now: datetime) -> str:
        """``created``, ``in_progress``, ``done`` or ``failed``."""
        seconds = (now - self.created_at).total_seconds()
        if self.failed is not None and seconds >= self.failed:
            return "failed"
        if seconds >= self.ends or seconds < self.idle_until:
            return "done"
        return "in_progress" if seconds >= self.started else "created"

    def shown_desired(self, now: datetime) -> int:
        """How many results it says it was asked for; what was added shows late."""
        idle = (now - self.created_at).total_seconds() < self.idle_until
        return self.desired_before if idle else self.desired

    def is_exhausted(self, now: datetime) -> bool:
        """The pool is used up, which is seen when all of it is discovered: long before the end."""
        seconds = self.elapsed(now)
        return self.pool_empty and all(each.discovered <= seconds for each in self.candidates)

    def counters(self, now: datetime) -> tuple[int, int, int, int]:
        """Discovered, enriched, evaluated, visible."""
        seconds = self.elapsed(now)
        return (
            sum(each.discovered <= seconds for each in self.candidates),
            sum(each.enriched <= seconds for each in self.candidates),
            sum(each.evaluated <= seconds for each in self.candidates),
            sum(each.accepted and each.enriched <= seconds for each in self.candidates),
        )

    def billable(self, now: datetime) -> int:
        """Rows to be paid for: those that were evaluated and returned."""
        seconds = self.elapsed(now)
        return sum(each.accepted and each.evaluated <= seconds for each in self.candidates)

    def rows(self, now: datetime, *, unscored_first: bool = False) -> list[RowState]:
        """What ``/results`` shows: the highest relevance first; rows without one first or last."""
        seconds = self.elapsed(now)
        visible = [
            self._row(each, seconds)
            for each in self.candidates
            if each.accepted and each.enriched <= seconds
        ]
        last = 101 if unscored_first else -1
        return sorted(
            visible,
            key=lambda row: (
                -(last if row.relevance is None else row.relevance),
                row.candidate.row_id,
            ),
        )

    def grade(self, candidate: Candidate, criterion: str, scoring: int) -> int:
        """From 1 to 5; a second scoring may see it otherwise."""
        draws = Draws(mix_text(candidate.row_id), mix_text(criterion), scoring)
        quality = (candidate.fit - 0.3) * 8 + draws.below(200) / 100
        return max(1, min(5, round(quality)))

    def _row(self, candidate: Candidate, seconds: float) -> RowState:
        if candidate.evaluated > seconds:
            return RowState(candidate=candidate, scoring=0, relevance=None)
        again = candidate.rescored is not None and candidate.rescored <= seconds
        scoring = 2 if again else 1
        grades = [self.grade(candidate, each["key"], scoring) for each in self.criteria]
        bonus = mix_text(candidate.row_id) % 5  # keeps rows of equal grades apart, as scores would
        relevance = max(0, round(sum(grades) / len(grades) * 20) - bonus)
        return RowState(candidate=candidate, scoring=scoring, relevance=relevance)


def plan_run(
    task: SimulatedTask,
    matches: Iterable[Match],
    *,
    wanted: int,
    at: datetime,
    pace: Pace,
    excluded: Callable[[int], bool],
) -> None:
    """Give the task the candidates of one run that starts at ``at``: until ``wanted`` are accepted.

    Companies that the task looked at before, and those that ``excluded`` names, are passed over.
    """
    begun = (at - task.created_at).total_seconds()
    if task.candidates:
        task.desired_before = task.desired - wanted
        task.idle_until = begun = begun + pace.resume_lag
    looked_at = {each.index for each in task.candidates}
    chosen: list[tuple[Match, bool]] = []
    accepted = 0
    task.pool_empty = True
    for match in matches:
        if accepted >= wanted:
            task.pool_empty = False
            break
        if match.index not in looked_at and not excluded(match.index):
            good = not _draws(task, match, "rejected").chance(pace.rejected_share)
            chosen.append((match, good))
            accepted += good
    task.started = begun + 0.05 * pace.seconds if not task.candidates else task.started
    task.ends = begun + pace.seconds
    task.candidates.extend(
        _candidate(task, match, good, begun=begun, part=(place + 1) / len(chosen), pace=pace)
        for place, (match, good) in enumerate(chosen)
    )


def _candidate(
    task: SimulatedTask, match: Match, accepted: bool, *, begun: float, part: float, pace: Pace
) -> Candidate:
    draws = _draws(task, match, "times")
    discovered = 0.05 + 0.4 * part
    enriched = discovered + 0.05 + 0.1 * draws.below(100) / 100
    evaluated = enriched + 0.05 + 0.2 * draws.below(100) / 100
    rescored = evaluated + (0.97 - evaluated) * draws.below(100) / 100
    again = accepted and draws.chance(pace.rescored_share)
    return Candidate(
        index=match.index,
        row_id=uuid_of(draws.number(), draws.number()),
        fit=match.fit,
        accepted=accepted,
        discovered=begun + discovered * pace.seconds,
        enriched=begun + enriched * pace.seconds,
        evaluated=begun + evaluated * pace.seconds,
        rescored=begun + rescored * pace.seconds if again else None,
    )


def _draws(task: SimulatedTask, match: Match, what: str) -> Draws:
    return Draws(mix_text(task.id), match.index, mix_text(what))


def fail_midway(task: SimulatedTask, *, share: float = 0.4) -> None:
    """Let the task fail after this share of its time; what it has shown by then stays."""
    task.failed = task.ends * share


def fail_now(task: SimulatedTask, now: datetime) -> None:
    """Let the task fail at this moment."""
    task.failed = (now - task.created_at) / timedelta(seconds=1)
