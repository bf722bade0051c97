"""Where reading what changed goes on; pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.sdk.cursors import StoredCursor

OVERLAP = timedelta(minutes=2)
"""Times are whole seconds and taken before the commit; a request may last a minute."""
MOST_SKEW = timedelta(hours=1)
"""The CRM's clock is trusted to be so near to ours; rows older than this are not read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCursor(StoredCursor):
    """A pass over all records changed at ``since`` or later, in the order of ids.

    ``after`` is the last id that was seen, None at the start of a pass. ``newest`` is the latest
    change seen in this pass, by the CRM's clock, and ``began`` when the pass began, by ours.
    """

    since: datetime
    began: datetime | None = None
    after: str | None = None
    newest: datetime | None = None

    def started(self, now: datetime) -> "ChangeCursor":
        """The cursor at the start of a pass, or in its midst."""
        return self if self.began is not None else replace(self, began=now)

    def moved(self, last_id: str, newest: datetime | None) -> "ChangeCursor":
        """The cursor behind a page that ends with this id."""
        known = [one for one in (self.newest, newest) if one is not None]
        return replace(self, after=last_id, newest=max(known, default=None))

    def finished(self) -> "ChangeCursor":
        """The cursor for the next pass, which overlaps this one.

        It follows the CRM's own clock, unless nothing changed there for long: ours then moves it
        on, so that the last rows of a great change are not read again for ever.
        """
        candidates = [self.since]
        if self.newest is not None:
            candidates.append(self.newest - OVERLAP)
        if self.began is not None:
            candidates.append(self.began - MOST_SKEW)
        return ChangeCursor(since=max(candidates))
