"""Whether the vendor's last task of a search should go on, rather than a new one be created.

A task that goes on keeps the exclusions that it was created with, and does not return again what it
returned before: its own results cost no exclusion. A new one excludes with all that was learned
since. Source: the vendor's page on creating tasks ("frozen on the task; resuming uses the same").
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GOES_ON_FOR: Final = timedelta(days=30)
"""A task that ended longer ago is left alone: the vendor has met other companies since."""
WORTH_IT: Final = 1.0
"""So many fewer known companies must be expected: equals are better off with fresh exclusions."""
SHOWS_AFTER: Final = timedelta(minutes=5)
"""What the vendor says of a continued task may be the old word for so long **(guess)**: neither its
end nor that it did not go on is believed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnd:
    """How one task of ours that had the vendor's task ended."""

    done: bool
    exhausted: bool
    ended_at: datetime | None


def may_go_on(last: TaskEnd, *, now: datetime) -> bool:
    """Whether the vendor would let it go on, as far as can be known."""
    recent = last.ended_at is not None and now - last.ended_at <= GOES_ON_FOR
    return last.done and not last.exhausted and recent


def is_better_continued(*, anew: float, continued: float) -> bool:
    """Which choice is expected to return fewer known companies."""
    return anew - continued >= WORTH_IT


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorsWord:
    """What the vendor says of a task: its status is terminal, the results it has and may have."""

    ended: bool
    exhausted: bool
    results: int
    desired: int


def has_gone_on(said: VendorsWord, *, results_before: int, desired_before: int) -> bool:
    """Whether the vendor let a task go on; false: it did nothing, or the word is an old one."""
    return not said.ended or said.results > results_before or said.desired > desired_before


def has_ended_again(said: VendorsWord, *, results_before: int, since: timedelta) -> bool:
    """Whether a task that was let go on ``since`` then has ended again, and not only not begun."""
    fresh = said.results > results_before or said.exhausted or since >= SHOWS_AFTER
    return said.ended and fresh
