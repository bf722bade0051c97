"""Cursors on their way through the store."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.cursors import StoredCursor
from connectors.sdk.faults import Permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(StoredCursor):
    """A cursor with a field of each type that connectors use."""

    since: datetime
    then: datetime | None = None
    number: int = 0
    after: str | None = None
    in_bin: bool = False


@given(
    st.builds(
        Place,
        since=st.datetimes(timezones=st.just(UTC)),
        then=st.none() | st.datetimes(timezones=st.just(UTC)),
        number=st.integers(-(2**62), 2**62),
        after=st.none() | st.text(st.characters(codec="utf-8")),
        in_bin=st.booleans(),
    )
)
def test_a_cursor_is_read_back_as_it_was_written(place: Place) -> None:
    """Nothing of a cursor is lost: no microsecond, and no letter."""
    again = Place.load(place.dump())
    assert again == place
    assert again.since.utcoffset() == place.since.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "7",
        "null",
        "[]",
        "{}",
        '{"since": "2026-11-21T12:00:00Z"}',
        '{"since": 5, "then": null, "number": 0, "after": null, "in_bin": false}',
        '{"since": "2026-11-21T12:00Z", "then": null, "number": "0", "after": "", "in_bin": false}',
        '{"since": "2026-11-21T12:00:00Z", "then": null, "number": 0, "after": 7, "in_bin": false}',
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """A cursor that cannot be read is a fault, and not a listing from the start."""
    with pytest.raises(Permanent, match="not a cursor"):
        Place.load(text)
