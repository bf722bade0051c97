"""What the words of a text say for its being what a search is after."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.relevance import Example, Vocabulary, learn_vocabulary

FREIGHT = [
    Example(frozenset({"freight", "customs", "modern"})),
    Example(frozenset({"freight", "haulage", "modern"})),
    Example(frozenset({"customs", "haulage", "modern"})),
    Example(frozenset({"freight", "customs", "haulage"})),
] * 5
ANYWHERE = [
    *[frozenset({"bread", "modern"})] * 20,
    *[frozenset({"roofs", "modern"})] * 20,
    frozenset({"freight"}),
    frozenset({"once"}),
]


def _freight() -> Vocabulary:
    return learn_vocabulary(FREIGHT, ANYWHERE, ["freight"])


def test_words_of_the_examples_speak_for_a_text_and_words_of_others_against_it() -> None:
    """The other words of the trade count though nobody asked for them; unknown ones say nothing."""
    freight = _freight()
    assert freight.relevance({"customs", "haulage"}) > 0.3
    assert freight.relevance({"bread", "roofs"}) < 0
    assert freight.relevance({"once"}) == 0.0
    assert freight.relevance({"acme"}) == 0.0
    assert freight.relevance(()) == 0.0


def test_another_trades_words_take_back_what_one_common_word_gave() -> None:
    """Of two texts with the same word of the trade, the one that speaks of another is less like."""
    freight = _freight()
    plain = freight.relevance({"freight", "acme", "brand"})
    assert 0 < freight.relevance({"freight", "bread", "roofs"}) < plain


def test_a_sure_example_says_more_than_a_doubtful_one() -> None:
    """Examples count by how surely they show what the search is after."""
    sure = [Example(frozenset({"customs"}))] * 5
    doubtful = [Example(frozenset({"bread"}), 0.1)] * 5
    learned = learn_vocabulary([*sure, *doubtful], [{"other"}] * 50, ())
    assert learned.relevance({"customs"}) > learned.relevance({"bread"}) > 0


def test_the_query_speaks_though_no_example_has_its_words() -> None:
    """What was asked for is after all what is wanted; a word of one example may be a name."""
    learned = learn_vocabulary([Example(frozenset({"acme"}))], ANYWHERE, ["drayage"])
    assert learned.relevance({"drayage"}) > 0.2
    assert learned.relevance({"acme"}) == 0.0


def test_without_examples_nothing_is_another_trades() -> None:
    """Where nothing was shown, a text that says something is no less likely for it."""
    assert learn_vocabulary([], ANYWHERE, ()).relevance({"bread", "roofs"}) == 0.0


@pytest.mark.parametrize("name", ["haulagemueller", "muellerhaulage"])
def test_words_written_together_in_a_name_are_told_apart(name: str) -> None:
    """A name or a domain of which a part is a word of the trade speaks as that word does."""
    freight = _freight()
    assert freight.relevance({name}) == freight.relevance({"haulage"}) > 0.2
    sentence = {name, *(f"filler{at}" for at in range(10))}
    assert freight.relevance(sentence) == 0.0


_WORDS = st.sampled_from(["freight", "customs", "haulage", "bread", "roofs", "modern", "acme"])


@given(st.sets(_WORDS), st.lists(st.tuples(st.frozensets(_WORDS), st.floats(0, 1)), max_size=9))
def test_relevance_has_limits(
    words: Collection[str], told: list[tuple[frozenset[str], float]]
) -> None:
    """It stays between -1 and 1 whatever the examples are."""
    learned = learn_vocabulary([Example(*one) for one in told], ANYWHERE, ["freight"])
    assert -1 < learned.relevance(words) < 1


@given(st.permutations(FREIGHT), st.permutations(ANYWHERE))
def test_order_does_not_matter(examples: list[Example], anywhere: list[frozenset[str]]) -> None:
    """The same examples in another order give the same vocabulary."""
    assert learn_vocabulary(examples, anywhere, ["freight"]).evidence == _freight().evidence
