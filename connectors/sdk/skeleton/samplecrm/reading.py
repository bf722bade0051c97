"""From SampleCrm's JSON to the daemon's values; pure, and strict about what it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import NotProcessed
from connectors.sdk.outcomes import Outcome
from connectors.sdk.pagination import Page
from connectors.sdk.records import ChangePage, CrmRecord

_CREATED, _CONFLICT = 201, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition(StoredCursor):
    """Everything from ``since`` on is to be read; the pages up to ``after`` were.

    ``newest`` is the latest time of change that was seen.
    """

    since: datetime
    after: str | None = None
    newest: datetime | None = None

    def past(self, page: Page[dict[str, Any], str]) -> "FeedPosition":
        """The position after this page."""
        moments = [datetime.fromisoformat(row["changed_at"]) for row in page.items]
        known = [] if self.newest is None else [self.newest]
        newest = max([*moments, *known], default=None)
        return FeedPosition(since=self.since, after=page.next_cursor, newest=newest)

    def caught_up(self, settling: timedelta) -> "FeedPosition":
        """Where the next reading begins: what was changed, but not yet shown, is still to come."""
        if self.newest is None:
            return self
        return FeedPosition(since=max(self.since, self.newest - settling))


def rows_of(payload: Any, name: str = "companies") -> list[dict[str, Any]]:
    """The list of this name in a reply.

    Raises:
        NotProcessed: the reply is something else: better no listing than half of one.
    """
    rows = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(rows, list):
        message = f"SampleCrm's reply has no list of {name}; a proxy may stand in between"
        raise NotProcessed("odd_reply", message)
    return rows


def listed_page(payload: Any) -> Page[dict[str, Any], str]:
    """One page of companies."""
    return Page(items=tuple(rows_of(payload)), next_cursor=payload.get("next"))


def changed_rows(payload: Any) -> Page[dict[str, Any], str]:
    """One page of changes."""
    return Page(items=tuple(rows_of(payload, "changes")), next_cursor=payload.get("next"))


def change_page(
    rows: Sequence[dict[str, Any]], position: FeedPosition, *, settling: timedelta
) -> ChangePage:
    """The rows as a page of changes."""
    more = position.after is not None
    return ChangePage(
        upserts=tuple(record_of(row) for row in rows if not row["deleted"]),
        deleted_ids=tuple(str(row["id"]) for row in rows if row["deleted"]),
        cursor=(position if more else position.caught_up(settling)).dump(),
        more=more,
    )


def record_of(row: dict[str, Any]) -> CrmRecord:
    """One company."""
    website = row.get("website")
    return CrmRecord(
        record_id=str(row["id"]),
        name=row.get("name") or "",
        websites=(website,) if website else (),
        key=row.get("external_key"),
        country=row.get("country"),
        city=row.get("city"),
        description=row.get("description"),
        created_at=datetime.fromisoformat(row["created_at"]),
        modified_at=datetime.fromisoformat(row["changed_at"]),
    )


def outcome_of(row: dict[str, Any] | None, *, warnings: tuple[str, ...]) -> Outcome:
    """What became of one company of a batch; a result that is missing leaves it in doubt."""
    if row is None:
        return Outcome.unknown("SampleCrm's reply does not mention this company")
    if row["status"] == _CREATED:
        return Outcome.created(str(row["id"]), warnings=warnings)
    if row["status"] == _CONFLICT:
        return Outcome.existed(str(row["id"]))
    return Outcome.rejected(str(row.get("message", "SampleCrm refused it without a reason")))
