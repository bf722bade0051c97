"""Fit the planner's weights from what came back: a small regularised logistic regression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.domain.exclusions import SIGNALS, ExclusionWeights, probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether a domain came back, or would have.

    ``signals`` are in the order of :data:`~daemon.domain.exclusions.SIGNALS`; ``stands_for`` is how
    many domains this one was drawn from, since not all are kept.
    """

    signals: tuple[float, ...]
    came_back: bool
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPolicy:
    """When there is enough to learn from, and how far the weights may move from where they began.

    ``pull`` is how strongly a weight is drawn back to its start: so many outcomes' worth.
    """

    least_outcomes: int = 300
    least_came_back: int = 15
    pull: float = 4.0
    steps: int = 25
    longest_step: float = 3.0


_TOLERANCE: Final = 1e-6
_NEVER_NEGATIVE: Final = frozenset({"returned", "similar", "likeness", "kinship"})
"""Signals that cannot speak against a domain, whatever a few odd outcomes say."""


def is_enough(outcomes: Sequence[Outcome], policy: FitPolicy) -> bool:
    """Whether so many outcomes say more than the weights of the program."""
    came_back = sum(outcome.came_back for outcome in outcomes)
    return len(outcomes) >= policy.least_outcomes and came_back >= policy.least_came_back


def fit_weights(
    outcomes: Sequence[Outcome],
    start: ExclusionWeights,
    policy: FitPolicy | None = None,
) -> ExclusionWeights:
    """The weights under which the outcomes are likeliest, drawn towards ``start``.

    Newton's method on the log-likelihood with a Gaussian prior around ``start``; the same outcomes
    give the same weights, in whatever order. Without outcomes, ``start`` itself.
    """
    policy = policy or FitPolicy()
    origin = [float(getattr(start, name)) for name in SIGNALS]
    weights = list(origin)
    ordered = sorted(outcomes, key=lambda one: (one.signals, one.came_back, one.stands_for))
    for _ in range(policy.steps):
        gradient, curvature = _slope(ordered, weights, origin, policy.pull)
        step = _solve(curvature, gradient)
        longest = max(map(abs, step))
        scale = min(1.0, policy.longest_step / longest) if longest else 1.0
        weights = [weight + scale * part for weight, part in zip(weights, step, strict=True)]
        if longest < _TOLERANCE:
            break
    return ExclusionWeights(
        **{
            name: max(weight, 0.0) if name in _NEVER_NEGATIVE else weight
            for name, weight in zip(SIGNALS, weights, strict=True)
        }
    )


def _slope(
    outcomes: Sequence[Outcome], weights: Sequence[float], origin: Sequence[float], pull: float
) -> tuple[list[float], list[list[float]]]:
    """The gradient of the log-likelihood, and its curvature with the sign turned."""
    size = len(weights)
    gradient = [pull * (origin[at] - weights[at]) for at in range(size)]
    curvature = [[pull if row == column else 0.0 for column in range(size)] for row in range(size)]
    for outcome in outcomes:
        signals = outcome.signals
        chance = probability(sum(w * x for w, x in zip(weights, signals, strict=True)))
        error = outcome.stands_for * (outcome.came_back - chance)
        spread = outcome.stands_for * chance * (1 - chance)
        for row in range(size):
            if signals[row]:
                gradient[row] += error * signals[row]
                for column in range(size):
                    curvature[row][column] += spread * signals[row] * signals[column]
    return gradient, curvature


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Gaussian elimination; the matrix is positive definite, since the prior is on its diagonal."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            rows[below] = [b - factor * a for b, a in zip(rows[below], rows[at], strict=True)]
    solution = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][column] * solution[column] for column in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution
