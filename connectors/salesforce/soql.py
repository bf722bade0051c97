r"""Pieces of SOQL, with every value escaped; pure.

Salesforce knows these escapes in text: ``\n \r \t \b \f \" \' \\``, and after LIKE ``\_`` and
``\%`` (its SOQL reference, "Quoted String Escape Sequences").
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

ROOM = 6_000
"""So many characters of conditions go into one address: Salesforce takes 16,384 bytes of address
and headers together (its table of REST limits)."""
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_WILDCARDS = str.maketrans({"%": "\\%", "_": "\\_"})

T = TypeVar("T")


def text_literal(text: str) -> str:
    """The text in quotes, as it may stand after ``=`` or in a list."""
    return f"'{text.translate(_ESCAPES)}'"


def like_literal(before: str, text: str, after: str) -> str:
    """A pattern for LIKE: the text as it is, with wildcards of ours around it."""
    return f"'{before}{text.translate(_ESCAPES).translate(_WILDCARDS)}{after}'"


def moment_literal(moment: datetime) -> str:
    """A moment; parts of a second are cut off."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def one_of(field: str, values: Iterable[str]) -> str:
    """The condition that a field has one of these texts."""
    return f"{field} IN ({','.join(text_literal(value) for value in values)})"


def at_domain(domain: str) -> str:
    """The condition that a website leads to a domain or a host below it, and to little else.

    The domain stands at the beginning, after a slash or after a dot; what comes after it is left
    open, so that the caller looks again.
    """
    patterns = [like_literal(before, domain, "%") for before in ("", "%/", "%.")]
    return " OR ".join(f"Website LIKE {pattern}" for pattern in patterns)


def chunks(
    values: Iterable[T], write: Callable[[T], str], *, room: int = ROOM
) -> Iterator[Sequence[T]]:
    """Groups of values whose written forms fit into one address together."""
    group: list[T] = []
    taken = 0
    for value in values:
        size = len(quote(write(value), safe="")) + len(quote(" OR "))
        if group and taken + size > room:
            yield group
            group, taken = [], 0
        group.append(value)
        taken += size
    if group:
        yield group
