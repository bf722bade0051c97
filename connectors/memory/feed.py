"""Where a reader of changes stands, as text that survives a restart; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from connectors.memory.rows import Row, RowState
from connectors.sdk.faults import Permanent
from connectors.sdk.records import ChangePage, Merge


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition:
    """Everything from ``since`` on is to be read; what is not after ``after`` was already."""

    since: datetime
    after: tuple[datetime, str] | None = None

    @classmethod
    def parse(cls, cursor: str) -> "FeedPosition":
        """The position that ``text`` wrote.

        Raises:
            Permanent: it was not written by this connector.
        """
        try:
            since, after = orjson.loads(cursor)
            place = None if after is None else (datetime.fromisoformat(after[0]), str(after[1]))
            return cls(since=datetime.fromisoformat(since), after=place)
        except (ValueError, TypeError, KeyError) as error:
            message = "the cursor of changes is not one of this connector; read everything anew"
            raise Permanent("bad_cursor", message) from error

    @property
    def text(self) -> str:
        """The position as a cursor."""
        return orjson.dumps([self.since, self.after]).decode()

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
