"""Listing accounts so that none is missed while people edit and delete: by modification time.

Zoho pages by number, and every deletion shifts what comes after. Here each request asks anew from
the last modification time seen, so that nothing is counted; a record that is edited meanwhile comes
again at the end. Only where more records than fit on a page changed in one moment are further
pages asked for, and these are read until two passes agree.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from connectors.sdk.faults import NotProcessed, Permanent
from connectors.sdk.pagination import Page, follow
from connectors.zoho.accounts import MODIFIED, Row, parse_moment
from connectors.zoho.api import At, row_id

Fetch: TypeAlias = Callable[[datetime | None, At], Page[Row, At]]

_SECOND = timedelta(seconds=1)
"""The grain of Zoho's times; whether "since" includes its moment is not written anywhere."""
_MOST_PASSES = 8
_FIRST = At()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows, and from which moment to go on; ``last``: there are no more."""

    rows: tuple[Row, ...]
    since: datetime | None
    last: bool = False


def read_rows(fetch: Fetch, since: datetime | None) -> Iterator[Chunk]:
    """Every row from a moment on (None: all); some come more than once.

    Raises:
        Permanent: the listing does not keep its order, or does not end.
        NotProcessed: it changes too fast to be read.
    """
    while True:
        page = fetch(since, _FIRST)
        _check(page.items, since)
        if page.next_cursor is None:
            yield Chunk(rows=page.items, since=since, last=True)
            return
        beyond = _beyond(page.items)
        if since is None or beyond > since:
            yield Chunk(rows=page.items, since=beyond)
            since = beyond
            continue
        end = yield from _read_crowd(fetch, since)
        if end is None:
            yield Chunk(rows=(), since=since, last=True)
            return
        since = end


def _read_crowd(fetch: Fetch, since: datetime) -> Generator[Chunk, None, datetime | None]:
    """More rows of one moment than a page holds; gives where to go on, None at the very end."""
    known: set[str] = set()
    for _ in range(_MOST_PASSES):
        found: set[str] = set()
        end: datetime | None = None
        for page in follow(lambda at: fetch(since, at or _FIRST), _FIRST, identify=row_id):
            _check(page.items, since)
            yield Chunk(rows=page.items, since=since)
            found |= {row_id(row) for row in page.items if _stamp(row) <= since + _SECOND}
            if page.items and _beyond(page.items) > since:
                end = _beyond(page.items)
                break
        if found <= known:
            return end
        known |= found
    message = "Zoho's accounts change faster than they can be listed; trying again later"
    raise NotProcessed("unsettled_listing", message)


def _beyond(rows: tuple[Row, ...]) -> datetime:
    """From where to ask on after these rows: their last moment again, lest one of it be missed."""
    if not rows:
        raise Permanent("pagination_stuck", "Zoho sent an empty page and says that there is more")
    return _stamp(rows[-1]) - _SECOND


def _stamp(row: Row) -> datetime:
    return parse_moment(row[MODIFIED])


def _check(rows: tuple[Row, ...], since: datetime | None) -> None:
    """See that filter and order were heeded: where they are not, rows would be missed silently."""
    try:
        stamps = [_stamp(row) for row in rows]
    except (KeyError, ValueError) as error:
        text = f"Zoho sent an account without {MODIFIED}; is this Zoho CRM?"
        raise Permanent("not_a_record", text) from error
    if any(one > other for one, other in pairwise(stamps)):
        raise Permanent("not_sorted", f"Zoho did not sort the accounts by {MODIFIED}")
    if since is not None and stamps and stamps[0] < since:
        raise Permanent("not_filtered", "Zoho sent accounts from before the moment asked for")
