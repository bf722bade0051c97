"""Following pages: to the end, and never in a circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.faults import Permanent
from connectors.sdk.pagination import Page, follow


def pages_of(table: dict[str | None, tuple[tuple[int, ...], str | None]]) -> list[tuple[int, ...]]:
    def fetch(cursor: str | None) -> Page[int, str]:
        items, following = table[cursor]
        return Page(items=items, next_cursor=following)

    return [page.items for page in follow(fetch, None, identify=lambda item: item)]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_every_page_comes_once_in_order(sizes: list[int]) -> None:
    """A listing is given page by page, to its end."""
    lists = [tuple(number * 10 + each for each in range(size)) for number, size in enumerate(sizes)]
    cursors: list[str | None] = [None, *(str(number) for number in range(1, len(lists)))]
    following = [*cursors[1:], None]
    table = dict(zip(cursors, zip(lists, following, strict=True), strict=True))
    assert pages_of(table) == lists


def test_a_cursor_seen_before_is_a_circle() -> None:
    """A cursor that comes back, however late, ends the listing with a fault."""
    table: dict[str | None, tuple[tuple[int, ...], str | None]] = {
        None: ((1,), "a"),
        "a": ((2,), "b"),
        "b": ((3,), "a"),
    }
    with pytest.raises(Permanent, match="circle"):
        pages_of(table)


def test_the_first_cursor_may_not_come_back() -> None:
    """A resumed listing that is sent back to where it resumed is a circle too."""

    def fetch(cursor: str | None) -> Page[int, str]:  # noqa: ARG001 - always the same page
        return Page(items=(1,), next_cursor="start")

    with pytest.raises(Permanent, match="circle"):
        list(follow(fetch, "start", identify=lambda item: item))


def test_pages_without_news_end_the_listing() -> None:
    """New cursors for the same rows for ever (seen on a running server) end with a fault."""
    count = iter(range(1_000))

    def fetch(_: int | None) -> Page[int, int]:
        return Page(items=(1, 2, 3), next_cursor=next(count))

    with pytest.raises(Permanent, match="nothing new"):
        list(follow(fetch, None, identify=lambda item: item))
    assert next(count) <= 4


def test_one_empty_page_is_no_end() -> None:
    """A single empty page in the middle is passed over: some vendors filter after they page."""
    table: dict[str | None, tuple[tuple[int, ...], str | None]] = {
        None: ((1,), "a"),
        "a": ((), "b"),
        "b": ((2,), None),
    }
    assert pages_of(table) == [(1,), (), (2,)]
