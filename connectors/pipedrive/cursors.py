"""Where reading what changed goes on, and whether Pipedrive did what it was asked; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.pipedrive.organizations import time_text
from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import NeedsPerson, Permanent
from connectors.sdk.records import CrmRecord

MOST_SKEW = timedelta(hours=1)
"""Pipedrive's clock is trusted to be so near to ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCursor(StoredCursor):
    """A pass over all records changed at ``since`` or later (None: all), in the order of changes.

    ``began`` is when the pass began, by our clock; ``page`` is Pipedrive's own cursor within it;
    ``newest`` is the latest change seen, by Pipedrive's clock.
    """

    since: datetime | None
    began: datetime | None = None
    page: str | None = None
    newest: datetime | None = None

    def started(self, now: datetime) -> "ChangeCursor":
        """The cursor at the start of a pass, or in its midst."""
        return self if self.began is not None else replace(self, began=now)

    def moved(self, records: Sequence[CrmRecord], page: str | None) -> "ChangeCursor":
        """The cursor behind a page with these records, which says that ``page`` is the next."""
        times = [one.modified_at for one in records if one.modified_at is not None]
        known = [*times, *([self.newest] if self.newest is not None else [])]
        return replace(self, page=page, newest=max(known, default=None))

    def finished(self, overlap: timedelta) -> "ChangeCursor":
        """The cursor for the next pass, which overlaps this one.

        It follows Pipedrive's clock, unless nothing changed there for long: ours then moves it on,
        so that the last rows of a great change are not read again for ever.
        """
        candidates = [
            None if self.newest is None else self.newest - overlap,
            None if self.began is None else self.began - MOST_SKEW - overlap,
            self.since,
        ]
        return ChangeCursor(since=max(one for one in candidates if one is not None))


def check_filter(records: Sequence[CrmRecord], since: datetime | None) -> None:
    """See that ``updated_since`` was respected: Pipedrive ignores what it does not know.

    Raises:
        Permanent: it was not; the daemon then reads full listings in place of changes.
    """
    if since is None:
        return
    floor = since.replace(microsecond=0)
    for one in records:
        if one.modified_at is not None and one.modified_at < floor:
            message = (
                f"Pipedrive was asked for organizations changed since {time_text(since)} and gave "
                f"one of {time_text(one.modified_at)}: it ignored the filter, so that its changes "
                "cannot be followed; everything has to be listed instead"
            )
            raise Permanent("filter_ignored", message)


def check_ascending(records: Sequence[CrmRecord], overlap: timedelta) -> None:
    """See that ``sort_by=update_time`` was respected: the watermark depends on it.

    Raises:
        Permanent: a record came that is older than one before it by more than the overlap.
    """
    newest: datetime | None = None
    for one in records:
        if one.modified_at is None:
            continue
        if newest is not None and one.modified_at < newest - overlap:
            message = (
                "Pipedrive was asked for organizations in the order of their changes and gave them "
                "in another: its changes cannot be followed; everything has to be listed instead"
            )
            raise Permanent("order_ignored", message)
        newest = one.modified_at if newest is None else max(newest, one.modified_at)


def check_newest_first(records: Sequence[CrmRecord]) -> None:
    """See that the order by creation was respected: "not there" depends on it.

    Raises:
        NeedsPerson: an older record came before a newer one.
    """
    times = [one.created_at for one in records if one.created_at is not None]
    if any(later > earlier + MOST_SKEW for earlier, later in pairwise(times)):
        message = (
            "Pipedrive was asked for the newest organizations first and gave them in another "
            "order: whether a company arrived cannot be told. Look for a new version of prospectd"
        )
        raise NeedsPerson("order_ignored", message)
