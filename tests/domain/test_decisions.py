"""What becomes of a result, and which of several things that hold decides."""

from collections.abc import Callable
from functools import partial

import pytest

from daemon.domain.companies import FoundCompany, KnownCompany
from daemon.domain.decisions import (
    Decision,
    DecisionKind,
    DecisionPolicy,
    PushAction,
    PushIntent,
    decide,
)
from daemon.domain.eligibility import Eligibility, EligibilityKind
from daemon.domain.identities import identify
from daemon.domain.matching import NO_MATCH, Match, MatchKind
from daemon.domain.searches import PushMode, SearchDefinition, WithoutDomain

KNOWN = KnownCompany(identity="acme.de", name="Acme", connector="crm", record_id="7")
CERTAIN = Match(kind=MatchKind.CERTAIN, rule="same_domain", evidence={"key": "x"}, other=KNOWN)
PROBABLE = Match(kind=MatchKind.PROBABLE, rule="same_brand", evidence={"brand": "x"}, other=KNOWN)
ELIGIBLE = Eligibility(kind=EligibilityKind.ELIGIBLE, rule="scored")
WAITING = Eligibility(kind=EligibilityKind.WAITING, rule="unscored")
BELOW = Eligibility(kind=EligibilityKind.BELOW, rule="grade")
DOMAIN, HOST, PAGE = "https://acme.com", "acme.github.io", "linkedin.com/company/acme"


def _decide(
    *,
    website: str = DOMAIN,
    eligibility: Eligibility = ELIGIBLE,
    crm: Match = NO_MATCH,
    search: Match = NO_MATCH,
    policy: DecisionPolicy | None = None,
) -> Decision:
    found = FoundCompany(result_id="r", name="Acme", website=website)
    return decide(found, identify(found), eligibility, crm, search, policy or DecisionPolicy())


@pytest.mark.parametrize(
    ("decision", "kind", "rule"),
    [
        (_decide(), DecisionKind.NEW, "nothing_alike"),
        (_decide(website=HOST), DecisionKind.NEW, "nothing_alike"),
        (_decide(website=PAGE), DecisionKind.WITHOUT_DOMAIN, "no_domain"),
        (_decide(crm=CERTAIN), DecisionKind.KNOWN_CRM, "same_domain"),
        (_decide(search=CERTAIN), DecisionKind.KNOWN_SEARCH, "same_domain"),
        (_decide(crm=CERTAIN, search=CERTAIN), DecisionKind.KNOWN_CRM, "same_domain"),
        (_decide(crm=PROBABLE), DecisionKind.PROBABLE, "same_brand"),
        (_decide(search=PROBABLE), DecisionKind.PROBABLE, "same_brand"),
        (_decide(crm=PROBABLE, search=CERTAIN), DecisionKind.KNOWN_SEARCH, "same_domain"),
        (_decide(website=PAGE, crm=PROBABLE), DecisionKind.PROBABLE, "same_brand"),
        (_decide(eligibility=WAITING), DecisionKind.WAITING, "unscored"),
        (_decide(eligibility=WAITING, crm=CERTAIN), DecisionKind.KNOWN_CRM, "same_domain"),
        (_decide(eligibility=WAITING, crm=PROBABLE), DecisionKind.WAITING, "unscored"),
        (_decide(eligibility=BELOW), DecisionKind.BELOW, "grade"),
        (_decide(eligibility=BELOW, website=PAGE), DecisionKind.BELOW, "grade"),
        (_decide(eligibility=BELOW, crm=PROBABLE), DecisionKind.BELOW, "grade"),
        (_decide(eligibility=BELOW, search=CERTAIN), DecisionKind.KNOWN_SEARCH, "same_domain"),
    ],
)
def test_the_first_thing_that_holds_decides(
    decision: Decision, kind: DecisionKind, rule: str
) -> None:
    """Certainly known beats the scores, these a resemblance, and this a missing domain."""
    assert (decision.kind, decision.rule) == (kind, rule)


@pytest.mark.parametrize("eligibility", [ELIGIBLE, WAITING, BELOW])
def test_the_search_s_own_list_beats_everything(eligibility: Eligibility) -> None:
    """What the search excludes is excluded, in whatever spelling, known or not, scored or not."""
    policy = DecisionPolicy.of_search(
        SearchDefinition(name="s", query="q", exclude_domains=("https://www.ACME.com/x",))
    )
    decision = _decide(eligibility=eligibility, crm=CERTAIN, policy=policy)
    assert decision.kind is DecisionKind.EXCLUDED
    assert decision.push.action is PushAction.NONE


def test_the_evidence_names_the_known_company() -> None:
    """A match's evidence says which record it is, for the audit and for a person."""
    decision = _decide(crm=PROBABLE)
    assert decision.other is KNOWN
    assert decision.evidence == {
        "brand": "x",
        "identity": "acme.de",
        "name": "Acme",
        "connector": "crm",
        "record_id": "7",
    }


@pytest.mark.parametrize("mode", list(PushMode))
@pytest.mark.parametrize(
    "decide_with",
    [
        partial(_decide, crm=CERTAIN),
        partial(_decide, search=CERTAIN),
        partial(_decide, eligibility=WAITING),
        partial(_decide, eligibility=BELOW),
    ],
)
def test_nothing_known_waiting_or_below_is_pushed(
    mode: PushMode, decide_with: Callable[..., Decision]
) -> None:
    """Whatever the search's settings, only what is new or doubtful may be pushed."""
    policy = DecisionPolicy(
        push=mode, without_domain=WithoutDomain.PUSH, probable=WithoutDomain.PUSH
    )
    push = decide_with(policy=policy).push
    assert push.action is PushAction.NONE
    assert push.reason


_QUEUE = PushIntent(action=PushAction.QUEUE)


def _hold(reason: str) -> PushIntent:
    return PushIntent(action=PushAction.HOLD, reason=reason)


def _drop(reason: str) -> PushIntent:
    return PushIntent(action=PushAction.NONE, reason=reason)


@pytest.mark.parametrize(
    ("mode", "without_domain", "probable", "website", "crm", "push"),
    [
        ("auto", "hold", "hold", DOMAIN, NO_MATCH, _QUEUE),
        ("review", "hold", "hold", DOMAIN, NO_MATCH, _hold("review")),
        ("off", "hold", "hold", DOMAIN, NO_MATCH, _drop("push_off")),
        ("auto", "hold", "hold", HOST, NO_MATCH, _QUEUE),
        ("auto", "hold", "hold", PAGE, NO_MATCH, _hold("without_domain")),
        ("auto", "push", "hold", PAGE, NO_MATCH, _QUEUE),
        ("auto", "drop", "hold", PAGE, NO_MATCH, _drop("without_domain")),
        ("review", "push", "hold", PAGE, NO_MATCH, _hold("review")),
        ("review", "drop", "hold", PAGE, NO_MATCH, _drop("without_domain")),
        ("off", "push", "push", PAGE, NO_MATCH, _drop("push_off")),
        ("auto", "hold", "hold", DOMAIN, PROBABLE, _hold("probable")),
        ("auto", "hold", "push", DOMAIN, PROBABLE, _QUEUE),
        ("auto", "hold", "drop", DOMAIN, PROBABLE, _drop("probable")),
        ("review", "hold", "hold", DOMAIN, PROBABLE, _hold("review")),
        ("auto", "hold", "push", PAGE, PROBABLE, _hold("without_domain")),
        ("auto", "drop", "push", PAGE, PROBABLE, _drop("without_domain")),
        ("auto", "push", "push", PAGE, PROBABLE, _QUEUE),
        ("auto", "push", "hold", PAGE, PROBABLE, _hold("probable")),
    ],
)
def test_the_strictest_of_the_settings_decides_about_the_push(
    mode: str, without_domain: str, probable: str, website: str, crm: Match, push: PushIntent
) -> None:
    """A doubtful company is queued only where every setting that concerns it says so."""
    policy = DecisionPolicy(
        push=PushMode(mode),
        without_domain=WithoutDomain(without_domain),
        probable=WithoutDomain(probable),
    )
    assert _decide(website=website, crm=crm, policy=policy).push == push
