"""What Odoo's methods give, checked before anything is believed: pure."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from connectors.sdk.faults import NotProcessed

Row: TypeAlias = Mapping[str, Any]


def rows_of(answer: Any, *, of: str) -> list[Row]:
    """Records, each with its number under ``id``.

    Raises:
        NotProcessed: it is something else, as from a proxy in between.
    """
    if not isinstance(answer, list) or not all(_is_record(each) for each in answer):
        raise _unreadable(of)
    return answer


def table_of(answer: Any, *, of: str) -> dict[str, Row]:
    """Objects by name; what is no object is a novelty and left out.

    Raises:
        NotProcessed: it is something else.
    """
    if not isinstance(answer, dict):
        raise _unreadable(of)
    return {name: each for name, each in answer.items() if isinstance(each, dict)}


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), int)


def _unreadable(of: str) -> NotProcessed:
    text = (
        f"Odoo answered with something that is no list of {of}; "
        "a proxy may stand in between, or base_url may be wrong"
    )
    return NotProcessed("unreadable", text)
