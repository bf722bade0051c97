"""Countries under one spelling."""

import pytest

from daemon.domain.countries import normalise_country


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Germany", "de"),
        ("DE", "de"),
        ("deu", "de"),
        (" Deutschland ", "de"),
        ("United States", "us"),
        ("United States of America", "us"),
        ("USA", "us"),
        ("UK", "gb"),
        ("United Kingdom", "gb"),
        ("Korea (South)", "kr"),
        ("South Korea", "kr"),
        ("Türkiye", "tr"),
        ("Turkey", "tr"),
        ("Czechia", "cz"),
        ("Czech Republic", "cz"),
        ("The Netherlands", "nl"),
        ("Trinidad & Tobago", "tt"),
        ("Trinidad and Tobago", "tt"),
        ("Narnia", "narnia"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_country_has_one_spelling(text: str | None, country: str) -> None:
    """Names, codes and what people write come out as the two-letter code; others are folded."""
    assert normalise_country(text) == country
