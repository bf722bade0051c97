"""Chance that needs no memory: the same numbers give the same draw, in any order of asking."""

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

ItemT = TypeVar("ItemT")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


def mix(value: int) -> int:
    """A 64-bit number spread evenly over all of them (the finaliser of SplitMix64)."""
    value = (value + _GAMMA) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def mix_all(*values: int) -> int:
    """One number out of several; their order matters."""
    mixed = 0
    for value in values:
        mixed = mix(mixed ^ (value & _MASK))
    return mixed


def mix_text(text: str) -> int:
    """One number out of a text; the same in every process, unlike ``hash``."""
    return mix_all(*(int.from_bytes(chunk, "big") for chunk in _chunks(text.encode())))


def _chunks(data: bytes) -> list[bytes]:
    return [data[start : start + 8] for start in range(0, len(data), 8)] or [b""]


def fraction(number: int) -> float:
    """A 64-bit number as a fraction in [0, 1)."""
    return (number >> 11) / (1 << 53)


class Draws:
    """A row of draws that depends on the numbers it was begun with, and on nothing else.

    Draws take sixteen bits each, out of one 64-bit number after the other: a company has a dozen of
    them, and worlds are large.
    """

    __slots__ = ("_pool", "_state")

    def __init__(self, *values: int) -> None:
        self._state = mix_all(*values)
        self._pool = 1

    def number(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + _GAMMA) & _MASK
        return mix(self._state)

    def bits(self) -> int:
        """The next 16 bits."""
        if self._pool == 1:
            self._pool = self.number() | 1 << 64  # the one on top marks where it ends
        taken = self._pool & 0xFFFF
        self._pool >>= 16
        return taken

    def below(self, bound: int) -> int:
        """The next whole number in [0, bound); a bound of a few thousand at most."""
        return self.bits() % bound

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.bits() < probability * 0x10000

    def choice(self, items: Sequence[ItemT]) -> ItemT:
        """One of the items."""
        return items[self.bits() % len(items)]


class Weighted:
    """A choice among few, by weights that are whole numbers; made once, asked often."""

    __slots__ = ("_index_of",)

    def __init__(self, weights: Sequence[int]) -> None:
        bounds = list(accumulate(weights))
        self._index_of = [
            next(index for index, bound in enumerate(bounds) if place < bound)
            for place in range(bounds[-1])
        ]

    def index(self, number: int) -> int:
        """The place that this number falls on."""
        return self._index_of[number % len(self._index_of)]
