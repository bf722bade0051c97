"""Cutting lists into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.chunks import chunks


@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
def test_pieces_hold_everything_once(items: list[int], size: int) -> None:
    """All items come in order, in full pieces but for the last."""
    pieces = list(chunks(items, size))
    assert [item for piece in pieces for item in piece] == items
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(0 < len(piece) <= size for piece in pieces)
