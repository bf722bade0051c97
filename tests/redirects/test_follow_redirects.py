"""Where websites lead is found out before a push, counts in matching, and holds nobody for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.faults import RateLimited
from connectors.sdk.records import CrmRecord
from daemon.db.store import Store
from daemon.domain.matching import Verdict
from daemon.domain.push_states import PushState
from daemon.domain.redirects import MOST_BRANDS, Landing, Outcome, Redirect, RedirectPolicy
from daemon.domain.searches import PushMode
from daemon.sandbox.launch import SandboxOptions
from daemon.services.follow_redirects import FollowRedirects, FollowResult
from daemon.services.give_verdict import give_verdict
from daemon.services.index_mirror import index_mirror
from daemon.services.match_results import MatchResults
from tests.guarantees.stage import CRM, Stage
from tests.support.clocks import VirtualClock
from tests.support.rigs import Rig

POLICY = RedirectPolicy(patience=timedelta(hours=1), recheck_every=timedelta(days=90))
STAYS = Landing(outcome=Outcome.STAYS)


def leads(domain: str) -> Landing:
    """A website that leads to this domain."""
    page = f"https://{domain}/"
    return Landing(outcome=Outcome.LEADS_ELSEWHERE, leads_to=domain, page=page)


@dataclass
class Street:
    """A stage with websites on it, and a daemon that follows them."""

    stage: Stage
    sites: dict[str, Landing] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    fault: Exception | None = None
    policy: RedirectPolicy | None = POLICY

    def visit(self, domain: str) -> Landing:
        """Where a website leads."""
        self.visits.append(domain)
        if self.fault is not None:
            raise self.fault
        return self.sites.get(domain, STAYS)

    def match(self) -> Mapping[str, int]:
        """Decide what may be decided."""
        index_mirror(self.stage.context)
        targets = {CRM: self.stage.target}
        match = MatchResults(
            self.stage.context, lambda: targets, app_url="http://a.test", redirects=self.policy
        )
        return match.run_once().kinds

    def follow(self) -> FollowResult:
        """Look at what was asked for."""
        return FollowRedirects(self.stage.context, self.visit, POLICY).run_once()

    def decide(self) -> None:
        """Ask, look, decide."""
        self.match()
        self.follow()
        self.match()

    def decision(self, key: str) -> tuple[str, str]:
        """The newest decision on a company, and its rule."""
        told = [row for row in self.stage.events("company.matched") if row["subject"] == key]
        return told[-1]["decision"], told[-1]["rule"]

    def known(self, domain: str) -> Redirect | None:
        """What the store holds of a website."""
        with self.stage.store.reading(now=self.stage.clock.now()) as unit:
            return unit.redirects.of([domain]).get(domain)

    def mirror(self, name: str, website: str, country: str | None = None) -> None:
        """A person adds a company, and the mirror sees it."""
        record = CrmRecord(record_id="", name=name, websites=(website,), country=country)
        self.stage.crm.person_creates(record, self.stage.clock.now())
        self.stage.refresh()


@pytest.fixture
def street(store: Store, clock: VirtualClock) -> Street:
    return Street(Stage(store=store, clock=clock))


def test_a_push_waits_for_the_look(street: Street) -> None:
    """Nothing is decided before the website was asked; then it goes on, and is asked no more."""
    street.stage.run(street.stage.search(), "https://acme.com")
    assert street.match() == {}
    assert street.stage.pushes() == {}
    assert street.match() == {}
    assert street.follow().outcomes == {"stays": 1}
    assert street.match() == {"new": 1}
    assert list(street.stage.pushes()) == ["acme.com"]
    assert street.follow().outcomes == {}
    assert street.visits == ["acme.com"]
    assert street.stage.events("redirect.followed") == []  # it changes nothing


def test_a_website_that_leads_to_a_known_one_is_held_with_the_evidence(street: Street) -> None:
    """It may have been bought, so that a person decides."""
    street.mirror("Bigcorp", "https://www.bigcorp.com")
    street.sites["acme.com"] = leads("bigcorp.com")
    street.stage.run(street.stage.search(), "https://acme.com")
    street.decide()
    push = street.stage.pushes()["acme.com"]
    assert (push.state, push.hold_reason) == (PushState.HELD, "probable")
    (told,) = street.stage.events("company.matched")
    assert (told["decision"], told["rule"]) == ("probable", "redirect")
    assert told["evidence"]["leads_to"] == "bigcorp.com"
    assert told["evidence"]["known_name"] == "Bigcorp"
    (followed,) = street.stage.events("redirect.followed")
    assert (followed["subject"], followed["leads_to"]) == ("acme.com", "bigcorp.com")


def test_a_redirect_and_the_name_together_are_proof(street: Street) -> None:
    """The same company under a new address is not pushed again."""
    street.mirror("Acme Inc.", "https://www.acme-group.com")
    street.sites["acme.com"] = leads("acme-group.com")
    street.stage.run(street.stage.search(), "https://acme.com")
    street.decide()
    assert street.decision("acme.com") == ("known_crm", "redirect_and_name")
    assert street.stage.pushes() == {}


def test_the_name_in_two_countries_is_no_proof(street: Street) -> None:
    """A daughter may lead to her mother's website."""
    street.mirror("Acme", "https://www.acme-group.com", country="France")
    rows: list[Mapping[str, Any]] = [street.stage.row("https://acme.com", hq_country="Germany")]
    street.sites["acme.com"] = leads("acme-group.com")
    street.stage.run(street.stage.search(), rows=rows)
    street.decide()
    assert street.decision("acme.com") == ("probable", "redirect")


@pytest.mark.parametrize("order", [("acme.com", "bigcorp.com"), ("bigcorp.com", "acme.com")])
def test_two_found_companies_of_one_website_are_not_both_pushed(
    street: Street, order: tuple[str, str]
) -> None:
    """Whichever comes first: the second is held."""
    street.sites["acme.com"] = leads("bigcorp.com")
    street.stage.run(street.stage.search(), *(f"https://{domain}" for domain in order))
    street.decide()
    assert street.decision(order[0]) == ("new", "nothing_alike")
    assert street.decision(order[1]) == ("probable", "redirect")


def test_two_websites_that_lead_to_one_third_are_not_both_pushed(street: Street) -> None:
    """Two old names of one company."""
    street.sites |= {"acme.com": leads("third.com"), "bigcorp.com": leads("third.com")}
    search = street.stage.search()
    street.stage.run(search, "https://acme.com")
    street.decide()
    street.stage.run(search, "https://bigcorp.com")
    street.decide()
    assert street.decision("bigcorp.com") == ("probable", "redirect")


@pytest.mark.parametrize(
    ("number", "decision"),
    [
        (MOST_BRANDS, ("probable", "redirect")),
        (MOST_BRANDS + 1, ("new", "nothing_alike")),
    ],
)
def test_where_many_brands_lead_is_a_portal(
    street: Street, number: int, decision: tuple[str, str]
) -> None:
    """Restaurants whose websites lead to one delivery service are neither it nor each other."""
    street.mirror("Portal", "https://portal.com")
    domains = [f"{name}.com" for name in ("anna", "bodega", "curry", "dolce", "enoteca", "falafel")]
    street.sites = {domain: leads("portal.com") for domain in domains}
    street.stage.run(street.stage.search(), *(f"https://{domain}" for domain in domains[:number]))
    street.decide()
    assert {street.decision(domain) for domain in domains[:number]} == {decision}


def test_the_domains_of_one_brand_are_no_crowd(street: Street) -> None:
    """A company may lead from many countries to its website."""
    street.mirror("Acme", "https://acme-group.com")
    domains = [f"acme.{top}" for top in ("at", "be", "ch", "de", "es", "fr", "it")]
    street.sites = {domain: leads("acme-group.com") for domain in domains}
    street.stage.run(street.stage.search(), *(f"https://{domain}" for domain in domains))
    street.decide()
    found = {street.decision(domain) for domain in domains}
    assert found == {("known_crm", "redirect_and_name")}


def test_a_company_that_was_pushed_is_known_under_where_it_leads(street: Street) -> None:
    """Its record in the CRM has the old domain; the new one is found later."""
    street.sites["acme.com"] = leads("newname.com")
    search = street.stage.search()
    street.stage.run(search, "https://acme.com")
    street.decide()
    street.stage.push()
    street.stage.refresh()
    street.stage.run(search, "https://newname.com")
    street.decide()
    assert street.decision("newname.com") == ("probable", "redirect")


@pytest.mark.parametrize(
    ("verdict", "decision"),
    [
        (Verdict.DIFFERENT, ("new", "nothing_alike")),
        (Verdict.SAME, ("known_crm", "person_said_same")),
    ],
)
def test_a_persons_word_beats_a_redirect(
    street: Street, verdict: Verdict, decision: tuple[str, str]
) -> None:
    """Also where the names agree."""
    street.mirror("Acme", "https://www.acme-group.com")
    street.sites["acme.com"] = leads("acme-group.com")
    give_verdict(street.stage.context, verdict, "acme.com", "acme-group.com", actor="anna")
    street.stage.run(street.stage.search(), "https://acme.com")
    street.decide()
    assert street.decision("acme.com") == decision


def test_a_website_that_leads_to_an_excluded_one_is_excluded(street: Street) -> None:
    """The search's own list counts for where a website leads, too."""
    street.sites["acme.com"] = leads("bigcorp.com")
    search = street.stage.search(exclude_domains=("bigcorp.com",))
    street.stage.run(search, "https://acme.com")
    street.decide()
    assert street.decision("acme.com") == ("excluded", "own_exclusion")
    assert street.stage.pushes() == {}


def test_only_what_would_be_pushed_is_asked(street: Street) -> None:
    """Not what is known, too poor, excluded, without a domain, or of a search without pushes."""
    street.mirror("Known", "https://known.com")
    search = street.stage.search(min_relevance=50, exclude_domains=("excluded.com",))
    rows: list[Mapping[str, Any]] = [
        street.stage.row("https://known.com"),
        street.stage.row("https://excluded.com"),
        street.stage.row("https://poor.com", relevance=10),
        street.stage.row("https://www.linkedin.com/company/acme"),
        street.stage.row("https://acme.github.io"),
    ]
    street.stage.run(search, rows=rows)
    street.stage.run(street.stage.search("quiet", push=PushMode.OFF), "https://quiet.com")
    street.decide()
    assert street.visits == []
    assert street.known("known.com") is None


def test_one_look_serves_all_results_of_a_company(street: Street) -> None:
    """Also those that another search brings while it is waited for."""
    street.stage.run(street.stage.search("one"), "https://acme.com", "https://www.acme.com/about")
    street.match()
    street.stage.run(street.stage.search("two"), "https://acme.com")
    street.decide()
    assert street.visits == ["acme.com"]
    assert list(street.stage.pushes()) == ["acme.com"]


def test_a_look_that_is_not_made_holds_nobody_for_ever(street: Street) -> None:
    """After patience the company is pushed without, and the look is not asked for again soon."""
    street.stage.run(street.stage.search(), "https://acme.com")
    street.match()
    street.stage.clock.advance(POLICY.patience - timedelta(seconds=1))
    assert street.match() == {}
    street.stage.clock.advance(timedelta(seconds=1))
    assert street.match() == {"new": 1}
    assert list(street.stage.pushes()) == ["acme.com"]
    assert street.follow() == FollowResult(missed=1)
    known = street.known("acme.com")
    assert known is not None
    assert known.outcome is Outcome.NOT_IN_TIME
    assert street.visits == []


def test_a_look_that_dies_holds_nobody_for_ever(street: Street) -> None:
    """Whatever goes wrong in it: the others are looked at, and the push waits for patience only."""
    street.stage.run(street.stage.search(), "https://acme.com", "https://bigcorp.com")
    street.match()
    street.fault = RuntimeError("died")
    with pytest.raises(RuntimeError):
        street.follow()
    street.fault = None
    assert street.follow().outcomes == {"stays": 1}
    assert street.visits == ["acme.com", "bigcorp.com"]
    assert street.match() == {"new": 1}
    street.stage.clock.advance(POLICY.patience)
    assert street.match() == {"new": 1}
    assert sorted(street.stage.pushes()) == ["acme.com", "bigcorp.com"]


def test_a_look_that_was_not_begun_is_given_back(street: Street) -> None:
    """When the program is to stop, the next one goes on with it."""
    street.stage.run(street.stage.search(), "https://acme.com")
    street.match()
    street.fault = RateLimited("stopping", "not now")
    assert street.follow().outcomes == {}
    street.fault = None
    assert street.follow().outcomes == {"stays": 1}


def test_results_that_wait_keep_nobody_else_waiting(street: Street) -> None:
    """More of them than a batch holds, and those behind them are decided all the same."""
    many = [f"https://site-{number}.com" for number in range(250)]
    street.stage.run(street.stage.search(), *many)
    street.mirror("Known", "https://known.com")
    street.stage.run(street.stage.search("two"), "https://known.com")
    assert street.match() == {"known_crm": 1}
    assert street.follow().outcomes == {"stays": 250}
    assert street.match() == {"new": 250}


def test_a_website_is_asked_again_after_a_while(street: Street) -> None:
    """When its company is found once more and not pushed yet; what changed is told."""
    search = street.stage.search(min_relevance=50)
    street.sites["acme.com"] = leads("bigcorp.com")
    street.stage.run(search, "https://acme.com")
    street.match()
    street.follow()
    street.sites["acme.com"] = STAYS
    street.stage.clock.advance(POLICY.recheck_every)
    street.decide()
    assert street.visits == ["acme.com", "acme.com"]
    told = street.stage.events("redirect.followed")
    assert [(row.get("before"), row.get("leads_to")) for row in told] == [
        (None, "bigcorp.com"),
        ("bigcorp.com", None),
    ]
    assert street.decision("acme.com") == ("new", "nothing_alike")


def test_switched_off_nothing_is_asked_and_nobody_waits(street: Street) -> None:
    """What waited when it was on goes on at once; what was found out still counts."""
    street.mirror("Bigcorp", "https://bigcorp.com")
    street.sites["acme.com"] = leads("bigcorp.com")
    search = street.stage.search()
    street.stage.run(search, "https://acme.com", "https://waits.com")
    street.match()
    with street.stage.store.transaction("test", now=street.stage.clock.now()) as unit:
        unit.redirects.save("acme.com", leads("bigcorp.com"), now=street.stage.clock.now())
    street.policy = None
    street.stage.run(search, "https://new.com")
    assert street.match() == {"probable": 1, "new": 2}
    assert street.known("new.com") is None


def test_a_wave_is_not_over_while_results_wait(street: Street) -> None:
    """How many were new is known only when all were decided."""
    task_id = street.stage.run(street.stage.search(), "https://acme.com")
    street.match()
    with street.stage.store.reading(now=street.stage.clock.now()) as unit:
        slot_id = unit.tasks.get(task_id).slot_id
        assert slot_id is not None
        assert unit.results.any_to_match(slot_id)
    street.follow()
    street.match()
    with street.stage.store.reading(now=street.stage.clock.now()) as unit:
        assert not unit.results.any_to_match(slot_id)


def test_a_look_is_given_to_one_replica(street: Street) -> None:
    """The oldest first, each once, and none that nobody waits for any more."""
    clock, store = street.stage.clock, street.stage.store
    for domain in ("old.com", "b.com", "a.com"):
        with store.transaction("test", now=clock.now()) as unit:
            unit.redirects.ask([domain], now=clock.now())
        clock.advance(timedelta(minutes=1))
    given = []
    for _ in range(3):
        with store.transaction("test", now=clock.now()) as unit:
            found = unit.redirects.claim(asked_after=clock.now() - timedelta(minutes=3))
            given.append(None if found is None else found.domain)
    assert given == ["b.com", "a.com", None]


def test_what_was_found_stays_until_it_is_looked_at_again(street: Street) -> None:
    """Asking anew forgets nothing; in either direction."""
    clock, store = street.stage.clock, street.stage.store
    with store.transaction("test", now=clock.now()) as unit:
        unit.redirects.ask(["acme.com"], now=clock.now())
        unit.redirects.save("acme.com", leads("bigcorp.com"), now=clock.now())
        unit.redirects.ask(["acme.com", "other.com"], now=clock.now())
    known = street.known("acme.com")
    assert known is not None
    assert (known.outcome, known.leads_to) == (Outcome.ASKED, "bigcorp.com")
    with store.reading(now=clock.now()) as unit:
        assert unit.redirects.leading_to(["bigcorp.com", "x.com"]) == {"acme.com": "bigcorp.com"}


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    return Rig(store=store, folder=tmp_path, options=SandboxOptions(companies=500, crm=20))


def decided(rig: Rig) -> dict[str, Any]:
    """The decision on each company."""
    return {row["key"]: (row["decision"], row["rule"]) for row in rig.rows("companies", limit=500)}


def test_the_whole_program_follows_before_it_pushes(rig: Rig) -> None:
    """One pass asks, looks, decides and pushes; a website that leads to the CRM's is not pushed."""
    held = next(
        row["properties"]["domain"]
        for row in rig.crm()
        if row["properties"].get("domain") and ":" not in row["properties"]["domain"]
    )
    visits: list[str] = []

    def visit(domain: str) -> Landing:
        assert domain not in rig.ours()  # not pushed yet
        visits.append(domain)
        return leads(held) if len(visits) == 1 else STAYS

    rig.visit = visit
    rig.text += "[redirects]\nfollow = true\n"
    result = rig.once()
    assert result.left.is_idle
    assert len(visits) == len(set(visits))
    assert decided(rig)[visits[0]] == ("probable", "redirect")
    assert visits[0] not in rig.ours()
    plain = [key for key in rig.ours() if ":" not in key]
    assert plain
    assert set(plain) <= set(visits)


def test_it_is_off_unless_asked_for(rig: Rig) -> None:
    """No job follows, and no website is asked, by default or in a simulated world."""

    def visit(domain: str) -> Landing:
        raise AssertionError(domain)

    rig.visit = visit
    assert rig.once().left.is_idle
    rig.visit = None
    rig.text += "[redirects]\nfollow = true\n"
    with rig.app() as app:
        assert "follow" not in [job.name for job in app.jobs]
