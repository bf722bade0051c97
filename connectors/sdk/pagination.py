"""Following a vendor's pages to the end, without being led in a circle."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.sdk.faults import Permanent

ItemT = TypeVar("ItemT")
CursorT = TypeVar("CursorT", bound=Hashable)

PATIENCE = 2
"""So many pages in a row may bring nothing new; a listing that does so has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ItemT, CursorT]):
    """One page: its items, and the cursor of the next page (None: this was the last)."""

    items: tuple[ItemT, ...]
    next_cursor: CursorT | None


def follow(
    fetch_page: Callable[[CursorT | None], Page[ItemT, CursorT]],
    start: CursorT | None,
    *,
    identify: Callable[[ItemT], Hashable],
    patience: int = PATIENCE,
) -> Iterator[Page[ItemT, CursorT]]:
    """Each page from ``start`` on. ``identify`` gives an item's id.

    A page brings nothing new when it is empty or holds only ids of the page before it; pages are
    compared with their neighbour alone, so memory stays flat but for the cursors.

    Raises:
        Permanent: a cursor came for the second time, or ``patience`` pages in a row brought
            nothing new, so that the listing would never end.
    """
    seen: set[CursorT | None] = {start}
    cursor, previous, stale = start, frozenset[Hashable](), 0
    while True:
        page = fetch_page(cursor)
        ids = frozenset(identify(item) for item in page.items)
        stale = stale + 1 if ids <= previous else 0
        yield page
        if page.next_cursor is None:
            return
        if page.next_cursor in seen:
            message = "the listing goes in a circle: the vendor gave the same page cursor twice"
            raise Permanent("pagination_loop", message)
        if stale >= patience:
            message = f"the listing does not end: {stale} pages in a row brought nothing new"
            raise Permanent("pagination_stuck", message)
        seen.add(page.next_cursor)
        cursor, previous = page.next_cursor, ids or previous
