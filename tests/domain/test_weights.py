"""Weights are fitted from what came back."""

import random

import pytest

from daemon.domain.exclusions import ExclusionWeights, probability
from daemon.domain.weights import FitPolicy, Outcome, fit_weights, is_enough


def _drawn(true: tuple[float, ...], number: int, seed: int = 3) -> list[Outcome]:
    chance = random.Random(seed)
    made = []
    for _ in range(number):
        signals = (1.0, 0.0, float(chance.random() < 0.2), chance.random(), 0.0, 0.0, 0.0)
        odds = sum(w * x for w, x in zip(true, signals, strict=True))
        made.append(Outcome(signals=signals, came_back=chance.random() < probability(odds)))
    return made


def test_the_weights_that_made_the_outcomes_are_found() -> None:
    """With many outcomes, the start no longer matters."""
    true = (-4.0, 0.0, 1.5, 6.0, 0.0, 0.0, 0.0)
    fitted = fit_weights(_drawn(true, 8000), ExclusionWeights())
    assert fitted.bias == pytest.approx(-4.0, abs=0.5)
    assert fitted.similar == pytest.approx(1.5, abs=0.4)
    assert fitted.likeness == pytest.approx(6.0, abs=0.7)


def test_what_no_outcome_tells_stays_as_it_was() -> None:
    """A signal that never occurred keeps the weight that it began with."""
    start = ExclusionWeights()
    fitted = fit_weights(_drawn((-4.0, 0.0, 1.5, 6.0, 0.0, 0.0, 0.0), 500), start)
    assert fitted.returned == pytest.approx(start.returned)
    assert fitted.prior == pytest.approx(start.prior)


def test_without_outcomes_nothing_is_learned() -> None:
    """The start itself comes back."""
    assert fit_weights([], ExclusionWeights()) == ExclusionWeights()


def test_the_order_of_the_outcomes_does_not_matter() -> None:
    """The same outcomes give the same weights to the last bit."""
    outcomes = _drawn((-3.0, 0.0, 1.0, 4.0, 0.0, 0.0, 0.0), 400)
    shuffled = list(outcomes)
    random.Random(9).shuffle(shuffled)
    assert fit_weights(outcomes, ExclusionWeights()) == fit_weights(shuffled, ExclusionWeights())


def test_extreme_outcomes_give_finite_weights() -> None:
    """Where everything came back, the weights grow no further than the pull lets them."""
    outcomes = [Outcome(signals=(1.0, 8.0, 8.0, 1.0, 1.0, 1.0, 1.0), came_back=True)] * 500
    fitted = fit_weights(outcomes, ExclusionWeights())
    assert abs(fitted.bias) < 50


def test_no_signal_ever_speaks_against_a_domain() -> None:
    """A few odd outcomes cannot turn likeness into a reason to send something else."""
    outcomes = [
        Outcome(signals=(1.0, 0.0, 0.0, place / 100, 0.0, 0.0, 0.0), came_back=place < 20)
        for place in range(100)
    ]
    assert fit_weights(outcomes, ExclusionWeights(), FitPolicy(pull=0.01)).likeness == 0.0


def test_a_handful_of_outcomes_is_not_enough() -> None:
    """Few outcomes, or few that came back, leave the program's own weights in force."""
    policy = FitPolicy(least_outcomes=100, least_came_back=10)
    no = Outcome(signals=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), came_back=False)
    yes = Outcome(signals=(1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), came_back=True)
    assert not is_enough([no] * 99, policy)
    assert not is_enough([no] * 200 + [yes] * 9, policy)
    assert is_enough([no] * 90 + [yes] * 10, policy)
