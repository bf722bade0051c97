"""The parts of a market that a search asks for one by one, so that each has its own exclusions.

The vendor excludes so many domains a task and no more. Where a search asks for its companies
country by country, those that are known elsewhere need no exclusion, and the cap holds for each
country instead of for all together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.domain.searches import SearchDefinition

COUNTRY: Final = "{country}"
"""Stands in a query for each of the search's countries in turn."""
WHOLE: Final = ""
"""The only segment of a search that is not divided."""
_SMALLEST: Final = 10
"""A task takes its time however little it is asked for: of many countries, a run asks some."""
TASKS_BACK: Final = 3
"""So many of a segment's latest tasks tell how much of it is new."""
_EVEN: Final = 0.2
"""So much of every run is shared out evenly: where the CRMs hold nothing yet, one begins."""
_DOUBT: Final = 20
"""A segment's share of new ones is taken to be all, until so many results say otherwise."""
_KEENNESS: Final = 3
"""Where a tenth less is new, a quarter less is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFacts:
    """How many companies of a segment the CRMs hold, and what its tasks came to.

    ``asked`` is for how many results all of them asked; the latest ``returned`` so many, of which
    ``new`` were new.
    """

    segment: str = WHOLE
    held: int = 0
    asked: int = 0
    returned: int = 0
    new: int = 0


def segments_of(definition: SearchDefinition) -> Sequence[str]:
    """The countries that a search asks for one by one, as they are written; or the whole alone."""
    divided = COUNTRY in definition.query and definition.countries
    return definition.countries if divided else (WHOLE,)


def in_segment(definition: SearchDefinition, segment: str) -> SearchDefinition:
    """A search as it is asked for one of its segments."""
    if segment == WHOLE:
        return definition
    query = definition.query.replace(COUNTRY, segment)
    return replace(definition, query=query, countries=(segment,))


def next_share(left: int, segments: Sequence[SegmentFacts]) -> tuple[str, int]:
    """The segment to ask next, and how much of what is ``left`` (1 or more) falls to it.

    First comes the one of which least was asked so far for its weight. A segment weighs more where
    the CRMs hold more, which tells the market's size, and where more was new: a country that is
    nearly used up returns what is known.
    """
    held = sum(one.held for one in segments)
    weights = {one.segment: _weight(one, held, len(segments)) for one in segments}
    first = min(segments, key=lambda one: one.asked / weights[one.segment])
    share = round(left * weights[first.segment] / sum(weights.values()))
    return first.segment, max(share, min(left, _SMALLEST))


def _weight(one: SegmentFacts, held: int, segments: int) -> float:
    even = 1 / segments
    size = _EVEN * even + (1 - _EVEN) * (one.held / held if held else even)
    return float(size * ((one.new + _DOUBT) / (one.returned + _DOUBT)) ** _KEENNESS)
