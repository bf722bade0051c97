from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.hostnames import site_of
from daemon.sandbox.chance import Draws, Weighted, mix_text
from daemon.sandbox.names import BRANDS, spell_website
from daemon.sandbox.population import CrmCompany, make_crm
from daemon.sandbox.vendor_domains import registered_domain
from daemon.sandbox.worlds import World, make_world

MANY = 5_000


def domains_in(record: CrmCompany) -> set[str | None]:
    texts = [record.domain, record.website, *record.additional_domains]
    return {registered_domain(text) for text in texts if text}


def test_the_same_seed_makes_the_same_companies() -> None:
    """A company is the same in each process and order of asking, and in a world of any size."""
    one, other = make_world(3, 100), make_world(3, 100_000)
    assert [one.company(index) for index in range(50)] == [
        other.company(index) for index in reversed(range(50))
    ][::-1]
    assert one.company(7) != make_world(4, 100).company(7)


def test_the_draws_never_change() -> None:
    """A seed that someone wrote down means the same world in every version."""
    draws = Draws(7, 11)
    assert [draws.below(100) for _ in range(6)] == [49, 39, 22, 36, 69, 49]
    assert mix_text("freight") == 6_863_342_571_705_266_355


def test_no_two_companies_share_a_name_or_domain(world: World) -> None:
    """What a test counts as one company is one company."""
    companies = [world.company(index) for index in range(MANY)]
    domains = [
        domain for each in companies if each.domain for domain in (each.domain, *each.aliases)
    ]
    assert len({each.name for each in companies}) == MANY
    assert len(set(domains)) == len(domains)


def test_each_website_leads_to_the_domain(world: World) -> None:
    """Every spelling, read by the vendor's rule and by ours, gives the company's domain."""
    for index in range(MANY):
        company = world.company(index)
        if company.domain is None:
            assert site_of(company.website).domain is None
        else:
            assert registered_domain(company.website) == company.domain
            assert site_of(company.website).domain == company.domain


def test_worlds_are_as_messy_as_ours(world: World) -> None:
    """There are national letters, aliases, shared hosts, profile pages, junk and missing ids."""
    companies = [world.company(index) for index in range(MANY)]
    pages = [each.website for each in companies if each.domain is None]
    assert any(each.domain and each.domain.startswith("xn--") for each in companies)
    assert any(each.aliases for each in companies)
    assert any(each.profile_id is None for each in companies)
    for part in ("linkedin.com/", "github.io", "myshopify.com", "10.0.0."):
        assert any(part in page for page in pages), part
    assert "" in pages


@pytest.mark.parametrize(
    "query",
    [
        "vertical SaaS companies serving freight forwarding",
        "craft breweries and coffee roasters",
        "makers of medical devices",
        "cyber security consultants",
        "solar installers",
    ],
)
def test_a_query_finds_its_topic(world: World, query: str) -> None:
    """What a query says in words is what most of the best companies do."""
    best = [world.company(match.index).topic for match in world.search(query)[:20]]
    expected = {
        "vert": "freight",
        "craf": "drinks",
        "make": "devices",
        "cybe": "security",
        "sola": "energy",
    }[query[:4]]
    assert len(best) == 20
    assert Counter(best).most_common(1)[0][0] == expected


def test_a_country_in_the_query_is_kept_to(world: World) -> None:
    """A query that names countries finds companies there only."""
    countries = {
        world.company(match.index).country for match in world.search("robot makers in Germany")
    }
    assert countries == {"Germany"}


def test_a_kind_in_the_query_comes_first(world: World) -> None:
    """Companies of the kind that was asked for rank before the others."""
    kinds = [world.company(match.index).kind for match in world.search("freight software")[:15]]
    assert set(kinds) == {"software"}


@given(query=st.text(max_size=60))
def test_any_query_finds_something(world: World, query: str) -> None:
    """A campaign on words that the world does not know still has results to try with."""
    matches = world.search(query)
    assert all(0 < match.fit <= 1 and 0 <= match.index < world.size for match in matches)
    assert matches or any(name in query.lower() for name in ("uk", "usa"))


def test_other_words_rank_otherwise(world: World) -> None:
    """Two searches for one topic overlap without being the same."""
    one = [match.index for match in world.search("freight forwarding software")][:30]
    other = [match.index for match in world.search("freight logistics software")][:30]
    assert one != other
    assert set(one) & set(other)


def test_a_world_has_an_end() -> None:
    """More companies than there are names are refused, rather than named twice."""
    assert make_world(1, BRANDS // 2).company(BRANDS - 1).name
    with pytest.raises(ValueError, match="holds from 0"):
        make_world(1, BRANDS)


def test_weights_are_kept() -> None:
    """A choice by weights takes each item as often as its weight says."""
    choice = Weighted([3, 0, 1])
    assert Counter(choice.index(number) for number in range(8)) == {0: 6, 2: 2}


@pytest.mark.parametrize("style", range(11))
def test_each_spelling_of_a_website_is_read(style: int) -> None:
    """Each way of writing a website leads back to its domain, national letters included."""
    for domain in ("acme.co.uk", "xn--mller-kva.de"):
        assert registered_domain(spell_website(domain, style)) == domain


# The CRM's population.


def test_a_crm_overlaps_with_the_world(world: World) -> None:
    """Part of what can be found is known, the rest of the records are strangers."""
    crm = list(make_crm(world, seed=1, size=6_000, known_share=0.4))
    known = [record for record in crm if record.index < world.size]
    assert (len(crm), len(known)) == (6_000, 2_000)
    assert len({record.index for record in crm}) == 6_000
    assert any(record.index < world.size for record in crm[:20])
    assert any(record.index >= world.size for record in crm[:20])


def test_a_small_crm_still_holds_strangers(world: World) -> None:
    """However small the CRM, a fifth of it is of no interest to any search."""
    crm = list(make_crm(world, seed=1, size=100))
    assert sum(record.index >= world.size for record in crm) == 20


def test_every_domain_of_a_record_can_be_read(world: World) -> None:
    """However messy the record, each domain of its company is in one of its fields."""
    for record in make_crm(world, seed=1, size=2_000):
        company = world.company(record.index)
        if company.domain is not None:
            assert {company.domain, *company.aliases} <= domains_in(record)


def test_records_are_messy(world: World) -> None:
    """Each kind of mess that CRMs hold is there."""
    crm = list(make_crm(world, seed=1, size=2_000))
    domains = [record.domain or "" for record in crm]
    assert any(domain.startswith("www.") for domain in domains)
    assert any(domain.isupper() for domain in domains)
    assert any(domain.startswith("https://") for domain in domains)
    assert any(not domain.isascii() for domain in domains)
    assert any(domain != domain.strip() for domain in domains)
    assert any(not record.domain and record.website for record in crm)
    assert any(
        not record.domain and not record.website and record.additional_domains for record in crm
    )
    assert any(record.description is None for record in crm)


def test_a_crm_is_made_as_it_is_read(world: World) -> None:
    """The first records of a huge CRM are those of a first look, and cost no more."""
    huge = make_crm(world, seed=1, size=10_000_000, known_share=1.0)
    assert len(list(islice(huge, 10))) == 10
    assert list(make_crm(world, seed=2, size=50)) == list(make_crm(world, seed=2, size=50))


def test_duplicates_are_made_on_demand(world: World) -> None:
    """A CRM may hold companies twice, but only when that is asked for."""
    crm = [record.index for record in make_crm(world, seed=1, size=1_000, duplicate_share=0.2)]
    assert 700 < len(set(crm)) < 900


@pytest.mark.parametrize("companies", [0, 1])
def test_a_world_may_be_empty(companies: int) -> None:
    """Neither search nor CRM stumbles over a world with nothing in it."""
    tiny = make_world(1, companies)
    assert len(tiny.search("freight")) <= companies
    assert len(list(make_crm(tiny, seed=1, size=3))) == 3
