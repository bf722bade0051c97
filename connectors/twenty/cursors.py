"""Where reading what changed goes on; pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.sdk.cursors import StoredCursor
from connectors.twenty.promises import SETTLING

OVERLAP = SETTLING * 2
"""Beyond the settling time, for what the two clocks differ."""
MOST_SKEW = timedelta(hours=1)
"""The server's clock is trusted to be so near to ours; older changes are not read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCursor(StoredCursor):
    """A pass over all that changed at ``since`` or later: live companies, then the bin, by id.

    ``began`` is when the pass began by our clock, None before it began; ``newest`` the latest
    change that the server showed then, by its own clock; ``after`` the page cursor.
    """

    since: datetime
    began: datetime | None = None
    newest: datetime | None = None
    in_bin: bool = False
    after: str | None = None

    def started(self, now: datetime, newest: datetime | None) -> "ChangeCursor":
        """The cursor at the start of a pass."""
        return replace(self, began=now, newest=newest)

    def moved(self, after: str | None) -> "ChangeCursor":
        """Behind a page: to the next page, or from the last live one to the bin."""
        if after is None:
            return replace(self, in_bin=True, after=None)
        return replace(self, after=after)

    def finished(self) -> "ChangeCursor":
        """The cursor for the next pass, which overlaps this one.

        It follows what the server's clock had reached when this pass began, since what changes
        during a pass may stand behind the page cursor already. A time stamp ahead of our clock
        is not followed: anybody may write one through the API, and nothing would be read again.
        Where nothing changes for long, our own clock moves it on, so that the last great import
        is not read again for ever.
        """
        candidates = [self.since]
        if self.began is not None:
            candidates.append(self.began - MOST_SKEW)
            if self.newest is not None:
                candidates.append(min(self.newest, self.began) - OVERLAP)
        return ChangeCursor(since=max(candidates))
