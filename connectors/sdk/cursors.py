"""Cursors as the daemon keeps them: text, in which nothing of the connector's own value is lost."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

import orjson
from pydantic import TypeAdapter

from connectors.sdk.faults import Permanent

_SHOWN = 80
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCursor:
    """The base of a place in a listing or in a reading of changes.

    The names and types of its fields are the text's form: where one changes, cursors that are
    stored already cannot be read, and the daemon begins with a full listing.
    """

    def dump(self) -> str:
        """The cursor as text."""
        text: bytes = _adapter(type(self)).dump_json(self)
        return text.decode()

    @classmethod
    def load(cls, text: str) -> Self:
        """The cursor that ``dump`` wrote.

        Raises:
            Permanent: it is none of this kind; a full listing makes a new one.
        """
        try:
            # A field that is left out would have its default, and stand for another place.
            if orjson.loads(text).keys() == {field.name for field in fields(cls)}:
                cursor: Self = _adapter(cls).validate_json(text, strict=True)
                return cursor
        except (ValueError, AttributeError):  # AttributeError: JSON, but no object
            pass
        shown = repr(text[:_SHOWN])
        message = f"not a cursor of this connector: {shown}; a full sweep makes a new one"
        raise Permanent("bad_cursor", message)
