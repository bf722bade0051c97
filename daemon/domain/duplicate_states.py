"""What two records for one company go through; each state's comment says who moves it on."""

from enum import StrEnum

from daemon.domain.transitions import Machine


class DuplicateState(StrEnum):
    """Where a pair of records that seem to be one company stands."""

    OPEN = "open"  # a person merges or dismisses it; reconcile merges it where it may
    MERGING = "merging"  # the merge is being sent under a lease; after a crash reconcile reads back
    MERGED = "merged"
    DISMISSED = "dismissed"  # a person says that they are two companies
    GONE = "gone"  # one of the two vanished from the CRM by somebody else's hand


class DuplicateEvent(StrEnum):
    """What can happen to a pair."""

    MERGE_BEGUN = "merge_begun"
    MERGED = "merged"
    MERGE_FAILED = "merge_failed"
    DISMISSED = "dismissed"
    VANISHED = "vanished"


DUPLICATES = Machine(
    name="duplicate",
    initial=frozenset({DuplicateState.OPEN}),
    table={
        (DuplicateState.OPEN, DuplicateEvent.MERGE_BEGUN): DuplicateState.MERGING,
        (DuplicateState.OPEN, DuplicateEvent.DISMISSED): DuplicateState.DISMISSED,
        (DuplicateState.OPEN, DuplicateEvent.VANISHED): DuplicateState.GONE,
        (DuplicateState.MERGING, DuplicateEvent.MERGED): DuplicateState.MERGED,
        (DuplicateState.MERGING, DuplicateEvent.MERGE_FAILED): DuplicateState.OPEN,
    },
)
