"""Why a known company was paid for once more."""

from datetime import UTC, datetime, timedelta

import pytest

from daemon.domain.waste import KnownResult, Waste, why_wasted

PLANNED = datetime(2026, 3, 2, tzinfo=UTC)
BEFORE, AFTER = PLANNED - timedelta(days=9), PLANNED + timedelta(hours=1)


@pytest.mark.parametrize(
    ("domain", "since", "others", "excluded", "why"),
    [
        ("acme.com", BEFORE, ("acme.com",), (), Waste.BEYOND_CAP),
        ("acme.com", BEFORE, ("acme.com",), ("acme.com",), Waste.NOT_HEEDED),
        ("acme.com", AFTER, ("acme.com",), (), Waste.ADDED_MEANWHILE),
        ("acme.com", BEFORE, ("acme.de", "acme.com"), ("acme.de",), Waste.ALIAS),
        ("acme.com", BEFORE, ("acme.de",), (), Waste.ALIAS),
        ("acme.com", None, (), (), Waste.BEYOND_CAP),
        (None, BEFORE, (), (), Waste.ALIAS),
    ],
)
def test_each_waste_has_its_reason(
    domain: str | None,
    since: datetime | None,
    others: tuple[str, ...],
    excluded: tuple[str, ...],
    why: Waste,
) -> None:
    """What was sent, what was known and since when tell why it came back."""
    result = KnownResult(domain=domain, rule="same_domain", known_since=since, other_domains=others)
    assert why_wasted(result, planned_at=PLANNED, excluded=excluded) is why
