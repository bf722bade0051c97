"""The cursor of incremental reading: pure.

A reading goes through all contacts whose ``write_date`` is at or after a moment, by id. The moment
lies before the watermark by the longest transaction, since ``write_date`` is when a transaction
began: what commits later was not visible last time, however early it is stamped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.sdk.cursors import StoredCursor


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCursor(StoredCursor):
    """``since`` is the watermark; ``then`` and ``last_id`` are set in the middle of a reading.

    ``then`` is the watermark when the reading is through, fixed at its beginning.
    """

    since: datetime
    then: datetime | None = None
    last_id: int = 0


def next_watermark(
    *, latest: datetime | None, now: datetime, longest_transaction: timedelta
) -> datetime:
    """The watermark for the reading after this one, as seen when this one begins.

    ``latest`` is the latest ``write_date`` in Odoo, on the database's own clock: whatever commits
    from now on began at most the longest transaction before it. Where nothing was written for a
    while, our own clock moves the watermark on, so that one big import is not read again and again;
    the two clocks may differ by as much as the longest transaction.
    """
    own = now - longest_transaction
    return own if latest is None else max(latest, own)
