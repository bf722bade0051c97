"""Cities under their names in several languages."""

import pytest

from daemon.domain.cities import compared_city


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Köln", "Cologne"),
        ("KOELN", "koln"),
        ("Genève", "Genf"),
        ("New York", "New York City"),
        ("Frankfurt", "Frankfurt am Main"),
        ("'s-Gravenhage", "The Hague"),
        ("Athens", "Αθήνα"),
        ("Łódź", "Lodz"),
    ],
)
def test_one_city_has_one_form(one: str, other: str) -> None:
    """A city's names in several languages and spellings are one."""
    assert compared_city(one) == compared_city(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Frankfurt", "Frankfurt (Oder)"), ("York", "New York"), ("Bern", "Bonn")]
)
def test_two_cities_stay_two(one: str, other: str) -> None:
    """A part of a name in common makes no city the other."""
    assert compared_city(one) != compared_city(other)


@pytest.mark.parametrize("city", [None, "", "!"])
def test_no_city_is_no_city(city: str | None) -> None:
    """Where nothing is said there is nothing to compare."""
    assert compared_city(city) == ""
