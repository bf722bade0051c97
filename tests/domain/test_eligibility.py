"""Which results may be pushed as far as their own values go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.companies import FoundCompany, Score
from daemon.domain.eligibility import EligibilityKind, decide_eligibility, normalise_size
from daemon.domain.searches import Criterion

_ELIGIBLE, _WAITING, _BELOW = EligibilityKind

SAAS = Criterion(key="saas", name="SaaS", criterion="Sells software", min_grade=4)
FREIGHT = Criterion(key="freight", name="Freight", criterion="Serves forwarders")


def _found(
    relevance: int | None = 80,
    grades: dict[str, int | None] | None = None,
    *,
    scored: bool = True,
    country: str | None = "Germany",
    size: str | None = "SIZE_11_50",
) -> FoundCompany:
    scores = {key: Score(grade=grade) for key, grade in (grades or {}).items()}
    return FoundCompany(
        result_id="r",
        name="Acme",
        website="acme.com",
        relevance=relevance,
        scores=scores if scored else None,
        country=country,
        employee_count=size,
    )


@pytest.mark.parametrize(
    ("found", "criteria", "complete", "kind", "rule"),
    [
        (_found(80, {"saas": 5, "freight": 1}), [SAAS, FREIGHT], False, _ELIGIBLE, "scored"),
        (_found(80, {"saas": 4, "freight": 1}), [SAAS, FREIGHT], False, _ELIGIBLE, "scored"),
        (_found(80, {"saas": 3, "freight": 1}), [SAAS, FREIGHT], False, _BELOW, "grade"),
        (_found(80, {"saas": 3}), [SAAS, FREIGHT], False, _WAITING, "unscored"),
        (_found(80, {"saas": 5, "freight": None}), [SAAS, FREIGHT], False, _WAITING, "unscored"),
        (_found(None, {"saas": 5, "freight": 1}), [SAAS, FREIGHT], False, _WAITING, "unscored"),
        (_found(80, scored=False), [SAAS], False, _WAITING, "unscored"),
        (_found(80, scored=False), [], False, _WAITING, "unscored"),
        (_found(80, {}), [], False, _ELIGIBLE, "scored"),
        (_found(80, {"made_up": None}), [], False, _WAITING, "unscored"),
        (_found(80, {"made_up": 1}), [], False, _ELIGIBLE, "scored"),
        (_found(80, {"saas": 5}), [SAAS, FREIGHT], True, _ELIGIBLE, "unscored_at_the_end"),
        (_found(80, {"freight": 5}), [SAAS, FREIGHT], True, _BELOW, "ungraded"),
        (_found(80, {"saas": None}), [SAAS], True, _BELOW, "ungraded"),
        (_found(80, scored=False), [SAAS], True, _BELOW, "ungraded"),
        (_found(80, scored=False), [FREIGHT], True, _ELIGIBLE, "unscored_at_the_end"),
        (_found(None, {"saas": 5}), [SAAS], True, _ELIGIBLE, "unscored_at_the_end"),
    ],
)
def test_a_row_is_judged_once_it_is_scored_or_the_task_is_done(
    found: FoundCompany,
    criteria: list[Criterion],
    complete: bool,
    kind: EligibilityKind,
    rule: str,
) -> None:
    """Missing scores wait while the task runs, and count as too low where a grade is demanded."""
    decided = decide_eligibility(
        found, criteria=criteria, min_relevance=0, countries=(), sizes=(), task_complete=complete
    )
    assert (decided.kind, decided.rule) == (kind, rule)


@pytest.mark.parametrize(
    ("relevance", "minimum", "kind", "rule"),
    [
        (50, 50, _ELIGIBLE, "scored"),
        (49, 50, _BELOW, "relevance"),
        (0, 0, _ELIGIBLE, "scored"),
        (None, 0, _ELIGIBLE, "unscored_at_the_end"),
        (None, 1, _BELOW, "unranked"),
    ],
)
def test_relevance_is_compared_with_the_search_s_minimum(
    relevance: int | None, minimum: int, kind: EligibilityKind, rule: str
) -> None:
    """At the end a missing relevance passes only where nothing is demanded."""
    decided = decide_eligibility(
        _found(relevance, {}),
        criteria=(),
        min_relevance=minimum,
        countries=(),
        sizes=(),
        task_complete=True,
    )
    assert (decided.kind, decided.rule) == (kind, rule)


@pytest.mark.parametrize(
    ("country", "size", "countries", "sizes", "rule"),
    [
        ("Germany", "1-10", ("DE", "AT"), (), "scored"),
        ("de", "1-10", ("germany",), (), "scored"),
        ("France", "1-10", ("DE", "AT"), (), "country"),
        (None, "1-10", ("DE",), (), "country_unknown"),
        ("Germany", "SIZE_1_10", (), ("1-10",), "scored"),
        ("Germany", "1-10", (), ("SIZE_1_10", "11-50"), "scored"),
        ("Germany", "10001+", (), ("SIZE_10000_PLUS",), "scored"),
        ("Germany", "51-200", (), ("1-10",), "size"),
        ("Germany", None, (), ("1-10",), "size_unknown"),
    ],
)
def test_a_result_outside_the_filters_falls_short(
    country: str | None,
    size: str | None,
    countries: tuple[str, ...],
    sizes: tuple[str, ...],
    rule: str,
) -> None:
    """Country and size are compared in whatever spelling, and the unknown meets no filter."""
    decided = decide_eligibility(
        _found(80, {}, country=country, size=size),
        criteria=(),
        min_relevance=0,
        countries=countries,
        sizes=sizes,
        task_complete=False,
    )
    assert decided.rule == rule
    assert (decided.kind is _ELIGIBLE) == (rule == "scored")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1-10", "1-10"),
        ("SIZE_1_10", "1-10"),
        (" 1 – 10 employees", "1-10"),  # noqa: RUF001 - the dash is the case
        ("1,001-5,000", "1001-5000"),
        ("SIZE_1001_5000", "1001-5000"),
        ("10001+", "10001+"),
        ("10,001+", "10001+"),
        ("10000+", "10001+"),
        ("SIZE_10000_PLUS", "10001+"),
        ("SIZE_10001_PLUS", "10001+"),
        ("500+", "500+"),
        ("Self-employed", "self-employed"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_size_has_one_spelling(text: str | None, size: str) -> None:
    """Ranges of employees compare equal in all the spellings that the vendor documents."""
    assert normalise_size(text) == size


@given(
    st.one_of(st.none(), st.integers(0, 100)),
    st.dictionaries(st.sampled_from(["saas", "freight"]), st.one_of(st.none(), st.integers(1, 5))),
    st.integers(0, 100),
)
def test_what_may_be_pushed_early_may_be_pushed_at_the_end(
    relevance: int | None, grades: dict[str, int | None], minimum: int
) -> None:
    """A judgement made while the task ran stands when it is done, and nothing waits then."""
    early, late = (
        decide_eligibility(
            _found(relevance, grades),
            criteria=[SAAS, FREIGHT],
            min_relevance=minimum,
            countries=(),
            sizes=(),
            task_complete=complete,
        )
        for complete in (False, True)
    )
    assert late.kind is not _WAITING
    assert early.kind in {_WAITING, late.kind}
