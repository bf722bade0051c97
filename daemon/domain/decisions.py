"""What becomes of one result for one CRM: the decision, its rule, and whether to push."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.eligibility import Eligibility, EligibilityKind
from daemon.domain.hostnames import domain_keys
from daemon.domain.identities import has_own_website
from daemon.domain.matching import NO_MATCH, Match, MatchKind
from daemon.domain.searches import PushMode, SearchDefinition, WithoutDomain


class DecisionKind(StrEnum):
    """What a result turned out to be."""

    EXCLUDED = "excluded"  # the search's own list names it
    KNOWN_CRM = "known_crm"  # the CRM certainly holds it
    KNOWN_SEARCH = "known_search"  # an earlier result, pushed or queued, certainly is it
    WAITING = "waiting"  # not scored yet: decided again later
    BELOW = "below"  # below a threshold, or outside a filter
    PROBABLE = "probable"  # may be one that is known
    WITHOUT_DOMAIN = "without_domain"  # its website gives neither domain nor host
    NEW = "new"


class PushAction(StrEnum):
    """What to do about the CRM."""

    QUEUE = "queue"
    HOLD = "hold"  # until a person says so
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushIntent:
    """What to do about the CRM, and the named reason for holding or leaving it."""

    action: PushAction
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPolicy:
    """What a search wants to happen. ``excluded`` holds identity keys of its own list."""

    push: PushMode = PushMode.AUTO
    without_domain: WithoutDomain = WithoutDomain.HOLD
    probable: WithoutDomain = WithoutDomain.HOLD
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of_search(cls, search: SearchDefinition) -> Self:
        """The policy that a search's definition asks for."""
        return cls(
            push=search.push,
            without_domain=search.without_domain,
            probable=search.probable,
            excluded=frozenset(domain_keys(search.exclude_domains)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a result is, by which rule, on which evidence, and what is to be done."""

    kind: DecisionKind
    rule: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    push: PushIntent
    other: KnownCompany | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    found: FoundCompany
    identity: Identity
    eligibility: Eligibility
    crm_match: Match
    search_match: Match
    policy: DecisionPolicy
    leads_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    rule: str
    evidence: Mapping[str, object]
    other: KnownCompany | None = None


def _excluded(case: _Case) -> _Finding | None:
    if case.identity.key in case.policy.excluded:
        return _Finding(rule="own_exclusion", evidence={"key": case.identity.key})
    if case.leads_to is not None and case.leads_to in case.policy.excluded:
        evidence = {"key": case.identity.key, "leads_to": case.leads_to}
        return _Finding(rule="own_exclusion", evidence=evidence)
    return None


def _matched(side: Callable[[_Case], Match], kind: MatchKind) -> Callable[[_Case], _Finding | None]:
    def test(case: _Case) -> _Finding | None:
        match = side(case)
        if match.kind is not kind:
            return None
        return _Finding(rule=match.rule, evidence=_evidence_of(match), other=match.other)

    return test


def _evidence_of(match: Match) -> Mapping[str, object]:
    other = match.other
    if other is None:
        return match.evidence
    place = {"identity": other.identity, "name": other.name}
    record = {"connector": other.connector, "record_id": other.record_id}
    return {**match.evidence, **place, **{key: text for key, text in record.items() if text}}


def _is_eligibility(kind: EligibilityKind) -> Callable[[_Case], _Finding | None]:
    def test(case: _Case) -> _Finding | None:
        if case.eligibility.kind is not kind:
            return None
        return _Finding(rule=case.eligibility.rule, evidence=case.eligibility.evidence)

    return test


def _without_domain(case: _Case) -> _Finding | None:
    if has_own_website(case.identity):
        return None
    evidence = {"website": case.found.website, "reason": case.identity.reason}
    return _Finding(rule="no_domain", evidence={**evidence, "key": case.identity.key})


def _new(case: _Case) -> _Finding:
    return _Finding(rule=NO_MATCH.rule, evidence=case.eligibility.evidence)


def _in_crm(case: _Case) -> Match:
    return case.crm_match


def _in_results(case: _Case) -> Match:
    return case.search_match


PRECEDENCE: Final[tuple[tuple[DecisionKind, Callable[[_Case], _Finding | None]], ...]] = (
    (DecisionKind.EXCLUDED, _excluded),
    (DecisionKind.KNOWN_CRM, _matched(_in_crm, MatchKind.CERTAIN)),
    (DecisionKind.KNOWN_SEARCH, _matched(_in_results, MatchKind.CERTAIN)),
    (DecisionKind.WAITING, _is_eligibility(EligibilityKind.WAITING)),
    (DecisionKind.BELOW, _is_eligibility(EligibilityKind.BELOW)),
    (DecisionKind.PROBABLE, _matched(_in_crm, MatchKind.PROBABLE)),
    (DecisionKind.PROBABLE, _matched(_in_results, MatchKind.PROBABLE)),
    (DecisionKind.WITHOUT_DOMAIN, _without_domain),
    (DecisionKind.NEW, _new),
)
"""The first that holds decides.

What is certainly known needs no scores, and counts as known whatever its scores are: it tells what
the exclusions missed. Scores come before resemblances, since a company below the thresholds is
nothing that a person should review.
"""

_PUSHABLE: Final = frozenset({DecisionKind.PROBABLE, DecisionKind.WITHOUT_DOMAIN, DecisionKind.NEW})
_ACTIONS: Final[Mapping[WithoutDomain, PushAction]] = {
    WithoutDomain.PUSH: PushAction.QUEUE,
    WithoutDomain.HOLD: PushAction.HOLD,
    WithoutDomain.DROP: PushAction.NONE,
}
_MODES: Final[Mapping[PushMode, PushIntent]] = {
    PushMode.AUTO: PushIntent(action=PushAction.QUEUE),
    PushMode.REVIEW: PushIntent(action=PushAction.HOLD, reason="review"),
    PushMode.OFF: PushIntent(action=PushAction.NONE, reason="push_off"),
}
_STRICTNESS: Final = (PushAction.NONE, PushAction.HOLD, PushAction.QUEUE)


def _push_intent(kind: DecisionKind, case: _Case) -> PushIntent:
    """The strictest of what the search's settings say; its mode before its doubts."""
    if kind not in _PUSHABLE:
        return PushIntent(action=PushAction.NONE, reason=kind.value)
    intents = [_MODES[case.policy.push]]
    if kind is DecisionKind.PROBABLE:
        intents.append(_doubt(case.policy.probable, "probable"))
    if not has_own_website(case.identity):
        intents.append(_doubt(case.policy.without_domain, "without_domain"))
    return min(intents, key=lambda intent: _STRICTNESS.index(intent.action))


def _doubt(setting: WithoutDomain, reason: str) -> PushIntent:
    action = _ACTIONS[setting]
    return PushIntent(action=action, reason="" if action is PushAction.QUEUE else reason)


def decide(
    found: FoundCompany,
    identity: Identity,
    eligibility: Eligibility,
    crm_match: Match,
    search_match: Match,
    policy: DecisionPolicy,
    leads_to: str | None = None,
) -> Decision:
    """What a result is and what is to be done, by :data:`PRECEDENCE`.

    ``crm_match`` is against the mirror; ``search_match`` against companies that earlier results,
    of any search, brought to the push queue. ``leads_to`` is the domain that its website leads to.
    """
    case = _Case(
        found=found,
        identity=identity,
        eligibility=eligibility,
        crm_match=crm_match,
        search_match=search_match,
        policy=policy,
        leads_to=leads_to,
    )
    kind, finding = next(
        (kind, finding) for kind, test in PRECEDENCE if (finding := test(case)) is not None
    )
    return Decision(
        kind=kind,
        rule=finding.rule,
        evidence=finding.evidence,
        push=_push_intent(kind, case),
        other=finding.other,
    )
