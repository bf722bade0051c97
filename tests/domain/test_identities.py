"""The key under which a found company is known."""

import pytest

from daemon.domain.companies import FoundCompany
from daemon.domain.identities import has_own_website, identify, identity_keys, site_keys


def _found(website: str, *, name: str = "Acme GmbH", profile_id: str | None = None) -> FoundCompany:
    return FoundCompany(
        result_id="r-1", name=name, website=website, profile_id=profile_id, city="Köln"
    )


@pytest.mark.parametrize(
    ("found", "key", "domain", "own"),
    [
        (_found("https://www.acme.com/x", profile_id="p"), "acme.com", "acme.com", True),
        (_found("acme.github.io", profile_id="p"), "host:acme.github.io", None, True),
        (
            _found("linkedin.com/company/Acme", profile_id="p"),
            "profile:linkedin.com/company/acme",
            None,
            False,
        ),
        (_found("n/a", profile_id="p"), "extruct:p", None, False),
        (_found(""), "name:acme|koln", None, False),
        (_found("", name="GmbH"), "name:gmbh|koln", None, False),
        (_found("", name="!!!"), "name:!!!|koln", None, False),
        (_found("", name=" "), "name:r-1|koln", None, False),
    ],
)
def test_the_strongest_thing_that_tells_is_the_identity(
    found: FoundCompany, key: str, domain: str | None, own: bool
) -> None:
    """Domain before host before page before the vendor's profile before name and city."""
    identity = identify(found)
    assert (identity.key, identity.domain) == (key, domain)
    assert identity_keys(found)[0] == key
    assert has_own_website(identity) is own
    assert (identity.reason == "") == (domain is not None)


def test_all_keys_of_a_company_are_told_strongest_first() -> None:
    """A company is looked for under its website, the vendor's profile, and its name and city."""
    found = _found("https://acme.com", profile_id="p-1")
    assert identity_keys(found) == ("acme.com", "extruct:p-1", "name:acme|koln")
    assert site_keys(identify(found)) == ("acme.com",)
    assert site_keys(identify(_found("", profile_id="p-1"))) == ()


def test_one_company_spelt_in_two_ways_has_one_identity() -> None:
    """Case, legal form and accents make no second company of one without a website."""
    one, other = _found("", name="ACME"), _found("-", name="acme G.m.b.H.")
    assert identify(one).key == identify(other).key
