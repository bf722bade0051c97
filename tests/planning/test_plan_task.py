"""The plan of a task, from everything that the store knows."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from connectors.sdk.records import CrmRecord
from daemon.config.definitions import definition_json
from daemon.db.results import FoundRow
from daemon.db.store import Store
from daemon.domain.companies import FoundCompany
from daemon.domain.documents import Subject, document_of
from daemon.domain.exclusions import ExclusionReason
from daemon.domain.identities import identify
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import WHOLE, SegmentFacts
from daemon.domain.task_states import TaskState
from daemon.services import gather_candidates
from daemon.services.context import ServiceContext
from daemon.services.index_mirror import index_mirror
from daemon.services.mirror_crm import mirrored
from daemon.services.plan_exclusions import Planned, plan_task, samples_of
from daemon.services.wave_policy import segment_facts
from tests.support.clocks import VirtualClock

FREIGHT = SearchDefinition(name="freight", query="freight software in Germany", push_to=("crm",))


class Stage:
    """A store with records, searches and results put into it."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self._results = 0

    def records(self, *records: tuple[str, str, str | None], connector: str = "crm") -> None:
        """Records of domain, description and country; indexed."""
        made = [
            CrmRecord(
                record_id=domain,
                name=domain.partition(".")[0],
                websites=(domain,),
                description=text or None,
                country=country,
            )
            for domain, text, country in records
        ]
        with self.store.transaction("test", now=self.clock.now()) as unit:
            unit.mirror.save_page(connector, mirrored(made), now=self.clock.now())
        index_mirror(
            ServiceContext(store=self.store, clock=self.clock, random=Random(1), owner="test")
        )

    def search(self, definition: SearchDefinition) -> int:
        """A saved search; gives its id."""
        with self.store.transaction("test", now=self.clock.now()) as unit:
            return unit.searches.add(
                definition.name, definition_json(definition), definition.name, now=self.clock.now()
            )

    def task(
        self,
        search_id: int,
        domains: Sequence[str],
        *,
        text: str = "",
        relevance: int = 80,
        segment: str = WHOLE,
        country: str | None = None,
    ) -> int:
        """A task that is done and returned companies with these domains."""
        now = self.clock.now()
        with self.store.transaction("test", now=now) as unit:
            task_id = unit.tasks.add(
                search_id=search_id,
                search_version=1,
                segment=segment,
                state=TaskState.DONE,
                request={},
                desired=len(domains),
                counters={},
                created_at=now,
            )
            rows = [self._row(domain, text, relevance, country) for domain in domains]
            unit.results.save_page(task_id, rows, now=now)
            ids = unit.results.save_companies([row.found for row in rows], rows, now=now)
            unit.documents.save(
                [
                    document_of(
                        -ids[row.identity.key],
                        Subject(
                            name=row.found.name,
                            domains=(row.identity.key,),
                            country=country,
                            description=text,
                        ),
                        "",
                    )
                    for row in rows
                ]
            )
        return task_id

    def plan(
        self,
        search_id: int,
        definition: SearchDefinition,
        *,
        cap: int = 1000,
        segment: str = WHOLE,
    ) -> Planned:
        """The plan for the search's next task."""
        with self.store.reading(now=self.clock.now()) as unit:
            return plan_task(unit, search_id, definition, cap=cap, segment=segment)

    def _row(self, domain: str, text: str, relevance: int, country: str | None) -> FoundRow:
        self._results += 1
        found = FoundCompany(
            result_id=f"r{self._results}",
            name=domain,
            website=domain,
            description=text,
            relevance=relevance,
            country=country,
        )
        return FoundRow(found=found, identity=identify(found), raw={}, fingerprint=domain)


@pytest.fixture
def stage(store: Store, clock: VirtualClock) -> Stage:
    return Stage(store, clock)


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


DIVIDED = SearchDefinition(
    name="divided",
    query="freight software in {country}",
    countries=("Germany", "France"),
    push_to=("crm",),
)


def test_one_country_leaves_no_room_for_another(stage: Stage) -> None:
    """What is known there, or tells no country, comes before what is known elsewhere."""
    stage.records(
        ("cargo.fr", "freight software", "France"),
        ("cargo.de", "freight software", "DE"),
        ("nowhere.com", "freight software", None),
        ("silent.de", "", "Germany"),
        ("silent.fr", "", "France"),
    )
    search_id = stage.search(DIVIDED)
    planned = stage.plan(search_id, DIVIDED, cap=3, segment="Germany")
    assert sorted(planned.plan.domains) == ["cargo.de", "nowhere.com", "silent.de"]
    planned = stage.plan(search_id, DIVIDED, cap=3, segment="France")
    assert sorted(planned.plan.domains) == ["cargo.fr", "nowhere.com", "silent.fr"]
    assert not samples_of(planned)[0].domain.endswith(".de"), "what is elsewhere teaches nothing"


def test_what_came_back_all_the_same_is_elsewhere_no_more(stage: Stage) -> None:
    """A company of one country that a task for another returned is excluded from both."""
    stage.records(("silent.de", "", "Germany"))
    search_id = stage.search(DIVIDED)
    stage.task(search_id, ["two-offices.fr"], segment="Germany", country="France")
    stage.task(search_id, ["one-office.fr"], segment="France", country="France")
    planned = stage.plan(search_id, DIVIDED, segment="Germany")
    assert planned.plan.domains == ("two-offices.fr", "silent.de", "one-office.fr")
    planned = stage.plan(search_id, DIVIDED, segment="France")
    assert set(planned.plan.domains[:2]) == {"one-office.fr", "two-offices.fr"}


def test_a_company_that_one_record_has_in_the_country_is_there(stage: Stage) -> None:
    """Records may differ: the one that would have it excluded is believed."""
    with_name = ("group.com", "freight software", "France")
    stage.records(with_name, ("other.fr", "freight software", "France"))
    stage.records(("group.com", "freight software", "Germany"), connector="second")
    both = replace(DIVIDED, push_to=("crm", "second"))
    planned = stage.plan(stage.search(both), both, cap=1, segment="Germany")
    assert planned.plan.domains == ("group.com",)


def test_each_country_has_a_past_of_its_own(stage: Stage) -> None:
    """Which task may go on, what is held, what was asked for, what the latest three returned."""
    stage.records(("a.de", "", "DE"), ("b.de", "", "Germany"), ("c.fr", "", "France"))
    search_id = stage.search(DIVIDED)
    for number in range(4):
        found = [f"a{number}.de", f"b{number}.de"]
        stage.task(search_id, found, segment="Germany", country="Germany")
    french = stage.task(search_id, ["a.fr"], segment="France", country="France")
    failed = stage.task(search_id, ["b.fr"], segment="France", country="France")
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.tasks.set(french, extruct_id="french")
        unit.tasks.set(failed, state=TaskState.FAILED)
    with stage.store.reading(now=stage.clock.now()) as unit:
        assert unit.tasks.newest_begun(search_id, 1, "France") == french
        assert unit.tasks.newest_begun(search_id, 1, "Germany") is None
        german, of_france = segment_facts(unit, search_id, DIVIDED)
    # Found companies are no CRM's, and what failed has asked for nothing.
    assert german == SegmentFacts(segment="Germany", held=2, asked=8, returned=6)
    assert (of_france.held, of_france.asked) == (1, 1)


def test_a_task_that_returned_nothing_leaves_nothing(stage: Stage) -> None:
    """No company is kept of it, and the next plan is as before."""
    search_id = stage.search(FREIGHT)
    stage.task(search_id, [])
    planned = stage.plan(search_id, FREIGHT)
    assert (planned.learned, planned.plan.domains) == (0, ())
