"""What ``load()`` says of rows that it refuses, under HTTP 200 with ``ids: false``: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.odoo.verdicts import first_line

_NEEDED = frozenset({"id", "name", "is_company"})
_CONFLICTS = (
    "could not serialize access",
    "deadlock detected",
    "could not obtain lock",
    "canceling statement",
    "Unknown database error",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One error: its text, and the field that it is about where Odoo names one."""

    message: str
    field: str | None = None


def read_refusals(messages: Any) -> list[Refusal]:
    """The errors among the messages; warnings do not stop a row."""
    if not isinstance(messages, list):
        return []
    return [
        Refusal(
            message=first_line(str(message.get("message", ""))),
            field=message.get("field") if isinstance(message.get("field"), str) else None,
        )
        for message in messages
        if isinstance(message, dict) and message.get("type") == "error"
    ]


def droppable_columns(refusals: Iterable[Refusal], cells: Mapping[str, str]) -> dict[str, str]:
    """Columns without which the row may pass, with the reason for each."""
    return {
        column: refusal.message
        for refusal in refusals
        for column in cells
        if refusal.field is not None
        and column.partition("/")[0] == refusal.field
        and column not in _NEEDED
    }


def is_conflict(refusals: Sequence[Refusal]) -> bool:
    """Whether another transaction was in the way, so that the same row may pass a moment later.

    PostgreSQL speaks its own language here, so that no other text is taken for final at once.
    """
    return any(words in refusal.message for refusal in refusals for words in _CONFLICTS)
