"""``PROSPECTD_SECTION__KEY``: every key of the files, given by the environment instead."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import ConnectorPlugin
from daemon.config.documents import Document
from daemon.config.models import SECTIONS
from daemon.config.positions import KeyPath
from daemon.config.problems import Problem, meant
from daemon.config.schema import is_mapping, may_be_unset, model_inside, takes_text
from daemon.config.searches import SearchOptions
from daemon.config.secrets import split_password

PREFIX = "PROSPECTD_"
DOCUMENTED = frozenset({"PROSPECTD_CONFIG"})
"""Variables that are not keys: ``PROSPECTD_CONFIG`` is the file that ``-c`` would name."""
_KUBERNETES = re.compile(r"PROSPECTD_(SERVICE_(HOST|PORT(_.*)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""What Kubernetes puts into the pods beside a service called prospectd."""


class _NoSuchKey(Exception):
    """The variable's name leads to no key; the text says where it stops."""


def include_override(env: Mapping[str, str]) -> Any:
    """The list of ``PROSPECTD_INCLUDE``, or None where it is not set."""
    for name, text in env.items():
        if name.upper() == f"{PREFIX}INCLUDE":
            return parse_value(text)
    return None


def apply_overrides(
    document: Document, env: Mapping[str, str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> list[Problem]:
    """Put the environment's values into the document; each variable that leads nowhere is told."""
    problems = []
    ours = {name for name in env if name.upper().startswith(PREFIX)}
    named_secrets = {value for value in _texts(document.tables) if value in ours}
    # A connector's type decides which keys it has, so types come first.
    for name in sorted(ours - named_secrets, key=lambda name: (not _is_type(name), name)):
        upper = name.upper()
        if upper in DOCUMENTED or upper == f"{PREFIX}INCLUDE" or _KUBERNETES.fullmatch(upper):
            continue
        steps = upper.removeprefix(PREFIX).lower().split("__")
        try:
            _apply(document, steps, name, env[name], plugins)
        except _NoSuchKey as error:
            problems.append(Problem(path=name, text=str(error)))
    return problems


def parse_value(text: str) -> Any:
    """A number, truth value, list or table, written as in TOML or as JSON; else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_type(name: str) -> bool:
    return name.upper().endswith("__TYPE")


def _texts(value: Any) -> Iterator[str]:
    """Every value of a ``*_env`` key: such a variable is a secret, not an override."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key.endswith("_env"):
                yield inner
            else:
                yield from _texts(inner)


def _apply(
    document: Document,
    steps: list[str],
    variable: str,
    text: str,
    plugins: Mapping[str, ConnectorPlugin[Any]],
) -> None:
    path, model, rest = _find_table(document, steps, plugins)
    if not rest:
        raise _NoSuchKey(f"names a table, not a key of it, as in {variable}__KEY")
    keys, value = _find_key(document, path, model, rest, text)
    if path == ("store",) and keys == ("url",):
        value = split_password(text)[0]
    _put(document.tables, (*path, *keys), value)
    document.overridden[*path, *keys] = variable


def _find_table(
    document: Document, steps: list[str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> tuple[KeyPath, type[BaseModel], list[str]]:
    section = steps[0]
    if section in SECTIONS:
        return (section,), SECTIONS[section], steps[1:]
    if section not in {"connectors", "searches"}:
        known = [*SECTIONS, "connectors", "searches", "include"]
        raise _NoSuchKey(f"overrides nothing: there is no [{section}]{meant(section, known)}")
    if len(steps) == 1:
        raise _NoSuchKey(f"overrides nothing: write {PREFIX}{section.upper()}__NAME__KEY")
    named = document.tables.get(section)
    name = _find_name(steps[1], named if isinstance(named, dict) else {}, section)
    if section == "searches":
        return (section, name), SearchOptions, steps[2:]
    plugin = plugins.get(str(_type_of(document, name)))
    if plugin is None and steps[2:] != ["type"]:
        raise _NoSuchKey(f"overrides nothing: the type of [connectors.{name}] is not known")
    return (section, name), plugin.options if plugin else ConnectorOptions, steps[2:]


def _type_of(document: Document, name: str) -> Any:
    table = document.tables["connectors"][name]
    return table.get("type") if isinstance(table, dict) else None


def _find_name(step: str, names: Iterable[str], section: str) -> str:
    found = [name for name in names if _plain(name) == step]
    if not found:
        near = meant(step, [_plain(name) for name in names])
        raise _NoSuchKey(f'overrides nothing: no [{section}.…] is called "{step}"{near}')
    if len(found) > 1:
        raise _NoSuchKey(f"is ambiguous: it may mean any of {', '.join(found)}; rename one")
    return found[0]


def _plain(name: str) -> str:
    return re.sub(r"[-.]", "_", name.lower())


def _find_key(
    document: Document, path: KeyPath, model: type[BaseModel], rest: list[str], text: str
) -> tuple[KeyPath, Any]:
    key, *deeper = rest
    field = model.model_fields.get(key)
    if field is None:
        hint = meant(key, model.model_fields)
        raise _NoSuchKey(f'overrides nothing: there is no key "{key}" there{hint}')
    inner = model_inside(field.annotation)
    if deeper and is_mapping(field.annotation):
        return (key, _existing(document, (*path, key), "__".join(deeper))), text
    if deeper and inner is not None and inner is not model:
        keys, value = _find_key(document, (*path, key), inner, deeper, text)
        return (key, *keys), value
    if deeper:
        raise _NoSuchKey(f'overrides nothing: "{key}" holds no further keys')
    if takes_text(field.annotation):
        return (key,), text
    if not text.strip() and may_be_unset(field.annotation):
        return (key,), None
    return (key,), parse_value(text)


def _existing(document: Document, path: KeyPath, step: str) -> str:
    """The key of a free table as the file spells it, else in lower case."""
    here: Any = document.tables
    for part in path:
        here = here.get(part) if isinstance(here, dict) else None
    names = here if isinstance(here, dict) else {}
    return next((name for name in names if _plain(name) == _plain(step)), step)


def _put(tables: dict[str, Any], path: KeyPath, value: Any) -> None:
    *parents, last = path
    here: Any = tables
    for part in parents:
        inner = here.get(part)
        if not isinstance(inner, dict):
            inner = {} if inner is None else inner
            here[part] = inner
        if not isinstance(inner, dict):
            return  # The file holds something else there, which is told anyway.
        here = inner
    here[last] = value
