"""Every value reaches Salesforce's query as itself, and no query is too long."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.simulated.soql import BadQuery, Parser, like_pattern, plain_text
from connectors.salesforce.soql import (
    at_domain,
    chunks,
    like_literal,
    moment_literal,
    one_of,
    text_literal,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WHERE = "SELECT Id FROM Account WHERE "
TABLES = {"Account": ("Id", "Name", "Website", "IsDeleted", "SystemModstamp")}


@given(TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    """Quotes, backslashes, line ends and everything else survive quoting."""
    assert plain_text(text_literal(text)) == text


@given(TEXTS, TEXTS)
def test_a_text_cannot_leave_its_quotes(text: str, other: str) -> None:
    """A query with any text in it has one condition, which matches that text alone."""
    query = Parser(WHERE + one_of("Name", [text]), TABLES).parse()
    assert query.test({"Name": text})
    assert query.test({"Name": other}) == (other.casefold() == text.casefold())


@given(TEXTS, TEXTS)
def test_wildcards_in_a_text_are_no_wildcards(text: str, other: str) -> None:
    """A pattern without wildcards of ours matches only the text itself, without case."""
    pattern = like_pattern(like_literal("", text, ""))
    assert pattern.fullmatch(text)
    if len(other) != len(text):
        assert not pattern.fullmatch(other)


@pytest.mark.parametrize(
    ("website", "wanted"),
    [
        ("acme.com", True),
        ("HTTPS://WWW.ACME.COM/x?y", True),
        ("shop.acme.com:8080", True),
        ("notacme.com", False),
        ("http://acme.org/acme", False),
        ("acmexcom", False),
    ],
)
def test_a_domain_is_found_in_its_spellings(website: str, *, wanted: bool) -> None:
    """The condition takes what leads to the domain, and not what merely ends alike."""
    query = Parser(WHERE + at_domain("acme.com"), TABLES).parse()
    assert query.test({"Website": website}) == wanted


@given(st.lists(TEXTS, max_size=200), st.integers(40, 900))
def test_chunks_lose_nothing_and_keep_their_room(values: list[str], room: int) -> None:
    """All values are asked for, in order; only a value that is too long alone exceeds the room."""
    groups = list(chunks(values, text_literal, room=room))
    assert [value for group in groups for value in group] == values
    for group in groups:
        size = sum(len(quote(text_literal(value), safe="")) for value in group)
        assert size <= room or len(group) == 1


def test_a_moment_is_told_in_utc() -> None:
    """Another time zone is converted, and parts of a second are cut."""
    moment = datetime(2026, 3, 2, 1, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert moment_literal(moment) == "2026-03-01T23:30:15Z"
    assert moment_literal(moment.astimezone(UTC)) == "2026-03-01T23:30:15Z"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Account WHERE Name = 'O'Neil'",
        r"SELECT Id FROM Account WHERE Name = 'a\qb'",
        "SELECT Nothing FROM Account",
        "SELECT Id FROM Contact",
        "SELECT Id FROM Account WHERE Id = 'x'",
        "SELECT Id FROM Account LIMIT 1 LIMIT 2",
        "SELECT Id FROM Account WHERE",
    ],
)
def test_the_simulator_refuses_bad_queries(soql: str) -> None:
    """What Salesforce would not understand, the simulator does not either."""
    with pytest.raises(BadQuery):
        Parser(soql, TABLES).parse()
