"""Questions about the models: which keys are known where, and does a key take text."""

import types
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from daemon.config.positions import KeyPath

_TEXTS = (str, Enum, timedelta, Path)


def known_keys(model: type[BaseModel], path: KeyPath) -> Iterable[str]:
    """The keys that the table at ``path`` inside ``model`` may have; none where any will do."""
    for step in path:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = None if field is None else model_inside(field.annotation)
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """The model in ``Model``, ``Model | None`` or ``tuple[Model, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if (found := model_inside(inner)) is not None:
            return found
    return None


def takes_text(annotation: Any) -> bool:
    """May the value be a plain text (a duration and a choice are written as text, too)?"""
    if get_origin(annotation) in {Union, types.UnionType}:
        return any(takes_text(inner) for inner in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, _TEXTS)


def may_be_unset(annotation: Any) -> bool:
    """Is None one of its values?"""
    return type(None) in get_args(annotation)


def is_mapping(annotation: Any) -> bool:
    """Does it hold keys that the user chooses?"""
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
