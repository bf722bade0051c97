"""The plan of a task, from everything that the store knows."""

import pytest

from daemon.domain.exclusions import ExclusionReason
from daemon.domain.searches import SearchDefinition
from daemon.services import gather_candidates
from daemon.services.plan_exclusions import Planned, plan_task, samples_of
from tests.planning.stage import FREIGHT, Stage


def _reasons(planned: Planned) -> dict[str, ExclusionReason]:
    return {entry.domain: entry.reason for entry in planned.plan.entries}


def test_records_like_the_query_come_before_all_others(stage: Stage) -> None:
    """What its text says makes a record likely; one that says nothing is likelier than another."""
    stage.records(
        ("bakery.com", "bread and cakes", None),
        ("silent.com", "", None),
        ("cargo.com", "freight software", None),
    )
    planned = stage.plan(stage.search(FREIGHT), FREIGHT)
    assert _reasons(planned) == {
        "cargo.com": ExclusionReason.ALIKE,
        "silent.com": ExclusionReason.UNTOLD,
        "bakery.com": ExclusionReason.RECENT,
    }
    assert planned.plan.domains == ("cargo.com", "silent.com", "bakery.com")
    assert planned.mirrored == 0


def test_earlier_results_come_first_whatever_the_version(stage: Stage) -> None:
    """What this search returned is excluded though no CRM has it."""
    stage.records(("cargo.com", "freight software", None))
    search_id = stage.search(FREIGHT)
    stage.task(search_id, ["returned.com", "again.com"])
    stage.task(search_id, ["again.com"])
    planned = stage.plan(search_id, FREIGHT)
    assert planned.plan.domains == ("again.com", "returned.com", "cargo.com")
    assert _reasons(planned)["again.com"] is ExclusionReason.RETURNED


def test_similar_searches_tell_which_known_companies_come_back(stage: Stage) -> None:
    """A CRM's company that a similar search returned is likely; one that no CRM has stays out."""
    stage.records(("held.com", "", None), ("other.com", "", None))
    alike = SearchDefinition(name="alike", query="software for freight", push_to=("crm",))
    unlike = SearchDefinition(name="unlike", query="organic bakery", push_to=("crm",))
    stage.task(stage.search(alike), ["held.com", "nobody-has.com"])
    stage.task(stage.search(unlike), ["other.com"])
    planned = stage.plan(stage.search(FREIGHT), FREIGHT)
    assert _reasons(planned) == {
        "held.com": ExclusionReason.SIMILAR,
        "other.com": ExclusionReason.UNTOLD,
    }


def test_searches_that_return_the_same_companies_are_similar(stage: Stage) -> None:
    """What two searches have both returned shows that they are alike, whatever their words."""
    domains = [f"shared{number}.com" for number in range(30)]
    stage.records(*((domain, "", None) for domain in domains), ("further.com", "", None))
    other = SearchDefinition(name="other", query="Speditionsprogramme", push_to=("crm",))
    search_id, other_id = stage.search(FREIGHT), stage.search(other)
    stage.task(search_id, domains)
    stage.task(other_id, [*domains, "further.com"])
    planned = stage.plan(search_id, FREIGHT)
    assert planned.similar == {other_id: pytest.approx(30 / 40)}
    assert _reasons(planned)["further.com"] is ExclusionReason.SIMILAR


def test_what_the_results_share_finds_records_that_the_query_does_not_name(stage: Stage) -> None:
    """A word that stands in many results and in few records is a term of the next plan."""
    stage.records(
        ("customs.com", "customs brokerage", None),
        *((f"bakery{number}.com", "bread", None) for number in range(20)),
    )
    search_id = stage.search(FREIGHT)
    stage.task(search_id, [f"found{number}.com" for number in range(8)], text="customs declaration")
    planned = stage.plan(search_id, FREIGHT)
    assert "customs" in [term.word for term in planned.terms]
    assert _reasons(planned)["customs.com"] is ExclusionReason.ALIKE


_OTHERS = tuple((f"bakery{number}.com", "bread and cakes", None) for number in range(100))
_TRADE = tuple((f"cargo{number}.com", "freight software for customs", None) for number in range(8))


def test_records_like_the_query_lend_it_the_other_words_of_their_trade(stage: Stage) -> None:
    """Before anything was returned, a record is found that shares no word with the query."""
    stage.records(("brokers.com", "customs brokers", None), *_TRADE, *_OTHERS)
    planned = stage.plan(stage.search(FREIGHT), FREIGHT)
    assert planned.plan.domains.index("brokers.com") == len(_TRADE)
    assert _reasons(planned)["brokers.com"] is ExclusionReason.ALIKE
    assert "customs" in [term.word for term in planned.terms]


def test_every_thing_that_a_query_asks_for_is_looked_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the likest records are all of one trade, the query's other trade is found as well."""
    monkeypatch.setattr(gather_candidates, "FEEDBACK", 6)
    stage.records(
        ("rye.com", "sourdough rye", None),
        *((f"baker{number}.com", "bakery with sourdough rye", None) for number in range(7)),
        *((f"roof{number}.com", "roofs and walls", None) for number in range(100)),
        *_TRADE,
    )
    search = SearchDefinition(
        name="both", query="freight software for customs, or a bakery", push_to=("crm",)
    )
    planned = stage.plan(stage.search(search), search)
    assert planned.plan.domains.index("rye.com") < 8 + 8
    assert _reasons(planned)["rye.com"] is ExclusionReason.ALIKE


def test_a_bare_record_is_judged_by_its_name_and_domain(stage: Stage) -> None:
    """A trade's word in a domain, alone or written together with others, says what it does."""
    stage.records(
        ("quiet.com", "", None),
        ("hansen-freight.com", "", None),
        ("muellercustoms.com", "", None),
        *_TRADE,
        *_OTHERS,
    )
    ranked = stage.plan(stage.search(FREIGHT), FREIGHT).plan.domains
    assert ranked.index("hansen-freight.com") < ranked.index("quiet.com")
    assert ranked.index("muellercustoms.com") < ranked.index("quiet.com")


def test_a_record_of_another_trade_is_less_likely_than_one_that_says_nothing(
    stage: Stage,
) -> None:
    """One word in common does not make up for a text that clearly speaks of something else."""
    stage.records(
        ("silent.com", "", None),
        ("mill.com", "bread and cakes, customs welcome", None),
        *_TRADE,
        *_OTHERS,
    )
    planned = stage.plan(stage.search(FREIGHT), FREIGHT)
    chances = {one.domain: one.score for one in planned.plan.entries}
    assert chances["cargo1.com"] > chances["silent.com"] > chances["bakery1.com"]
    assert chances["mill.com"] < chances["cargo1.com"] / 2


def test_nothing_is_expected_of_what_need_not_be_sent(stage: Stage) -> None:
    """What a task leaves out anyway cannot come back: no miss is expected, no lesson drawn."""
    stage.records(*_TRADE, *_OTHERS)
    search_id = stage.search(FREIGHT)
    stage.task(search_id, ["own1.com", "own2.com"])
    with stage.store.reading(now=stage.clock.now()) as unit:
        planned = plan_task(
            unit, search_id, FREIGHT, cap=1000, refused=frozenset({"own1.com", "own2.com"})
        )
    assert "own1.com" not in planned.plan.domains
    assert planned.expected_misses == 0
    assert not {"own1.com", "own2.com"} & {one.domain for one in samples_of(planned)}


def test_filters_of_the_search_are_priors(stage: Stage) -> None:
    """Of two equal records, the one in a wanted country is the likelier."""
    search = SearchDefinition(
        name="freight", query="freight software", push_to=("crm",), countries=("Germany",)
    )
    stage.records(
        ("paris.com", "freight software", "France"),
        ("berlin.com", "freight software", "DE"),
        ("somewhere.com", "freight software", None),
    )
    planned = stage.plan(stage.search(search), search)
    assert planned.plan.domains == ("berlin.com", "somewhere.com", "paris.com")


def test_only_what_the_searchs_own_crms_hold_is_known(stage: Stage) -> None:
    """A record of a CRM that the search does not push to is no reason to exclude anything."""
    stage.records(("theirs.com", "freight software", None), connector="other")
    stage.records(("ours.com", "freight software", None))
    assert stage.plan(stage.search(FREIGHT), FREIGHT).plan.domains == ("ours.com",)


def test_the_cap_and_what_it_leaves_out_are_told(stage: Stage) -> None:
    """The plan says how many known companies it expects to come back all the same."""
    stage.records(*((f"cargo{number}.com", "freight software", None) for number in range(30)))
    planned = stage.plan(stage.search(FREIGHT), FREIGHT, cap=10)
    assert len(planned.plan.entries) == 10
    assert planned.expected_misses == pytest.approx(planned.plan.expected_hits * 2)


def test_samples_stand_for_every_candidate_once(stage: Stage) -> None:
    """The weights of the sample add up to the candidates, on either side of the cap."""
    stage.records(*((f"cargo{number}.com", "freight software", None) for number in range(50)))
    planned = stage.plan(stage.search(FREIGHT), FREIGHT, cap=20)
    samples = samples_of(planned, first=5, rest=7)
    assert sum(one.stands_for for one in samples if one.excluded) == 20
    assert sum(one.stands_for for one in samples if not one.excluded) == 30
    assert len(samples) <= 5 + 7 + 7


def test_a_task_that_returned_nothing_leaves_nothing(stage: Stage) -> None:
    """No company is kept of it, and the next plan is as before."""
    search_id = stage.search(FREIGHT)
    stage.task(search_id, [])
    planned = stage.plan(search_id, FREIGHT)
    assert (planned.learned, planned.plan.domains) == (0, ())
