"""Cutting a long list into requests of the length that a vendor takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, in pieces of ``size``; the last one may be shorter, none is empty."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
