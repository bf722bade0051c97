from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.extruct.refusals import find_refused_exclusions, parse_problems

SENT = ("acme.com", "not-acme.com", "foo bar", "beta.io")
DETAILS = st.recursive(
    st.none() | st.text() | st.integers(-(2**63), 2**63),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("loc"), inner),
)
DOMAINS = st.lists(st.from_regex(r"[a-z]{1,8}\.(com|de)", fullmatch=True), min_size=1, unique=True)


def at(index: int, msg: str = "not a domain", **more: Any) -> dict[str, Any]:
    return {"loc": ["body", "exclude_domains", index], "msg": msg, "type": "value_error", **more}


@pytest.mark.parametrize(
    ("detail", "refused"),
    [
        ([at(2)], ("foo bar",)),
        ([at(3), at(0)], ("acme.com", "beta.io")),
        ("Cannot parse 'foo bar' in exclude_domains", ("foo bar",)),
        ('Invalid domain "Beta.IO"', ("beta.io",)),
        ({"error": "invalid_domain", "message": "no domain: `foo bar`"}, ("foo bar",)),
        ({"error": "invalid_domain", "domains": ["foo bar", "beta.io"]}, ("foo bar", "beta.io")),
        ([{"loc": ["body", "exclude_domains"], "msg": "bad: acme.com."}], ("acme.com",)),
        ([at(1, "'foo bar' is not a domain")], ("foo bar",)),
        ([at(2, "'foo bar' is not like 'acme.com'")], ("foo bar",)),
        ([{"loc": ["body", "exclude_domains"], "msg": "bad", "input": "beta.io"}], ("beta.io",)),
    ],
)
def test_the_refused_entry_is_named(detail: object, refused: tuple[str, ...]) -> None:
    """By index, by quotation, as a word of its own or as the repeated value: the entry is found."""
    assert find_refused_exclusions(parse_problems(detail), SENT) == refused


@pytest.mark.parametrize(
    "detail",
    [
        None,
        [],
        "The exclusion set exceeds the 1000-domain cap",
        {"error": "invalid_exclusions"},
        [at(99)],
        [at(-1)],
        [{"loc": ["body", "query"], "msg": "'acme.com' is no query", "type": "x"}],
        [{"loc": ["body", "criteria", 0], "msg": "bad acme.com", "type": "x"}],
        "sub.acme.com is bad",
        [{"loc": "body", "msg": 3}],
        [7],
    ],
)
def test_nothing_is_blamed_without_evidence(detail: object) -> None:
    """Where the vendor does not say which entry, or speaks of another field, none is dropped."""
    assert find_refused_exclusions(parse_problems(detail), SENT) == ()


@given(sent=DOMAINS, data=st.data())
def test_an_index_names_exactly_that_entry(sent: list[str], data: st.DataObject) -> None:
    """Whatever was sent, an index into it names that entry and no other."""
    index = data.draw(st.integers(0, len(sent) - 1))
    assert find_refused_exclusions(parse_problems([at(index)]), sent) == (sent[index],)


@given(detail=DETAILS, sent=DOMAINS)
def test_any_detail_can_be_read(detail: object, sent: list[str]) -> None:
    """Whatever the vendor puts in ``detail``, only entries that were sent are ever named."""
    assert set(find_refused_exclusions(parse_problems(detail), sent)) <= set(sent)


def test_a_problem_reads_as_a_sentence() -> None:
    """A person sees the field and the words, without the wrapper of the body."""
    assert str(parse_problems([at(2)])[0]) == "exclude_domains.2: not a domain"
    assert str(parse_problems("too many")[0]) == "too many"
