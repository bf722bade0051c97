"""What is sent to create an organization, and what to do when Pipedrive refuses a part; pure."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from connectors.pipedrive.fields import OPTIONAL, Field, Fields
from connectors.sdk.mapping import as_text
from connectors.sdk.records import FieldValue

Value: TypeAlias = str | int | float | list[int] | dict[str, str]
TEXT_LENGTH = 255
LONG_TEXT_LENGTH = 65_000
_PATH = re.compile(r"Validation failed: ([A-Za-z_]+)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Values by the fields' codes, and which were left out or changed on the way."""

    values: Mapping[str, Value]
    warnings: tuple[str, ...] = ()

    def payload(self, fields: Fields) -> dict[str, Any]:
        """The JSON of the request: custom fields stand in an object of their own."""
        custom = {one.code for one in fields.known if one.is_custom}
        body: dict[str, Any] = {k: v for k, v in self.values.items() if k not in custom}
        inner = {k: v for k, v in self.values.items() if k in custom}
        return {**body, "custom_fields": inner} if inner else body


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What may not be lost: the key's field, the website's, and another spelling for the latter."""

    key_code: str
    website_code: str | None
    instead: str | None


def first_body(rendered: Mapping[str, FieldValue], fields: Fields, keeping: Keeping) -> Body:
    """The values that fit their fields; each of the others with a warning."""
    body = Body(values={})
    for name, value in rendered.items():
        field = fields.first(name)
        if field is None:
            if name not in OPTIONAL:
                text = f"{name} was left out: Pipedrive has no such organization field"
                body = replace(body, warnings=(*body.warnings, text))
            continue
        body = _with_value(body, field, value, keeping)
    return body


def _with_value(body: Body, field: Field, value: FieldValue, keeping: Keeping) -> Body:
    fitting = cut_name(as_text(value)) if field.code == "name" else fit_value(field, value)
    warnings = body.warnings
    if field.code == "name" and fitting != as_text(value).strip():
        warnings = (*warnings, f"name was cut to {TEXT_LENGTH} characters")
    if fitting is None and field.code == keeping.website_code and keeping.instead:
        fitting = keeping.instead
        warnings = (*warnings, f"{field.name} was changed to {fitting}: the website did not fit")
    if fitting is None:
        text = f"{field.name} was left out: the value does not fit a field of type {field.type}"
        return replace(body, warnings=(*warnings, text))
    return Body(values={**body.values, field.code: fitting}, warnings=warnings)


def cut_name(name: str) -> str:
    """A name that Pipedrive takes."""
    return name.strip()[:TEXT_LENGTH].rstrip()


def fit_value(field: Field, value: FieldValue) -> Value | None:
    """The value in the shape that a field of this type takes; None: it does not fit.

    Version 2 turns no text into a number by itself and refuses the whole request instead.
    """
    return _FITTERS.get(field.type, _short_text)(field, as_text(value))


def _short_text(_field: Field, text: str) -> str | None:
    return text if len(text) <= TEXT_LENGTH else None


def _long_text(_field: Field, text: str) -> str | None:
    return text if len(text) <= LONG_TEXT_LENGTH else None


def _place(_field: Field, text: str) -> dict[str, str] | None:
    return {"value": text} if len(text) <= TEXT_LENGTH else None


def _date(_field: Field, text: str) -> str | None:
    return text if _DATE.fullmatch(text) else None


def _reference(_field: Field, text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdecimal() else None


def _nothing(_field: Field, _text: str) -> None:
    """Two values in one; nothing of ours is like that."""


def _options(field: Field, text: str) -> list[int] | None:
    found = [_option(field, part) for part in text.split(",")]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _option(field: Field, text: str) -> int | None:
    wanted = text.strip()
    if wanted.isdecimal() and int(wanted) in field.options.values():
        return int(wanted)
    return field.options.get(wanted.casefold())


def _number(_field: Field, text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


_FITTERS: Mapping[str, Callable[[Field, str], Value | None]] = {
    "text": _long_text,
    "enum": _option,
    "set": _options,
    "varchar_options": _options,
    "address": _place,
    "date": _date,
    "monetary": _nothing,
    "daterange": _nothing,
    "timerange": _nothing,
    "double": _number,
    "int": _number,
    "user": _reference,
    "org": _reference,
    "people": _reference,
    "visible_to": _reference,
}


def without_refused(body: Body, message: str, fields: Fields, keeping: Keeping) -> Body | None:
    """The body after a refusal that was told in these words; None: nothing can be left out.

    Pipedrive names the property in its message (``Validation failed: custom_fields: …``), and the
    hash of a custom field mostly. Where it does not, all custom fields but our key are left out.
    """
    refused = _refused(body, message, fields, keeping)
    if not refused:
        return None
    values, warnings = dict(body.values), list(body.warnings)
    for code in refused:
        field = fields.first(code)
        label = field.name if field is not None else code
        if code == keeping.website_code and keeping.instead not in (None, values[code]):
            values[code] = str(keeping.instead)
            warnings.append(f"{label} was changed to {values[code]}: Pipedrive refuses the value")
        else:
            del values[code]
            warnings.append(f"{label} was left out: Pipedrive refuses the value")
    return Body(values=values, warnings=tuple(warnings))


def _refused(body: Body, message: str, fields: Fields, keeping: Keeping) -> list[str]:
    custom = {one.code for one in fields.known if one.is_custom}
    named = [code for code in body.values if code in custom and code in message]
    if named:
        return named
    path = _PATH.search(message)
    if path is None:
        return []
    if path[1] == "custom_fields":
        return [code for code in body.values if code in custom and code != keeping.key_code]
    return [path[1]] if path[1] in body.values and path[1] != "name" else []
