"""Paging by the moment of creation, which no deletion shifts; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.sdk.faults import Permanent

OVERLAP = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All records created at ``since`` or later (None: all), but for the first ``skip`` of them.

    ``since`` is Attio's own text, to the nanosecond. ``skip`` is zero but where more records than
    fit on a page were created in one nanosecond.
    """

    since: str | None = None
    skip: int = 0

    def dump(self) -> str:
        """The cursor as text."""
        return json.dumps({"since": self.since, "skip": self.skip})

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """The cursor that ``dump`` wrote.

        Raises:
            Permanent: it is none.
        """
        try:
            raw = json.loads(text)
            since, skip = raw["since"], int(raw["skip"])
        except (ValueError, KeyError, TypeError):
            raise Permanent("bad_cursor", f"not a cursor of Attio: {text[:80]!r}") from None
        return cls(since=None if since is None else str(since), skip=skip)

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
