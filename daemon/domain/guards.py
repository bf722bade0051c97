"""May something be started or pushed now, or is it blocked, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """One reason why not. ``code`` is stable; ``text`` is for a person."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFacts:
    """What is known of one connector's mirror. Times are aware UTC; None: never."""

    connector: str
    swept_at: datetime | None
    refreshed_at: datetime | None
    held: str = ""
    reads: bool = True


def check_mirror(facts: MirrorFacts, *, max_age: timedelta, now: datetime) -> Blocked | None:
    """None when the mirror is whole, fresh and not suddenly smaller; else the reason."""
    if not facts.reads:
        return None
    name = facts.connector
    if facts.held:
        return Blocked(code="mirror_shrunk", text=f"{name}: {facts.held}")
    if facts.swept_at is None or facts.refreshed_at is None:
        return Blocked(code="mirror_unfinished", text=f"{name}: its first listing has not finished")
    age = now - facts.refreshed_at
    if age > max_age:
        limit = _rough(max_age)
        text = f"{name}: its mirror is {_rough(age)} old, more than mirror_max_age = {limit}"
        return Blocked(code="mirror_stale", text=text)
    return None


def check_sweep(*, before: int, gone: int, max_shrink: float) -> Blocked | None:
    """Would a finished sweep that removes ``gone`` of ``before`` live records be believed?

    A handful of deletions is always believed: the share says nothing in a small CRM.
    """
    if gone == 0 or (gone < before and gone <= max(SMALL_SWEEP, before * max_shrink)):
        return None
    text = (
        f"the sweep found {before - gone} of {before} known records; the other {gone} are kept "
        f"until a sweep finds them or `prospectd crm accept` says that they are really gone"
    )
    return Blocked(code="mirror_shrunk", text=text)


SMALL_SWEEP = 5
"""So many records may go in one sweep whatever share of the CRM they are."""


def _rough(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
