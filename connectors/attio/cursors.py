"""Paging by the moment of creation, which no deletion shifts; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.sdk.cursors import StoredCursor

OVERLAP = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(StoredCursor):
    """All records created at ``since`` or later (None: all), but for the first ``skip`` of them.

    ``since`` is Attio's own text, to the nanosecond. ``skip`` is zero but where more records than
    fit on a page were created in one nanosecond.
    """

    since: str | None = None
    skip: int = 0

    def behind(self, stamps: Sequence[str]) -> "Cursor":
        """The cursor of the next page after a full one whose records were created then.

        It begins with the last record's moment again, so that none of that moment is missed.
        """
        if stamps[-1] != self.since:
            return Cursor(since=stamps[-1])
        return Cursor(since=self.since, skip=self.skip + len(stamps) - 1)


def from_moment(moment: datetime) -> Cursor:
    """The cursor for everything created after ``moment``, with an overlap."""
    return Cursor(since=f"{(moment - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000000000Z")
