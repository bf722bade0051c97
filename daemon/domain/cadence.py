"""When a search is due: a crontab line, "every 6h", or "once"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


class CadenceKind(StrEnum):
    """The three ways to say when."""

    ONCE = "once"
    INTERVAL = "interval"
    CRON = "cron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When a search is due. Made by :func:`parse_cadence` only, which has checked it.

    ``interval`` is set for an interval; ``zone`` is where a crontab line's hours are meant.
    """

    kind: CadenceKind
    text: str
    zone: tzinfo
    interval: timedelta = timedelta(0)


_UNITS: Final = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_EVERY: Final = re.compile(r"every\s+(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_CRON_FIELDS: Final = 5
_SECOND: Final = timedelta(seconds=1)
_PROBE: Final = datetime(2024, 1, 1, tzinfo=UTC)  # in a leap year, so that 29 February comes soon


def parse_cadence(text: str, timezone: str) -> Cadence:
    """Understand when a search is due.

    Args:
        text: a crontab line of five fields, "every" with a duration ("every 6h"), or "once".
        timezone: an IANA name; a crontab line's hours are meant there.

    Raises:
        ValueError: with a sentence that says what is wrong and what would be right.
    """
    zone = _zone(timezone)
    words = " ".join(text.split())
    if words.casefold() == "once":
        return Cadence(kind=CadenceKind.ONCE, text="once", zone=zone)
    if words.casefold().startswith("every"):
        return Cadence(
            kind=CadenceKind.INTERVAL, text=words, zone=zone, interval=_interval(words.casefold())
        )
    if len(words.split()) != _CRON_FIELDS:
        raise ValueError(
            f'"{text}" is no schedule: write a crontab line of five fields ("0 6 * * 1"), '
            '"every" with a duration ("every 6h"), or "once"'
        )
    _check_cron(words)
    return Cadence(kind=CadenceKind.CRON, text=words, zone=zone)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f'"{name}" is no time zone: write an IANA name, as in "Europe/Berlin" or "UTC"'
        ) from None


def _interval(words: str) -> timedelta:
    found = _EVERY.fullmatch(words)
    if found is None:
        raise ValueError(
            f'"{words}" is no interval: write "every" and a number with one of the units '
            'ms, s, m, h and d, as in "every 6h"'
        )
    try:
        interval = timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        interval = timedelta.max
    if not timedelta(0) < interval < timedelta(days=36_500):
        raise ValueError(f'"{words}" is no interval: it must be longer than 0 and under 100 years')
    return interval


def _check_cron(line: str) -> None:
    try:
        due = next(CronSim(line, _PROBE), None)
    except CronSimError as problem:
        raise ValueError(f'"{line}" is no crontab line: {str(problem).lower()} field') from None
    if due is None:
        raise ValueError(f'"{line}" never comes due: no date is like that')


def latest_due(
    cadence: Cadence, *, after: datetime | None, created_at: datetime, now: datetime
) -> datetime | None:
    """The latest due time that has come and is later than ``after``, in UTC; None: nothing is due.

    Due times that were missed collapse into this one. ``after`` is the last due time that was
    acted on. "once" is due at ``created_at``; an interval counts from there, its first due time
    being ``created_at`` itself; a crontab line has no due times before it.
    """
    created_at, now = created_at.astimezone(UTC), now.astimezone(UTC)
    if cadence.kind is CadenceKind.ONCE:
        due = None if after else created_at
    elif cadence.kind is CadenceKind.INTERVAL:
        due = created_at + (now - created_at) // cadence.interval * cadence.interval
    else:
        due = _latest_of_cron(cadence, now)
    if due is None or not created_at <= due <= now or (after is not None and due <= after):
        return None
    return due


def _latest_of_cron(cadence: Cadence, now: datetime) -> datetime | None:
    """Some due time that has come, found backwards, then forwards from there to the latest.

    Backwards alone would miss a due time in an hour that a clock change repeats.
    """
    latest = next((due for due in _cron_before(cadence, now) if due <= now), None)
    if latest is None:
        return None
    for due in _cron_after(cadence, latest):
        if due > now:
            break
        latest = due
    return latest


def _cron_before(cadence: Cadence, now: datetime) -> Iterator[datetime]:
    start = (now.replace(microsecond=0) + _SECOND).astimezone(cadence.zone)
    return (due.astimezone(UTC) for due in CronSim(cadence.text, start, reverse=True))


def _cron_after(cadence: Cadence, moment: datetime) -> Iterator[datetime]:
    start = moment.astimezone(cadence.zone)
    return (due.astimezone(UTC) for due in CronSim(cadence.text, start))


def next_due(
    cadence: Cadence, *, after: datetime | None, created_at: datetime, now: datetime
) -> datetime | None:
    """The first due time later than ``now`` and ``after``, in UTC; None: there will be none.

    What is due already is no part of this: see :func:`latest_due`.
    """
    created_at, now = created_at.astimezone(UTC), now.astimezone(UTC)
    floor = now if after is None else max(now, after.astimezone(UTC))
    if cadence.kind is CadenceKind.ONCE:
        return created_at if after is None and created_at > now else None
    if cadence.kind is CadenceKind.INTERVAL:
        slots = (floor - created_at) // cadence.interval + 1
        return created_at + max(slots, 0) * cadence.interval
    start = max(floor, created_at - _SECOND)
    coming = (due for due in _cron_after(cadence, start) if due > floor and due >= created_at)
    return next(coming, None)


def explain_cadence(cadence: Cadence) -> str:
    """The cadence in words, for a person."""
    if cadence.kind is CadenceKind.ONCE:
        return "Once, when the search is first loaded"
    if cadence.kind is CadenceKind.INTERVAL:
        return f"E{cadence.text[1:]}, counted from when the search was first loaded"
    return f"{CronSim(cadence.text, _PROBE).explain()} ({cadence.zone})"
