"""Pushing companies one by one, for a vendor that takes no batch."""

from collections.abc import Callable, Sequence

from connectors.sdk.faults import Ambiguous, Fault
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import PushItem


def push_singly(
    items: Sequence[PushItem], push_one: Callable[[PushItem], Outcome]
) -> list[Outcome]:
    """One outcome for each item, in order. After a fault the rest waits; a doubt is the item's own.

    Raises:
        Fault: it came with the first item: nothing was sent for any.
    """
    outcomes: list[Outcome] = []
    for item in items:
        try:
            outcomes.append(push_one(item))
        except Ambiguous as doubt:
            outcomes.append(Outcome.unknown(doubt.message))
        except Fault as fault:
            if not outcomes:
                raise
            left = len(items) - len(outcomes)
            return [*outcomes, *[Outcome.not_sent_after(fault)] * left]
    return outcomes
