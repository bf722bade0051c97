"""Read, override, check: the only way in which a :class:`Config` comes to be."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.sdk.protocol import ConnectorPlugin
from daemon.config.checking import Checker
from daemon.config.documents import Document, read_document
from daemon.config.models import SECTIONS, Config, ExtructOptions
from daemon.config.overrides import apply_overrides, include_override
from daemon.config.problems import ConfigProblems, Problem, meant
from daemon.config.searches import Surroundings
from daemon.config.written_secrets import take_written_secrets


def load_config(
    path: Path, env: Mapping[str, str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> Config:
    """The configuration of ``path`` and everything that it includes, with the environment over it.

    Args:
        path: the main file.
        env: the environment; ``PROSPECTD_SECTION__KEY`` overrides a key of the files.
        plugins: every connector that there is, by its type.

    Raises:
        ConfigProblems: with everything that is wrong, not only the first thing.
    """
    document, problems = read_document(path, include_override(env))
    problems += apply_overrides(document, env, plugins)
    problems += _unknown_tables(document)
    checker = Checker(document=document, problems=problems)
    sections: dict[str, Any] = {
        name: checker.section(name, model) for name, model in SECTIONS.items()
    }
    extruct = sections["extruct"] or ExtructOptions()
    surroundings = Surroundings(
        connectors=_targets(document, plugins),
        max_results_per_task=extruct.max_results_per_task,
    )
    connectors = checker.connectors(plugins)
    searches = checker.searches(surroundings)
    if problems:
        raise ConfigProblems(_in_order(problems, document))
    return Config(
        path=path,
        files=tuple(file.path for file in document.files),
        watched=tuple(sorted(document.watched)),
        connectors=MappingProxyType(connectors),
        searches=MappingProxyType(searches),
        **sections,
    )


def _unknown_tables(document: Document) -> list[Problem]:
    known = (*SECTIONS, "connectors", "searches", "include")
    rest, secrets = take_written_secrets(document.tables, known, ())
    problems = [document.problem((key,), text) for key, text in secrets.items()]
    for key, value in rest.items():
        if key not in known:
            what = f"there is no table [{key}]" if isinstance(value, dict) else "unknown key"
            problems.append(document.problem((key,), what + meant(key, known)))
    return problems


def _targets(document: Document, plugins: Mapping[str, ConnectorPlugin[Any]]) -> Mapping[str, bool]:
    """The names of all connectors, also of bad ones, and whether they can be pushed to."""
    tables = document.tables.get("connectors")
    if not isinstance(tables, dict):
        return {}
    types = {
        name: str(table.get("type")) if isinstance(table, dict) else ""
        for name, table in tables.items()
    }
    return {
        name: plugins[type_].capabilities.pushes if type_ in plugins else True
        for name, type_ in types.items()
    }


def _in_order(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """By file and line, as a person mends them; the environment's at the end."""
    files = {str(file.path): number for number, file in enumerate(document.files)}
    last = len(files)
    return sorted(problems, key=lambda one: (files.get(one.file, last), one.line or 0))
