"""Where a reader of changes stands, as text that survives a restart; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.memory.rows import Row, RowState
from connectors.sdk.cursors import StoredCursor
from connectors.sdk.records import ChangePage, Merge


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition(StoredCursor):
    """Everything from ``since`` on is to be read; what is not after ``after`` was already."""

    since: datetime
    after: tuple[datetime, str] | None = None

    def past(self, place: tuple[datetime, str]) -> "FeedPosition":
        """In the same reading, after this place."""
        return FeedPosition(since=self.since, after=place)

    def caught_up(self, settling: timedelta) -> "FeedPosition":
        """Where the next reading begins: the newest stamp seen, less the settling time.

        What was stamped before, but not yet visible, is still to come; see ``settling``.
        """
        if self.after is None:
            return self
        return FeedPosition(since=max(self.since, self.after[0] - settling))


def change_page(rows: Sequence[Row], *, cursor: str, more: bool) -> ChangePage:
    """The rows as a page of changes."""
    return ChangePage(
        upserts=tuple(row.record for row in rows if row.state is RowState.LIVE),
        deleted_ids=tuple(
            row.record.record_id for row in rows if row.state in {RowState.BINNED, RowState.GONE}
        ),
        merges=tuple(
            Merge(lost_id=row.record.record_id, survivor_id=row.survivor_id)
            for row in rows
            if row.state is RowState.MERGED and row.survivor_id is not None
        ),
        cursor=cursor,
        more=more,
    )
