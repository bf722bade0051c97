"""Two companies that give one website: what tells them apart, and what does not."""

import pytest

from daemon.domain.companies import FoundCompany, KnownCompany
from daemon.domain.hostnames import domain_keys
from daemon.domain.identities import identify
from daemon.domain.matching import Match, MatchKind, MatchPolicy, match_company

ULM, BONN, TOWN = "Ulm", "Bonn", None


def _match(
    found: str, website: str, city: str | None, known: str, domain: str, known_city: str | None
) -> Match:
    company = FoundCompany(result_id="r1", name=found, website=website, country="DE", city=city)
    keys = domain_keys([domain])
    record = KnownCompany(
        identity=keys[0],
        domains=keys,
        name=known,
        country="DE",
        city=known_city,
        connector="crm",
        record_id="1",
    )
    return match_company(company, identify(company), [record], {}, MatchPolicy())


@pytest.mark.parametrize(
    ("found", "website", "city", "known", "domain", "known_city", "contradiction"),
    [
        ("Zorbix Ulm", "zorbix.com", ULM, "Zorbix Bonn", "zorbix.com", BONN, "branches"),
        ("Zorbix Ulm", "zorbix.com", ULM, "Zorbix Bonn", "zorbix.com", TOWN, "branches"),
        ("Zorbix Wein", "zorbix.com/wein", ULM, "Zorbix Reisen", "zorbix.com", ULM, "branches"),
        ("Zorbix Bäder", "zorbix.com/baeder", ULM, "Zorbix Reisen", "zorbix.com", ULM, "branches"),
        ("Zorbix Wein", "wein.zorbix.com", ULM, "Zorbix Reisen", "zorbix.com", ULM, "branches"),
        (
            "Zorbix Hauptvertretung Quarv",
            "zorbix.com",
            ULM,
            "Zorbix Dremmel",
            "zorbix.com",
            ULM,
            "agents",
        ),
        (
            "Zorbix Hauptvertretung Quarv",
            "zorbix.com",
            ULM,
            "Zorbix AG",
            "zorbix.com",
            ULM,
            "agents",
        ),
        ("Zorbix Ute Quarv", "zorbix.com", ULM, "Zorbix Jens Dremmel", "zorbix.com", ULM, "agents"),
        (
            "Zorbix (Inh. Ute Quarv)",
            "zorbix.com",
            ULM,
            "Zorbix, Inhaber Jens Dremmel",
            "zorbix.com",
            ULM,
            "agents",
        ),
        ("Zorbix", "zorbix.com", ULM, "Zorbix, titolare Ugo Quarv", "zorbix.com", BONN, "agents"),
        (
            "Zorbix Ulm (Quarv GmbH)",
            "zorbix.com/ulm",
            ULM,
            "Zorbix",
            "zorbix.com",
            BONN,
            "agents",
        ),
        ("Quarv (Zorbix spin-off)", "edel.com", ULM, "Zorbix", "edel.com", ULM, "agents"),
        ("Edel Quarv e.K.", "edel.com/markt/quarv", ULM, "Edel", "edel.com", BONN, "daughters"),
        (
            "Zorbix Wein GmbH",
            "zorbix.com",
            ULM,
            "Zorbix Reisen GmbH",
            "zorbix.com",
            ULM,
            "daughters",
        ),
        (
            "Zorbix Wein",
            "zorbix-gruppe.com",
            ULM,
            "Zorbix Reisen",
            "zorbix-gruppe.com",
            ULM,
            "daughters",
        ),
        (
            "Zahnarzt Udo Quarv",
            "dent.com/udo-quarv",
            ULM,
            "Dremmel und Kolb",
            "dent.com",
            ULM,
            "portal",
        ),
        ("Quarv", "quarv.incub.com", ULM, "Dremmel", "incub.com", ULM, "portal"),
        ("Quarv", "zorbix.com", ULM, "Dremmel", "zorbix.com", ULM, "portal"),
        ("Quarv", "zrb.com", ULM, "Dremmel", "zrb.com", BONN, "portal"),
        (
            "Malermeister Udo Quarv",
            "hofsued.de",
            ULM,
            "Malermeister Jens Quarv",
            "hofsued.de",
            ULM,
            "portal",
        ),
        ("Quarv", "zorbix.com", ULM, "Zorbix", "zorbix.com", BONN, "changed_hands"),
        ("Zorbix Ulm", "zorbix.com", ULM, "Quarv GmbH", "zorbix.com", BONN, "changed_hands"),
        (
            "Quarv",
            "zorbix.wixsite.com",
            ULM,
            "Dremmel",
            "zorbix.wixsite.com",
            ULM,
            "one_account",
        ),
    ],
)
def test_two_companies_on_one_website_are_held(
    found: str,
    website: str,
    city: str | None,
    known: str,
    domain: str,
    known_city: str | None,
    contradiction: str,
) -> None:
    """Where each keeps something of its own and something else speaks, a person looks."""
    match = _match(found, website, city, known, domain, known_city)
    assert (match.kind, match.rule) == (MatchKind.PROBABLE, "same_domain_other_company")
    assert match.evidence["contradiction"] == contradiction


@pytest.mark.parametrize(
    ("found", "website", "city", "known", "domain", "known_city"),
    [
        ("Zorbix Wein", "zorbix.com", ULM, "Zorbix Reisen", "zorbix.com", ULM),
        ("Zorbix Wein", "zorbix.com/kontakt", ULM, "Zorbix Reisen", "zorbix.com", ULM),
        ("Zorbix Shop", "zorbix.com/shop", ULM, "Zorbix Reisen", "zorbix.com", ULM),
        ("Zorbix Wein", "zorbix.com/wein", ULM, "Zorbix", "zorbix.com", BONN),
        ("Zorbix", "zorbix.com", ULM, "Zorbix Wein GmbH", "zorbix.com", BONN),
        ("Zorbix Filiale Ulm", "zorbix.com/ulm", ULM, "Zorbix Handel SE", "zorbix.com", BONN),
        ("Zorbix Ute Quarv", "zorbix.com", ULM, "Zorbix Tischlerei", "zorbix.com", ULM),
        ("Zorbix (Inh. Ute Quarv)", "zorbix.com", ULM, "Zorbix", "zorbix.com", ULM),
        (
            "Zorbix, Inh. Ute Quarv",
            "zorbix.com",
            ULM,
            "Zorbix, Inhaberin U. Quarv",
            "zorbix.com",
            BONN,
        ),
        ("Zorbix Ulm, GmbH & Co. KG", "zorbix.com", ULM, "Zorbix", "zorbix.com", BONN),
        ("Blumen Quarv, Inh. Ute Quarv", "blq.de", ULM, "Blumen Quarv", "blq.de", BONN),
        ("Quarv GmbH, Ulm", "zorbix.com", ULM, "Quarv", "zorbix.com", BONN),
        ("Quarv spin-off", "quarv.com", ULM, "Quarv", "quarv.com", ULM),
        ("Quarv", "zorbix.com", ULM, "Zorbix", "zorbix.com", ULM),
        ("Quarv", "zrb.com", ULM, "Dremmel", "zrb.com", ULM),
        ("Zorbix", "zorbix.com", ULM, "Quarv Verwaltung", "zorbix.com", BONN),
        ("Zorbix Neu", "zorbix.com", "Neu-Ulm", "Zorbix Dremmel", "zorbix.com", ULM),
        ("Kantoor Zorbix", "zorbix.de", ULM, "Kantoren Zorbix", "zorbix.de", BONN),
        ("Stomatologia Quarv", "quarv.de", ULM, "Gabinet stomatologiczny Quarv", "quarv.de", ULM),
        ("Universität Quarv", "unq.de", ULM, "University of Quarvia", "unq.de", ULM),
    ],
)
def test_one_website_is_one_company_unless_something_speaks_against_it(
    found: str, website: str, city: str | None, known: str, domain: str, known_city: str | None
) -> None:
    """A longer name, another section of the site, or a registered name is no other company."""
    match = _match(found, website, city, known, domain, known_city)
    assert (match.kind, match.rule) == (MatchKind.CERTAIN, "same_identity")
