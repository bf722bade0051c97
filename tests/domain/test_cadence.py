"""When a search is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain import cadence as cadence_module
from daemon.domain.cadence import (
    CadenceKind,
    explain_cadence,
    latest_due,
    next_due,
    parse_cadence,
)

CREATED = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("once", CadenceKind.ONCE),
        (" Once ", CadenceKind.ONCE),
        ("every 6h", CadenceKind.INTERVAL),
        ("every 250ms", CadenceKind.INTERVAL),
        ("Every  1.5 d", CadenceKind.INTERVAL),
        ("0 6 * * 1", CadenceKind.CRON),
        ("*/5  *\t* * MON-FRI", CadenceKind.CRON),
        ("0 0 29 2 *", CadenceKind.CRON),
        ("0 0 L * *", CadenceKind.CRON),
    ],
)
def test_three_ways_to_say_when_are_understood(text: str, kind: CadenceKind) -> None:
    """A crontab line, "every" with a duration and "once" are told apart, however spaced."""
    assert parse_cadence(text, "Europe/Berlin").kind is kind


@pytest.mark.parametrize(
    ("text", "zone", "part"),
    [
        ("", "UTC", "is no schedule"),
        ("weekly", "UTC", "is no schedule"),
        ("0 6 * *", "UTC", "five fields"),
        ("0 0 6 * * 1", "UTC", "five fields"),
        ("0 25 * * *", "UTC", "bad hour"),
        ("x 6 * * 1", "UTC", "bad minute"),
        ("0 0 31 2 *", "UTC", "bad day-of-month"),
        ("0 0 */31 * 1#2", "UTC", "never comes due"),
        ("every", "UTC", "is no interval"),
        ("every 6 hours", "UTC", "is no interval"),
        ("every 0s", "UTC", "longer than 0"),
        ("every 0.0001ms", "UTC", "longer than 0"),
        ("every 99999999999999d", "UTC", "under 100 years"),
        ("once", "Mars/Olympus", "no time zone"),
        ("once", "", "no time zone"),
        ("once", "../etc/passwd", "no time zone"),
        ("once", "Europe", "no time zone"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text: str, zone: str, part: str) -> None:
    """An impossible schedule or zone is refused with what is wrong."""
    with pytest.raises(ValueError, match=part):
        parse_cadence(text, zone)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("once", "Once, when the search is first loaded"),
        ("every 6h", "Every 6h, counted from when the search was first loaded"),
        ("0 6 * * 1", "At 06:00 on Monday (Europe/Berlin)"),
    ],
)
def test_a_cadence_is_explained_in_words(text: str, words: str) -> None:
    """A person can read when a search runs, and in which zone."""
    assert explain_cadence(parse_cadence(text, "Europe/Berlin")) == words


@pytest.mark.parametrize(
    ("text", "after", "now", "latest", "coming"),
    [
        ("once", None, "2026-01-01 12:29", None, "2026-01-01 12:30"),
        ("once", None, "2026-01-01 12:30", "2026-01-01 12:30", None),
        ("once", None, "2027-01-01 00:00", "2026-01-01 12:30", None),
        ("once", "2026-01-01 12:30", "2027-01-01 00:00", None, None),
        ("every 6h", None, "2026-01-01 12:00", None, "2026-01-01 12:30"),
        ("every 6h", None, "2026-01-01 12:30", "2026-01-01 12:30", "2026-01-01 18:30"),
        ("every 6h", "2026-01-01 12:30", "2026-01-01 18:29", None, "2026-01-01 18:30"),
        (
            "every 6h",
            "2026-01-01 12:30",
            "2026-01-05 07:00",
            "2026-01-05 06:30",
            "2026-01-05 12:30",
        ),
        ("every 6h", "2026-01-05 06:30", "2026-01-05 07:00", None, "2026-01-05 12:30"),
        ("0 6 * * *", None, "2026-01-02 05:59", None, "2026-01-02 06:00"),
        ("0 6 * * *", None, "2026-01-02 06:00", "2026-01-02 06:00", "2026-01-03 06:00"),
        ("0 6 * * *", "2026-01-02 06:00", "2026-01-02 23:00", None, "2026-01-03 06:00"),
        (
            "0 6 * * *",
            "2026-01-02 06:00",
            "2026-02-01 23:00",
            "2026-02-01 06:00",
            "2026-02-02 06:00",
        ),
        ("30 12 * * *", None, "2026-01-01 12:30", "2026-01-01 12:30", "2026-01-02 12:30"),
        ("0 6 * * *", None, "2025-06-01 00:00", None, "2026-01-02 06:00"),
    ],
)
def test_missed_times_collapse_into_the_latest(
    text: str, after: str | None, now: str, latest: str | None, coming: str | None
) -> None:
    """Due is the latest time that has come and was not acted on; nothing is due before creation."""
    cadence = parse_cadence(text, "UTC")
    done = _utc(after) if after else None
    due = latest_due(cadence, after=done, created_at=CREATED, now=_utc(now))
    assert due == (_utc(latest) if latest else None)
    then = next_due(cadence, after=done, created_at=CREATED, now=_utc(now))
    assert then == (_utc(coming) if coming else None)


@pytest.mark.parametrize(
    ("line", "now", "due"),
    [
        # Berlin skips 02:00 to 03:00 on 29 March 2026, and repeats it on 25 October.
        ("30 2 * * *", "2026-03-29 00:59", "2026-03-28 01:30"),
        ("30 2 * * *", "2026-03-29 01:00", "2026-03-29 01:00"),
        ("30 2 * * *", "2026-03-30 00:29", "2026-03-29 01:00"),
        ("30 2 * * *", "2026-10-25 00:29", "2026-10-24 00:30"),
        ("30 2 * * *", "2026-10-25 00:30", "2026-10-25 00:30"),
        ("30 2 * * *", "2026-10-25 01:10", "2026-10-25 00:30"),
        ("30 2 * * *", "2026-10-25 01:30", "2026-10-25 00:30"),
        ("30 2 * * *", "2026-10-26 01:29", "2026-10-25 00:30"),
        ("0 * * * *", "2026-10-25 00:30", "2026-10-25 00:00"),
        ("0 * * * *", "2026-10-25 01:30", "2026-10-25 01:00"),
        ("0 * * * *", "2026-03-29 01:30", "2026-03-29 01:00"),
        ("0 6 * * 1", "2026-03-30 03:59", "2026-03-23 05:00"),
        ("0 6 * * 1", "2026-03-30 04:00", "2026-03-30 04:00"),
    ],
)
def test_hours_that_a_clock_change_skips_or_repeats_are_due_once(
    line: str, now: str, due: str
) -> None:
    """A skipped hour is due when the clock has jumped; a repeated one the first time only."""
    cadence = parse_cadence(line, "Europe/Berlin")
    assert latest_due(cadence, after=None, created_at=LONG_AGO, now=_utc(now)) == _utc(due)


CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Havana": ("2026-03-08", "2026-11-01"),  # changes at midnight
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
    "UTC": ("2026-06-01",),
}
LINES = ("30 2 * * *", "0 * * * *", "*/20 * * * *", "15,45 0-3 * * *", "0 0 * * *", "5 1 * * 0")


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("zone", CHANGES)
def test_around_clock_changes_nothing_is_missed_and_nothing_comes_early(
    line: str, zone: str
) -> None:
    """Whenever one looks, the latest and the next due time are neighbours in the list of all."""
    cadence = parse_cadence(line, zone)
    for day in CHANGES[zone]:
        middle = _utc(day) + timedelta(hours=12)
        start = (middle - timedelta(days=12)).astimezone(ZoneInfo(zone))
        dues = sorted(
            {due.astimezone(UTC) for due, _ in zip(CronSim(line, start), range(2000), strict=False)}
        )
        for step in range(-30 * 60, 30 * 60, 7):
            now = middle + timedelta(minutes=step)
            latest = latest_due(cadence, after=None, created_at=LONG_AGO, now=now)
            assert latest == max(due for due in dues if due <= now)
            coming = next_due(cadence, after=None, created_at=LONG_AGO, now=now)
            assert coming == min(due for due in dues if due > now)


def test_a_year_of_missed_times_is_not_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a year's outage the latest of half a million due times is found in a few steps."""
    steps = 0

    class CountingCron(CronSim):
        def __next__(self) -> datetime:
            nonlocal steps
            steps += 1
            return super().__next__()

    monkeypatch.setattr(cadence_module, "CronSim", CountingCron)
    cadence = parse_cadence("* * * * *", "Europe/Berlin")
    now = _utc("2027-01-01 00:00:30")
    due = latest_due(cadence, after=CREATED, created_at=CREATED, now=now)
    assert due == _utc("2027-01-01 00:00")
    assert steps < 10


@settings(deadline=None)
@given(
    st.sampled_from(["once", "every 250ms", "every 6h", "every 7d", *LINES]),
    st.sampled_from(list(CHANGES)),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the strategy adds the zone
    st.timedeltas(timedelta(0), timedelta(days=800)),
)
def test_each_due_time_is_acted_on_once(
    text: str, zone: str, naive: datetime, waited: timedelta
) -> None:
    """Once acted on, a due time is due no more, and what is next is later than now."""
    created = naive.replace(tzinfo=UTC)
    now = created + waited
    cadence = parse_cadence(text, zone)
    due = latest_due(cadence, after=None, created_at=created, now=now)
    if due is not None:
        assert created <= due <= now
        assert due.tzinfo is UTC
        assert latest_due(cadence, after=due, created_at=created, now=now) is None
    coming = next_due(cadence, after=due, created_at=created, now=now)
    if coming is None:
        assert cadence.kind is CadenceKind.ONCE
    else:
        assert coming > now
        assert latest_due(cadence, after=due, created_at=created, now=coming) == coming
