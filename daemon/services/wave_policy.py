"""What the store knows that decides on the next wave of a search."""

from daemon.db.store import Transaction
from daemon.domain.countries import normalise_country
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import TASKS_BACK, WHOLE, SegmentFacts, segments_of
from daemon.domain.waves import WavePolicy, is_worth_a_probe


def wave_policy(
    unit: Transaction,
    search_id: int,
    definition: SearchDefinition,
    *,
    max_exclusions: int,
    max_per_task: int,
) -> WavePolicy:
    """How much the search wants, and of which segments; reads only."""
    segments = segment_facts(unit, search_id, definition)
    return WavePolicy(
        desired=definition.desired_num_results,
        target=definition.target,
        max_per_task=max_per_task,
        min_new_share=definition.min_new_share,
        probe=len(segments) == 1
        and is_worth_a_probe(
            learned=unit.planning.learned(search_id),
            mirrored=unit.planning.mirrored(definition.push_to),
            cap=max_exclusions,
        ),
        segments=segments,
    )


def segment_facts(
    unit: Transaction, search_id: int, definition: SearchDefinition
) -> tuple[SegmentFacts, ...]:
    """Each segment with what the CRMs hold of it and what its latest tasks came to; reads only."""
    segments = segments_of(definition)
    if segments == (WHOLE,):
        return (SegmentFacts(),)
    held = unit.documents.count_by_country()
    asked = unit.tasks.asked_by_segment(search_id)
    counts = unit.results.counts_by_segment(search_id, tasks_back=TASKS_BACK)
    return tuple(
        SegmentFacts(
            segment=segment,
            held=held.get(normalise_country(segment), 0),
            asked=asked.get(segment, 0),
            returned=counts.get(segment, (0, 0))[0],
            new=counts.get(segment, (0, 0))[1],
        )
        for segment in segments
    )
