import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daemon.config import definition_from_json, definition_json
from daemon.domain.searches import (
    Criterion,
    PushMode,
    SearchDefinition,
    TableTarget,
    WithoutDomain,
)

words = st.text(max_size=8)
tuples = st.lists(words, max_size=3).map(tuple)
limits = st.none() | st.integers(0, 10**6)
credit_limits = st.none() | st.floats(0, 1e6)
definitions = st.builds(
    SearchDefinition,
    name=words,
    query=words,
    push=st.sampled_from(PushMode),
    without_domain=st.sampled_from(WithoutDomain),
    probable=st.sampled_from(WithoutDomain),
    push_to=tuples,
    exclude_domains=tuples,
    data_sources=st.none() | tuples,
    criteria=st.lists(
        st.builds(
            Criterion,
            key=words,
            name=words,
            criterion=words,
            min_grade=st.none() | st.integers(1, 5),
        ),
        max_size=2,
    ).map(tuple),
    table=st.none()
    | st.builds(TableTarget, id=words, run=st.booleans(), columns=st.none() | tuples),
    properties=st.dictionaries(words, words, max_size=3),
    active=st.booleans(),
    target=limits,
    min_new_share=st.floats(0, 1),
    countries=tuples,
    max_new_per_day=limits,
    max_credits_per_run=credit_limits,
)


@given(definition=definitions)
def test_a_stored_definition_comes_back_as_it_was(definition: SearchDefinition) -> None:
    """What the store keeps of a search's version gives the same search again."""
    stored = json.loads(json.dumps(definition_json(definition)))
    assert definition_from_json(stored) == definition


@given(pairs=st.dictionaries(words, words, min_size=2, max_size=5))
def test_equal_definitions_are_stored_alike(pairs: dict[str, str]) -> None:
    """The order in which properties were written makes no new version of a search."""
    turned = dict(reversed(list(pairs.items())))
    one = SearchDefinition(name="a", query="q", properties=pairs)
    other = SearchDefinition(name="a", query="q", properties=turned)
    assert json.dumps(definition_json(one)) == json.dumps(definition_json(other))


def test_definitions_of_other_versions_can_be_read() -> None:
    """Keys that are missing have their defaults, keys of a newer program are left aside."""
    stored: dict[str, Any] = {"name": "a", "query": "q", "from_the_future": {"x": 1}}
    assert definition_from_json(stored) == SearchDefinition(name="a", query="q")
