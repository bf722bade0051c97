"""Put together what the store knows for the plan of one task, and plan it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daemon.db.learning import PlanSample
from daemon.db.store import Transaction
from daemon.domain.exclusions import (
    SIGNALS,
    Candidate,
    ExclusionPlan,
    ExclusionPolicy,
    ExclusionWeights,
    plan_exclusions,
    probability_of,
    signals_of,
)
from daemon.domain.query_terms import Term
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import WHOLE
from daemon.services.gather_candidates import HALF_LIFE, Gathering


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what it was made from.

    ``expected_misses`` is how many of the candidates that the cap leaves out would come back;
    ``learned`` is how many companies this search and similar ones returned before.
    """

    plan: ExclusionPlan
    candidates: Sequence[Candidate]
    policy: ExclusionPolicy
    terms: Sequence[Term]
    similar: Mapping[int, float]
    mirrored: int
    learned: int
    weights_version: int

    @property
    def expected_misses(self) -> float:
        """How many known companies would be expected to come back all the same."""
        chosen = set(self.plan.domains)
        return sum(
            probability_of(candidate, self.policy)
            for candidate in self.candidates
            if candidate.domain not in chosen
        )


def plan_task(
    unit: Transaction,
    search_id: int,
    definition: SearchDefinition,
    *,
    cap: int,
    refused: frozenset[str] = frozenset(),
    segment: str = WHOLE,
) -> Planned:
    """The exclusions for the next task of a search, or of one of its segments; reads only.

    ``refused`` are domains that need not be sent, beside those that the vendor refused: nothing is
    expected or learned of them.
    """
    fitted = unit.learning.weights()
    policy = ExclusionPolicy(
        now=unit.now,
        cap=cap,
        weights=weights_of(fitted.weights if fitted else None),
        refused=unit.tasks.refused_domains() | refused,
        half_life=HALF_LIFE,
    )
    gathered = Gathering(
        unit, search_id, definition, cap=cap, weights=policy.weights, segment=segment
    )
    gathered.gather()
    candidates = gathered.candidates(without=refused)
    return Planned(
        plan=plan_exclusions(candidates, policy=policy),
        candidates=candidates,
        policy=policy,
        terms=gathered.terms,
        similar=gathered.similar,
        mirrored=unit.planning.mirrored(definition.push_to),
        learned=gathered.learned,
        weights_version=fitted.version if fitted else 0,
    )


def weights_of(stored: Mapping[str, float] | None) -> ExclusionWeights:
    """Stored weights, as far as this program knows them; its own for the rest."""
    if stored is None:
        return ExclusionWeights()
    return ExclusionWeights(**{name: stored[name] for name in SIGNALS if name in stored})


def samples_of(planned: Planned, *, first: int = 400, rest: int = 300) -> list[PlanSample]:
    """Candidates of a plan to learn from: those in it, and those that the cap left out.

    Of those left out, the ``first`` are all kept, since what comes back is mostly among them; the
    others stand for their neighbours in rank.
    """
    chosen = set(planned.plan.domains)
    scored = [
        (-probability_of(one, planned.policy), one.domain, one)
        for one in planned.candidates
        if not one.own_list and not one.elsewhere  # of these only the country is judged
    ]
    ranked = [one for _, _, one in sorted(scored, key=lambda pair: pair[:2])]
    inside = [one for one in ranked if one.domain in chosen]
    outside = [one for one in ranked if one.domain not in chosen]
    return [
        *_thinned(inside, rest, planned.policy, excluded=True),
        *_thinned(outside[:first], first, planned.policy, excluded=False),
        *_thinned(outside[first:], rest, planned.policy, excluded=False),
    ]


def _thinned(
    group: Sequence[Candidate], most: int, policy: ExclusionPolicy, *, excluded: bool
) -> list[PlanSample]:
    step = max(1, -(-len(group) // max(most, 1)))
    return [
        PlanSample(
            domain=one.domain,
            signals=tuple(round(value, 6) for value in signals_of(one, policy)),
            stands_for=float(min(step, len(group) - place)),
            excluded=excluded,
        )
        for place, one in list(enumerate(group))[::step]
    ]
