from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.searches import Criterion, TableTarget
from daemon.extruct.payloads import Account, ResultRow, TaskRequest
from daemon.extruct.reading import (
    Unreadable,
    normalise_size,
    parse_account,
    parse_results,
    parse_row,
    parse_task,
    parse_time,
    strip_nul,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT_FIELDS = ("task_id", "created_at", "company_name", "company_website", "source", "hq_city")
OTHER_FIELDS = ("relevance", "scores", "founding_year", "employee_count", "company_profile_id")
ROW_FIELDS = TEXT_FIELDS + OTHER_FIELDS


def task(**changes: Any) -> dict[str, Any]:
    return {
        "id": "t-1",
        "created_at": "2026-03-02T09:00:00Z",
        "status": "in_progress",
        "query": "bakeries",
        "desired_num_results": 10,
        **changes,
    }


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r-1",
        "task_id": "t-1",
        "company_name": "Acme",
        "company_description": "Bakes.",
        "company_website": "https://acme.example",
        "relevance": 80,
        **changes,
    }


def parsed(entry: object) -> ResultRow:
    found = parse_row(entry)
    assert isinstance(found, ResultRow)
    return found


def test_a_plain_request_sends_only_what_was_set() -> None:
    """A request with nothing but a query sends no empty list that a server might refuse."""
    assert TaskRequest(query="bakeries").to_json() == {
        "query": "bakeries",
        "desired_num_results": 100,
        "auto_data_sources": True,
    }


def test_a_full_request_sends_every_field_of_the_contract() -> None:
    """Each input field of the vendor's contract can be set, and the grade limit stays here."""
    request = TaskRequest(
        query="bakeries",
        desired_num_results=7,
        table=TableTarget(id="tab", run=True, columns=("c1",), auto_import=True),
        auto_data_sources=False,
        data_sources=("maps",),
        criteria=(Criterion(key="k", name="n", criterion="bakes bread", min_grade=4),),
        exclude_domains=("a.com",),
        exclude_task_ids=("t-0",),
    )
    assert request.to_json() == {
        "query": "bakeries",
        "desired_num_results": 7,
        "table": {"id": "tab", "run": True, "columns": ["c1"], "auto_import": True},
        "auto_data_sources": False,
        "data_sources": ["maps"],
        "criteria": [{"key": "k", "name": "n", "criterion": "bakes bread"}],
        "exclude_domains": ["a.com"],
        "exclude_task_ids": ["t-0"],
    }


@pytest.mark.parametrize(
    ("status", "exhausted", "terminal"),
    [
        ("created", False, False),
        ("in_progress", True, False),
        ("done", False, True),
        ("failed", True, True),
        ("paused", True, False),
    ],
)
def test_status_alone_ends_a_task(status: str, exhausted: bool, terminal: bool) -> None:
    """Only done and failed are terminal; an exhausted pool or an unknown status is not."""
    snapshot = parse_task(task(status=status, is_exhausted=exhausted))
    assert (snapshot.status, snapshot.is_terminal) == (status, terminal)


def test_a_task_keeps_counters_and_unknown_fields() -> None:
    """The counters come in the order of the funnel, and a field nobody knows is kept."""
    snapshot = parse_task(
        task(
            num_results_discovered=9,
            num_results_enriched=7,
            num_results_evaluated=5,
            num_results=3,
            exclude_domains=["a.com", "b.de"],
            criteria=[{"key": "k", "name": "n", "criterion": "c"}],
            data_sources=["web_search", "extruct_db"],
            eta_seconds=12,
        )
    )
    assert snapshot.counters == (9, 7, 5, 3)
    assert snapshot.exclude_domains == ("a.com", "b.de")
    assert snapshot.criteria == (Criterion(key="k", name="n", criterion="c"),)
    assert snapshot.data_sources == ("web_search", "extruct_db")
    assert snapshot.extras == {"eta_seconds": 12}


def test_a_task_with_nothing_but_an_id_is_a_task() -> None:
    """The short reply in the vendor's own guides, without time or query, can be read."""
    snapshot = parse_task({"id": "t-1", "status": "created", "num_results": None})
    assert (snapshot.created_at, snapshot.query, snapshot.counters) == (None, "", (0, 0, 0, 0))


@pytest.mark.parametrize("value", [None, [], "x", {}, {"id": 3}, {"id": ""}])
def test_what_has_no_id_is_no_task(value: object) -> None:
    """Without an id nothing could ever be asked about the task."""
    with pytest.raises(Unreadable):
        parse_task(value)


def test_a_row_is_read_whole() -> None:
    """Every field of a row reaches the company, and the row as it came is kept."""
    entry = row(
        created_at="2026-03-02T10:00:00+01:00",
        company_profile_id="p-1",
        source="extruct_db",
        scores={"k": {"grade": 4, "explanation": "yes", "sources": ["https://a"]}},
        founding_year=1999,
        employee_count="SIZE_51_200",
        hq_country="Germany",
        hq_state_province="Berlin",
        hq_city="Berlin",
        company_full_description="Bakes bread.",
        company_logo_url="https://logo",
    )
    found = parsed(entry)
    company = found.company
    assert (company.result_id, company.name, company.website) == (
        "r-1",
        "Acme",
        entry["company_website"],
    )
    assert (company.source, company.employee_count) == ("extruct_db", "51-200")
    assert company.scores is not None
    assert (company.scores["k"].grade, company.scores["k"].sources) == (4, ("https://a",))
    assert (company.founding_year, company.country, company.city) == (1999, "Germany", "Berlin")
    assert found.created_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert found.raw == entry
    assert found.unreadable == ()


def test_an_unscored_row_is_told_from_a_badly_scored_one() -> None:
    """Scores are None before scoring, and a grade of None says that one evaluation failed."""
    assert parsed(row(relevance=None, scores=None)).company.scores is None
    scores = parsed(row(scores={"k": {"grade": None}})).company.scores
    assert scores is not None
    assert scores["k"].grade is None


def test_odd_values_are_left_out_and_named() -> None:
    """One odd field costs that field, never the company that was paid for."""
    found = parsed(
        row(
            relevance="high",
            founding_year=[1],
            hq_city=7,
            scores={"a": {"grade": 9}, "b": 3, "c": {"grade": 2.0}},
        )
    )
    assert found.unreadable == (
        "relevance",
        "scores.a.grade",
        "scores.b",
        "founding_year",
        "hq_city",
    )
    assert found.company.relevance is None
    assert found.company.scores is not None
    assert found.company.scores["c"].grade == 2


def test_malformed_rows_do_not_hide_the_others() -> None:
    """What is no row is reported with its place, and counts as received for the next offset."""
    page = parse_results(task(results=[row(), None, {"company_name": "no id"}, row(id="r-2")]))
    assert [each.company.result_id for each in page.rows] == ["r-1", "r-2"]
    assert [each.position for each in page.malformed] == [1, 2]
    assert page.received == 4


@pytest.mark.parametrize("results", [None, {}, "rows"])
def test_a_page_without_a_list_is_unreadable(results: object) -> None:
    """A page without rows must not look like the end of the results."""
    with pytest.raises(Unreadable):
        parse_results(task(results=results))


@given(values=st.fixed_dictionaries({}, optional=dict.fromkeys(ROW_FIELDS, JSON)))
def test_any_row_with_an_id_is_a_company(values: dict[str, Any]) -> None:
    """Whatever JSON stands in the other fields, a row with an id is read without an error."""
    found = parsed({**values, "id": "r-1"})
    assert found.company.result_id == "r-1"
    assert {name.partition(".")[0] for name in found.unreadable} <= {*ROW_FIELDS}


@given(entry=JSON)
def test_any_json_is_a_row_or_a_reason(entry: object) -> None:
    """An entry of any shape gives a row or a sentence, never an exception."""
    assert isinstance(parse_row(entry), ResultRow | str)


@pytest.mark.parametrize(
    ("given_size", "size"),
    [
        ("1-10", "1-10"),
        ("SIZE_1_10", "1-10"),
        ("SIZE_5001_10000", "5001-10000"),
        ("SIZE_10000_PLUS", "10001+"),
        ("SIZE_HUGE", "SIZE_HUGE"),
        ("self-employed", "self-employed"),
        (None, None),
    ],
)
def test_both_spellings_of_a_size_are_one(given_size: str | None, size: str | None) -> None:
    """A row that changes only its spelling of the head count must not look changed."""
    assert normalise_size(given_size) == size


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00.5", datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02T11:00:00+02:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
        (1_700_000_000, None),
    ],
)
def test_times_are_aware(text: object, moment: datetime | None) -> None:
    """A time without an offset is UTC, and what is no time is None."""
    assert parse_time(text) == moment


def test_an_account_keeps_fractions_of_credits() -> None:
    """Credits may be a fraction, or missing, and a truth value is no number."""
    assert parse_account({"available_credits": 7.5, "user_id": "u"}) == Account(
        available_credits=7.5, user_id="u"
    )
    assert parse_account({"available_credits": True}).available_credits is None
    with pytest.raises(Unreadable):
        parse_account([])


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from (key, *texts_in(entry))
    elif isinstance(value, list):
        for entry in value:
            yield from texts_in(entry)


@given(value=JSON)
def test_no_nul_survives(value: Any) -> None:
    """No text that PostgreSQL cannot store is left anywhere in a reply."""
    stripped = strip_nul([value, "a\x00b", {"\x00k": ["\x00"]}])
    assert all("\x00" not in text for text in texts_in(stripped))
    assert stripped[1:] == ["ab", {"k": [""]}]
