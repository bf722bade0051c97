"""What a redirect proves of two companies, beside their names and places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.companies import FoundCompany, KnownCompany
from daemon.domain.identities import identify
from daemon.domain.matching import Match, MatchKind, MatchPolicy, Verdict, match_company

ACME = FoundCompany(
    result_id="1", name="Acme GmbH", website="https://acme.com", country="Germany", city="Berlin"
)


def known(
    name: str,
    *domains: str,
    leads_to: tuple[str, ...] = (),
    country: str | None = None,
    city: str | None = None,
) -> KnownCompany:
    """A CRM's record."""
    return KnownCompany(
        identity=domains[0],
        domains=domains,
        leads_to=leads_to,
        name=name,
        connector="crm",
        record_id=name,
        country=country,
        city=city,
    )


def match(
    *companies: KnownCompany, leads_to: str | None = None, verdict: Verdict | None = None
) -> Match:
    """What Acme is beside these."""
    verdicts = {} if verdict is None else {("acme.com", "bigcorp.com"): verdict}
    return match_company(ACME, identify(ACME), companies, verdicts, MatchPolicy(), leads_to)


@pytest.mark.parametrize(
    ("company", "leads_to"),
    [
        (known("Bigcorp", "bigcorp.com"), "bigcorp.com"),
        (known("Bigcorp", "bigcorp.net", "bigcorp.com"), "bigcorp.com"),
        (known("Bigcorp", "bigcorp.com", leads_to=("acme.com",)), None),
        (known("Bigcorp", "bigcorp.com", leads_to=("third.com",)), "third.com"),
        (known("Acme", "bigcorp.com", country="France"), "bigcorp.com"),
        (known("Acme Logistics", "bigcorp.com"), "bigcorp.com"),
    ],
)
def test_a_redirect_alone_is_for_a_person(company: KnownCompany, leads_to: str | None) -> None:
    """In either direction, and by way of a third; a daughter in another country too."""
    found = match(company, leads_to=leads_to)
    assert (found.kind, found.rule) == (MatchKind.PROBABLE, "redirect")
    assert found.evidence["leads_to"] in {"bigcorp.com", "acme.com", "third.com"}
    assert found.evidence["known_name"] == company.name


@pytest.mark.parametrize("name", ["Acme", "ACME AG", "Acme Deutschland"])
def test_a_redirect_with_the_name_is_proof(name: str) -> None:
    """Legal forms and regions aside; the country may be unknown or the same."""
    for country, city in ((None, None), ("DE", "Hamburg")):
        company = known(name, "bigcorp.com", country=country, city=city)
        found = match(company, leads_to="bigcorp.com")
        assert (found.kind, found.rule) == (MatchKind.CERTAIN, "redirect_and_name")


def test_the_domain_itself_is_stronger() -> None:
    """Where one record has the domain and another is led to."""
    found = match(known("Other", "bigcorp.com"), known("Acme", "acme.com"), leads_to="bigcorp.com")
    assert (found.kind, found.rule) == (MatchKind.CERTAIN, "same_identity")


def test_a_persons_word_is_stronger_still() -> None:
    """Either way, and even where the names agree."""
    company = known("Acme", "bigcorp.com")
    said = match(company, leads_to="bigcorp.com", verdict=Verdict.DIFFERENT)
    assert said.kind is MatchKind.NEW
    said = match(known("Bigcorp", "bigcorp.com"), leads_to="bigcorp.com", verdict=Verdict.SAME)
    assert said.rule == "person_said_same"


@given(
    st.sampled_from(["Acme", "Bigcorp", "Acme Freight", ""]),
    st.sampled_from(["acme.com", "acme.de", "bigcorp.com", "host:x.github.io"]),
    st.sampled_from([(), ("third.com",)]),
)
def test_a_redirect_elsewhere_changes_nothing(
    name: str, domain: str, leads_to: tuple[str, ...]
) -> None:
    """What leads to nobody's domain is decided as if it led nowhere."""
    company = known(name, domain, leads_to=leads_to)
    assert match(company, leads_to="unrelated.com") == match(company)
