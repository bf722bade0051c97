"""Is a found company one that is known: the rules, their order, and a person's word."""

import random

import pytest

from daemon.domain.companies import FoundCompany, KnownCompany
from daemon.domain.hostnames import domain_keys
from daemon.domain.identities import identify
from daemon.domain.matching import (
    NO_MATCH,
    Match,
    MatchKind,
    MatchPolicy,
    Verdict,
    blocking_keys,
    blocking_keys_of_record,
    match_company,
    verdict_key,
)

CERTAIN, PROBABLE, NEW = MatchKind


def _found(
    name: str = "Zorbix",
    website: str = "zorbix.com",
    country: str | None = None,
    city: str | None = None,
    profile_id: str | None = None,
) -> FoundCompany:
    return FoundCompany(
        result_id="r", name=name, website=website, country=country, city=city, profile_id=profile_id
    )


def _known(
    name: str = "Zorbix",
    websites: tuple[str, ...] = (),
    country: str | None = None,
    city: str | None = None,
    profile_id: str | None = None,
    record_id: str = "1",
) -> KnownCompany:
    keys = domain_keys(websites)
    return KnownCompany(
        identity=keys[0] if keys else f"record:{record_id}",
        domains=keys,
        name=name,
        connector="crm",
        record_id=record_id,
        country=country,
        city=city,
        profile_id=profile_id,
    )


def _match(
    found: FoundCompany,
    *known: KnownCompany,
    verdicts: dict[tuple[str, str], Verdict] | None = None,
) -> Match:
    return match_company(found, identify(found), known, verdicts or {}, MatchPolicy())


@pytest.mark.parametrize(
    ("found", "known", "kind", "rule"),
    [
        (_found(), _known(websites=("www.ZORBIX.com",)), CERTAIN, "same_identity"),
        (_found(), _known(websites=("a.com", "zorbix.com")), CERTAIN, "same_domain"),
        (
            _found(website="zorbix.github.io"),
            _known(websites=("a.com", "zorbix.github.io")),
            CERTAIN,
            "same_host",
        ),
        (
            _found(website="linkedin.com/company/zorbix"),
            _known(websites=("a.com", "https://de.linkedin.com/company/Zorbix/")),
            CERTAIN,
            "same_page",
        ),
        (
            _found(profile_id="p"),
            _known("Other", profile_id="p"),
            CERTAIN,
            "same_profile_id",
        ),
        (
            _found(profile_id="p"),
            _known("Other", ("other.com",), profile_id="p"),
            PROBABLE,
            "same_profile_id_other_domain",
        ),
        (_found(), _known(websites=("zorbix.de",)), PROBABLE, "same_brand"),
        (_found(), _known("Other", ("zor-bix.de",)), PROBABLE, "same_brand"),
        (
            _found("Zorbix Air", country="US"),
            _known("Zorbix Foods", ("zorbix.de",), country="DE"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Zorbix Air", country="US"),
            _known("Zorbix Foods", ("zorbix.de",), country="USA"),
            PROBABLE,
            "same_brand",
        ),
        (_found("Data", "data.com"), _known("Data", ("data.io",)), NEW, "nothing_alike"),
        (
            _found("Data", "data.com", city="Köln"),
            _known("Data", ("data.io",), city="Koeln"),
            PROBABLE,
            "same_brand",
        ),
        (
            _found("Zorbix Ltd", "zx.com", "UK", "Leeds"),
            _known("ZORBIX Limited", ("zb.net",), "GB", "Leeds"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Zorbix Ltd", "zx.com", "UK", "Leeds"),
            _known("ZORBIX Limited", ("zb.net",), "GB", "York"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Zorbix Ltd", "zx.com", "UK"),
            _known("ZORBIX Limited", ("zb.net",), "FR"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("City Bakery", "cb.com", "UK", "Leeds"),
            _known("City Bakery", (), "UK", "York"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("City Bakery", "cb.com", "UK", "Leeds"),
            _known("City Bakery", (), "UK", "Leeds"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Lundqvist Guss", "kg.de", "DE", "Hagen"),
            _known("Lundkvist Guss", (), "DE", "Hagen"),
            PROBABLE,
            "misspelt_name",
        ),
        (
            _found("Lundqvist Guss", "kg.de", "DE", "Hagen"),
            _known("Lundkvist Guss", (), "DE", "Kiel"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Lundqvist Guss", "lg.se", "SE"),
            _known("Sundqvist Guss", (), "SE"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Kepler 20230101", "k1.de", "DE"),
            _known("Kepler 20230102", (), "DE"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Zorbix Ltd", "zx.com", "UK"),
            _known("ZORBIX Limited", (), "FR"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("City Bakery", "cb.com", "UK", "Leeds"),
            _known("City Bakery", (), "UK"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Kolb und Priem", "kp.de"),
            _known("KP", ("kp.com",)),
            PROBABLE,
            "same_brand",
        ),
        (_found("Kolb", "kp.de"), _known("KP", ("kp.com",)), NEW, "nothing_alike"),
        (
            _found("ZKTL", "", "DE", "Munich"),
            _known("Zeta Kabel und Tau Lager", (), "DE", "München"),
            PROBABLE,
            "acronym",
        ),
        (
            _found("ZKTL", "", "DE", "Kiel"),
            _known("Zeta Kabel und Tau Lager", (), "DE", "München"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Zorbix of Leeds", "zorbix.com/leeds", "UK", "Leeds"),
            _known("Zorbix of York", ("zorbix.com",), "UK", "York"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Zorbix Leeds", "zorbix.com", "UK", "Leeds"),
            _known("Zorbix", ("zorbix.com",), "UK", "York"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("Gasthof Adler", "https://zorbix.com/gasthof-adler", "AT", "Lech"),
            _known("Pension Enzian", ("a.com", "zorbix.com"), "AT", "Lech"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Gasthof Adler", "https://zorbix.com/ueber-uns", "AT", "Lech"),
            _known("Pension Enzian", ("a.com", "zorbix.com"), "AT", "Lech"),
            CERTAIN,
            "same_domain",
        ),
        (
            _found("Gasthof Adler", "zorbix.com", "AT", "Lech"),
            _known("Zorbix", ("zorbix.com",), "SG", "Singapore"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Zorbix", "zorbix.com", "AT", "Lech"),
            _known("ゾービックス", ("zorbix.com",), "JP"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("SKF", "", "SE", "Gothenburg"),
            _known("Svenska Kullagerfabriken AB", ("skf.com",), "SE", "Göteborg"),
            PROBABLE,
            "name_is_brand",
        ),
        (
            _found("Zorbix Tooling", "zorbix.com", "DE"),
            _known("Zorbix", (), "DE"),
            PROBABLE,
            "name_is_brand",
        ),
        (
            _found("Zorbix Tooling", "zorbix.com", "DE", "Kiel"),
            _known("Zorbix", (), "DE", "Bonn"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Kolb", "", "DE", "Bonn"),
            _known("Apollo Kolb Bank", ("bank.de",), "DE", "Bonn"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("MARS Inc (Mid-America Rail)", "a.com", "US", "Topeka"),
            _known("Mid-America Rail", (), "US", "Topeka"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Zorbix (Leeds)", "a.com", "UK"),
            _known("Quarv (Leeds)", ("b.com",), "UK"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Fratelli Zanchetta", "", "IT", "Treviso"),
            _known("F.lli Zanchetta snc", (), "IT", "Treviso"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("4 Winds Brewing", "", "CA", "Delta"),
            _known("Four Winds Brewing", (), "CA", "Delta"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Bäckerei Zorbix", "", "DE", "Emden"),
            _known("Bäckerei Zorbix", (), "DE", "Cottbus"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Bäckerei Zorbix", "", "DE", "Emden"),
            _known("Bäckerei Zorbix", (), "DE"),
            PROBABLE,
            "same_name",
        ),
        (
            _found("Zorbix Haustechnik", "zorbix.at", "AT"),
            _known("Zorbix", ("zorbix.com",), "US"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Zorbix Robotics", "zorbix.at", "AT"),
            _known("Zorbix", ("zorbix.com",), "US"),
            PROBABLE,
            "same_brand",
        ),
        (
            _found(
                "Universitätsklinikum Trier", "https://www.klinikum.uni-trier.de", "DE", "Trier"
            ),
            _known("Universität Trier", ("uni-trier.de",), "DE", "Trier"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Guild of Students", "https://www.northmoor.ac.uk/guild", "UK"),
            _known("Northmoor University", ("northmoor.ac.uk",), "UK"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Zorbix Photonics", "https://zorbix.physics.northmoor.edu", "US"),
            _known("Northmoor College", ("northmoor.edu",), "US"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Northmoor", "https://www.northmoor.edu/", "US"),
            _known("Northmoor State University", ("northmoor.edu",), "US"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("UCLH", "https://www.uclh.nhs.uk", "UK"),
            _known("University College Hospital", ("uclh.nhs.uk",), "UK"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("Zorbix Ventures", "https://ventures.zorbix.com", "US"),
            _known("Zorbix", ("zorbix.com",), "US"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("Patisserie Zorbix", "https://zorbix.wixsite.com/patisserie", "FR"),
            _known("Zorbix Couture", ("https://zorbix.wixsite.com/couture",), "FR"),
            PROBABLE,
            "same_domain_other_company",
        ),
        (
            _found("Zorbix", "https://zorbix.wixsite.com/patisserie", "FR"),
            _known("Zorbix Patisserie", ("https://zorbix.wixsite.com/home",), "FR"),
            CERTAIN,
            "same_identity",
        ),
        (
            _found("Zorbix Wind Systems", "", "DK", "Aarhus"),
            _known("Zorbix", ("zrbx.dk",), "DK", "Århus"),
            PROBABLE,
            "longer_name",
        ),
        (
            _found("Zorbix Wind Systems", "zws.dk", "DK", "Aarhus"),
            _known("Zorbix", ("zrbx.dk",), "DK", "Århus"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Aarhus Wind Systems", "", "DK", "Aarhus"),
            _known("Aarhus", ("zrbx.dk",), "DK", "Aarhus"),
            NEW,
            "nothing_alike",
        ),
        (
            _found("Zorbix Pizzeria", "", "DK", "Aarhus"),
            _known("Zorbix", ("zrbx.dk",), "DK", "Aarhus"),
            NEW,
            "nothing_alike",
        ),
        (_found("", ""), _known(""), NEW, "nothing_alike"),
    ],
)
def test_each_rule_holds_where_it_should_and_nowhere_else(
    found: FoundCompany, known: KnownCompany, kind: MatchKind, rule: str
) -> None:
    """Each resemblance gives its rule; where it says too little, the company is new."""
    match = _match(found, known)
    assert (match.kind, match.rule) == (kind, rule)
    assert match.other is (None if kind is NEW else known)
    assert bool(match.evidence) == (kind is not NEW)


def test_a_name_without_a_city_proves_nothing_in_a_crm() -> None:
    """Two companies of which only the name is known are one among our results, not in a CRM."""
    found = _found("Zorbix", "")
    identity = identify(found)
    assert identity.key == "name:zorbix|"
    earlier = KnownCompany(identity=identity.key, name="Zorbix")
    assert _match(found, earlier).kind is CERTAIN
    record = KnownCompany(identity=identity.key, name="Zorbix", connector="crm", record_id="1")
    assert _match(found, record).kind is PROBABLE


def test_one_domain_is_one_company_among_our_own_results() -> None:
    """Only a CRM's record is doubted: two results under one key are one company to us."""
    found = _found("Gasthof Adler", "zorbix.com", "AT", "Lech")
    earlier = KnownCompany(
        identity="zorbix.com", domains=("zorbix.com",), name="Zorbix", country="SG"
    )
    assert _match(found, earlier).kind is CERTAIN


def test_nothing_known_is_no_match() -> None:
    """Without anything known a company is new."""
    assert _match(_found()) is NO_MATCH


def test_the_strongest_match_is_told_in_whatever_order() -> None:
    """Of several known companies the strongest rule wins, then connector and record."""
    known = [
        _known(websites=("zorbix.de",), record_id="2"),
        _known(websites=("a.com", "zorbix.com"), record_id="4"),
        _known(websites=("b.com", "zorbix.com"), record_id="3"),
        _known("Other", ("other.com",), record_id="1"),
    ]
    for seed in range(5):
        random.Random(seed).shuffle(known)
        match = _match(_found(), *known)
        assert match.other is not None
        assert (match.rule, match.other.record_id) == ("same_domain", "3")


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("other.net", _known("Other", ("other.net",))),
        ("alias.net", _known("Other", ("other.net", "alias.net"))),
    ],
)
def test_a_person_s_same_beats_every_rule(key: str, known: KnownCompany) -> None:
    """What a person called the same is certain, stronger even than another record's same domain."""
    verdicts = {verdict_key(key, "zorbix.com"): Verdict.SAME}
    match = _match(_found(), _known(websites=("zorbix.com",)), known, verdicts=verdicts)
    assert (match.kind, match.rule, match.other) == (CERTAIN, "person_said_same", known)


def test_a_person_s_different_beats_every_rule() -> None:
    """What a person called different matches by no rule, and other records still may."""
    first, second = _known(websites=("zorbix.de", "zorbix.com")), _known(websites=("zorbix.at",))
    verdicts = {verdict_key("zorbix.com", "zorbix.de"): Verdict.DIFFERENT}
    assert _match(_found(), first, verdicts=verdicts) == NO_MATCH
    assert _match(_found(), first, second, verdicts=verdicts).other == second


def test_a_verdict_on_the_vendor_s_profile_outlives_a_new_domain() -> None:
    """A verdict given while only the vendor's profile was known still holds with a domain."""
    verdicts = {verdict_key("extruct:p", "other.net"): Verdict.SAME}
    match = _match(_found(profile_id="p"), _known("Other", ("other.net",)), verdicts=verdicts)
    assert match.rule == "person_said_same"


def test_a_verdict_has_one_key_in_either_order() -> None:
    """The pair of identity keys is kept sorted."""
    assert verdict_key("b", "a") == verdict_key("a", "b") == ("a", "b")


def test_blocking_keys_name_website_brand_profile_and_name() -> None:
    """A store finds candidates by domain, brand, vendor's profile, name, and name in a country."""
    assert blocking_keys_of_record(
        "Acme Tools GmbH", ("acme-tools.de", "host:acme.github.io"), "p-1", "Germany", "Köln"
    ) == (
        "d:acme-tools.de",
        "b:acmetools",
        "d:host:acme.github.io",
        "b:acme",
        "p:p-1",
        "n:acelmoost",
        "n:acemto|de",
        "w:acme|cologne",
    )
    assert blocking_keys_of_record("", (), None, None, None) == ()
    found = _found("Acme Tools", "acme-tools.de", "DE", profile_id="p-1")
    assert blocking_keys(found, identify(found)) == (
        "d:acme-tools.de",
        "b:acmetools",
        "p:p-1",
        "n:acelmoost",
        "n:acemto|de",
    )
