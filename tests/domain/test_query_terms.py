"""The words by which searches and their results are told apart."""

import pytest

from daemon.domain.query_terms import (
    TermPolicy,
    query_words,
    search_likeness,
    terms_of_query,
    terms_of_returned,
    words_of,
    words_of_examples,
)
from daemon.domain.relevance import Example, learn_vocabulary
from daemon.domain.searches import Criterion, SearchDefinition


def _search(query: str, *criteria: str) -> SearchDefinition:
    made = tuple(
        Criterion(key=f"c{at}", name="", criterion=text) for at, text in enumerate(criteria)
    )
    return SearchDefinition(name=query, query=query, criteria=made)


def test_words_that_say_nothing_are_left_out() -> None:
    """Stop words, numbers and single letters are no terms; other scripts are."""
    assert words_of("Find 50 companies with A Freight-Software, 物流") == [
        "freight",
        "software",
        "物流",
    ]


def test_a_search_is_its_query_and_its_criteria() -> None:
    """Each word once, the query's first."""
    search = _search("freight software", "sells software by subscription")
    assert query_words(search) == ("freight", "software", "sells", "subscription")


def test_searches_are_alike_by_their_words() -> None:
    """The same search is 1, one without a common word 0."""
    one = _search("freight software")
    assert search_likeness(one, one) == pytest.approx(1.0)
    assert search_likeness(one, _search("organic bakery")) == 0.0
    assert 0.3 < search_likeness(one, _search("freight brokers")) < 0.7
    assert search_likeness(one, _search("of the")) == 0.0


def test_the_rarest_words_of_a_query_come_first_and_useless_ones_not_at_all() -> None:
    """A word that no document has, or nearly all, is not looked for."""
    frequencies = {"freight": 10, "software": 4_000, "nowhere": 0, "all": 90_000}
    terms = terms_of_query(
        ["all", "software", "nowhere", "freight"],
        frequencies,
        documents=100_000,
        policy=TermPolicy(),
    )
    assert [term.word for term in terms] == ["freight", "software"]


def test_words_count_by_how_much_more_often_the_examples_have_them() -> None:
    """A word as common elsewhere tells nothing; names of single companies do not count."""
    examples = [Example(frozenset({"customs", "modern", f"name{at}"})) for at in range(20)]
    anywhere = [{"modern", f"other{at}"} for at in range(20)]
    shared = words_of_examples(examples, learn_vocabulary(examples, anywhere, ()))
    assert shared == {"customs": 1.0}
    terms = terms_of_returned(shared, {"customs": 50}, documents=10_000, policy=TermPolicy())
    assert [term.word for term in terms] == ["customs"]


def test_the_words_that_find_most_examples_are_taken() -> None:
    """Of more words than are looked for, those of doubtful examples go first."""
    sure = [Example(frozenset({"customs", "freight"}))] * 5
    doubtful = [Example(frozenset({"bread"}), 0.1)] * 5
    examples = [*sure, *doubtful]
    vocabulary = learn_vocabulary(examples, [{"other"}] * 20, ())
    assert set(words_of_examples(examples, vocabulary, at_most=2)) == {"customs", "freight"}
