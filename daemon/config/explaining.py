"""What pydantic found, said the way a person who writes ``config.toml`` thinks of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from daemon.config.positions import KeyPath
from daemon.config.problems import meant
from daemon.config.schema import known_keys

_TEXTS: Mapping[str, str] = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text in quotes",
    "tuple_type": 'must be a list, as in ["a", "b"]',
    "list_type": 'must be a list, as in ["a", "b"]',
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
}
_QUIET = ("_env", "_file")
_SHOWN = 60


def explain(error: ErrorDetails, model: type[BaseModel], raw: Any, *, show: bool = True) -> str:
    """One sentence for one error. ``show`` false: the value may be a secret and is not repeated."""
    path = error["loc"]
    if error["type"] == "extra_forbidden":
        return "unknown key" + meant(str(path[-1]), known_keys(model, path[:-1]))
    if error["type"] == "missing":
        return "is missing: it must be given"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    context = {key: _plain(value) for key, value in error.get("ctx", {}).items()}
    template = _TEXTS.get(error["type"])
    text = error["msg"] if template is None else template.format(**context)
    if not show or any(isinstance(step, str) and step.endswith(_QUIET) for step in path):
        return text
    return f"{text}, not {_described(_value_at(raw, path))}"


def _value_at(raw: Any, path: KeyPath) -> Any:
    for step in path:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return raw
    return raw


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f"{len(value)} characters"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return "a date or time"
