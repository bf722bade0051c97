"""A search whose query says {country} asks for each of its countries by itself."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import WHOLE, SegmentFacts, in_segment, next_share, segments_of

NORDIC = SearchDefinition(
    name="cold",
    query="warehouses in {country}, also near {country}",
    countries=("Norway", "Sweden"),
)


def test_each_country_is_a_segment_of_its_own() -> None:
    """Its task asks in its words, and for its companies."""
    assert segments_of(NORDIC) == ("Norway", "Sweden")
    asked = in_segment(NORDIC, "Norway")
    assert asked.query == "warehouses in Norway, also near Norway"
    assert asked.countries == ("Norway",)


def test_other_searches_are_whole() -> None:
    """Countries alone divide nothing, nor does the word where no country is named."""
    for query, countries in (("warehouses", ("Norway", "Sweden")), ("warehouses in {country}", ())):
        search = SearchDefinition(name="cold", query=query, countries=countries)
        assert segments_of(search) == (WHOLE,)
        assert in_segment(search, WHOLE) is search


def test_the_whole_gets_all() -> None:
    """Nothing is shared out where there is one segment."""
    assert next_share(70, [SegmentFacts(returned=200, new=10)]) == (WHOLE, 70)


def _shares(wanted: int, segments: list[SegmentFacts]) -> dict[str, int]:
    shares: dict[str, int] = {}
    left = list(segments)
    while wanted and left:
        segment, share = next_share(wanted, left)
        shares[segment] = share
        wanted -= share
        left = [one for one in left if one.segment != segment]
    return shares


def test_more_is_asked_for_where_more_is_held() -> None:
    """A fifth is shared out evenly, so that a country in which nothing is held is asked too."""
    shares = _shares(
        1_000,
        [
            SegmentFacts(segment="Norway", held=0),
            SegmentFacts(segment="Sweden", held=900),
            SegmentFacts(segment="Denmark", held=300),
        ],
    )
    assert shares == {"Norway": 67, "Sweden": 653, "Denmark": 280}


def test_less_is_asked_for_where_little_was_new() -> None:
    """A country that is nearly used up returns what is known."""
    shares = _shares(
        1_000,
        [
            SegmentFacts(segment="Norway", returned=100, new=100),
            SegmentFacts(segment="Sweden", returned=100, new=40),
        ],
    )
    assert shares["Norway"] > 4 * shares["Sweden"] > 0


def test_what_was_asked_for_least_comes_first() -> None:
    """Runs that are too small for all go round, however often: none is left behind."""
    facts = {name: SegmentFacts(segment=name) for name in ("Norway", "Sweden", "Denmark")}
    asked = []
    for _ in range(12):
        segment, share = next_share(8, list(facts.values()))
        assert share == 8
        asked.append(segment)
        one = facts[segment]
        # What the latest tasks returned is told of few of them, what was asked of all.
        facts[segment] = replace(one, asked=one.asked + 8, returned=24, new=24)
    assert Counter(asked) == {"Norway": 4, "Sweden": 4, "Denmark": 4}


_FACTS = st.builds(
    lambda held, returned, missed: (held, returned, max(0, returned - missed)),
    st.integers(0, 10_000),
    st.integers(0, 750),
    st.integers(0, 750),
)


@given(st.integers(1, 1000), st.lists(_FACTS, min_size=1, max_size=12))
def test_all_of_it_is_shared_out_and_no_more(
    wanted: int, drawn: list[tuple[int, int, int]]
) -> None:
    """Whatever came before: no share but the last is tiny, and together they are what is wanted."""
    facts = [
        SegmentFacts(segment=f"c{at}", held=held, returned=returned, new=new)
        for at, (held, returned, new) in enumerate(drawn)
    ]
    shares = _shares(wanted, facts)
    assert sum(shares.values()) == wanted
    assert all(share >= 10 for share in list(shares.values())[:-1])
    assert min(shares.values()) >= 1
