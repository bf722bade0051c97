"""Every table against its model; what is wrong is collected, not raised."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.sdk.mapping import Template
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import ConnectorPlugin
from daemon.config.documents import Document
from daemon.config.explaining import explain
from daemon.config.models import Section
from daemon.config.positions import KeyPath
from daemon.config.problems import Problem, meant
from daemon.config.searches import SearchOptions, Surroundings
from daemon.config.written_secrets import take_written_secrets
from daemon.domain.searches import SearchDefinition

ModelT = TypeVar("ModelT", bound=BaseModel)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Checker:
    """Turns the tables of ``document`` into models; what is wrong goes to ``problems``."""

    document: Document
    problems: list[Problem]

    def section(self, name: str, model: type[Section]) -> Section | None:
        """The table ``[name]``; all defaults where there is none."""
        return self._model((name,), model, self.document.tables.get(name, {}))

    def connectors(
        self, plugins: Mapping[str, ConnectorPlugin[Any]]
    ) -> dict[str, ConnectorOptions]:
        """Every good ``[connectors.NAME]``, by the model of its type's plugin."""
        good: dict[str, ConnectorOptions] = {}
        for name, table in self._named("connectors"):
            path = ("connectors", name)
            kind = table.get("type")
            if not isinstance(kind, str) or kind not in plugins:
                known = f"known are {', '.join(sorted(plugins))}"
                what = "is missing" if kind is None else f"there is no connector of type {kind!r}"
                hint = meant(str(kind), plugins) or f"; {known}"
                self._report((*path, "type"), what + hint)
                continue
            plugin = plugins[kind]
            rest = self._without_bad_templates(path, table)
            options = self._model(path, plugin.options, rest, secrets=plugin.secrets)
            if options is not None:
                good[name] = options
        return good

    def searches(self, surroundings: Surroundings) -> dict[str, SearchDefinition]:
        """Every good ``[searches.NAME]`` as the core's value."""
        good: dict[str, SearchDefinition] = {}
        for name, table in self._named("searches"):
            path = ("searches", name)
            for index, key in _repeated_criteria(table):
                text = f'the key "{key}" is used by an earlier criterion of this search'
                self._report((*path, "criteria", index, "key"), text)
            options = self._model(path, SearchOptions, table, context=surroundings)
            if options is not None:
                good[name] = options.definition(name)
        return good

    def _named(self, section: str) -> Iterator[tuple[str, dict[str, Any]]]:
        tables = self.document.tables.get(section, {})
        if not isinstance(tables, dict):
            self._report((section,), f"must be a table of tables, as in [{section}.NAME]")
            return
        for name, table in tables.items():
            if not isinstance(table, dict):
                self._report((section, name), f"must be a table, as in [{section}.NAME]")
                continue
            if not _NAME.fullmatch(name):
                text = "a name has up to 64 letters, digits, dots, dashes or underscores"
                self._report((section, name), text)
            yield name, table

    def _model(
        self,
        path: KeyPath,
        model: type[ModelT],
        table: Any,
        *,
        context: Any = None,
        secrets: Iterable[str] = (),
    ) -> ModelT | None:
        """The model of a table, or None and its problems told."""
        if not isinstance(table, dict):
            self._report(path, "must be a table, as in [" + ".".join(map(str, path)) + "]")
            return None
        table, taken = take_written_secrets(table, model.model_fields, secrets)
        for key, text in taken.items():
            self._report((*path, key), text)
        table = self._one_source(path, table)
        try:
            # As JSON and strict: no text passes for a number, and a list is a list.
            written = json.dumps(table, default=lambda value: {str(value): "a date"})
            return model.model_validate_json(written, strict=True, context=context)
        except ValidationError as failure:
            for error in failure.errors(include_url=False):
                where = (*path, *error["loc"])
                show = self.document.origin(where) is None
                self._report(where, explain(error, model, table, show=show))
            return None

    def _one_source(self, path: KeyPath, table: dict[str, Any]) -> dict[str, Any]:
        """See that a secret has one source; a variable's choice goes before the file's."""
        table = dict(table)
        for file_key in [key for key in table if key.endswith("_file") and table[key]]:
            env_key = f"{file_key.removesuffix('_file')}_env"
            if not table.get(env_key):
                continue
            from_env = [
                self.document.origin((*path, key)) is not None for key in (env_key, file_key)
            ]
            if from_env[0] == from_env[1]:
                self._report((*path, file_key), f"{env_key} is given too; keep one of the two")
            else:
                table[env_key if from_env[1] else file_key] = ""
        return table

    def _without_bad_templates(self, path: KeyPath, table: dict[str, Any]) -> dict[str, Any]:
        """The table, its ``mapping`` cut down to good templates; the others are told here."""
        mapping = table.get("mapping")
        if not isinstance(mapping, dict):
            return table
        good = {}
        for name, text in mapping.items():
            try:
                Template.parse(text if isinstance(text, str) else "")
                good[name] = text
            except ValueError as error:
                self._report((*path, "mapping", name), str(error))
        return table | {"mapping": good}

    def _report(self, path: KeyPath, text: str) -> None:
        problem = self.document.problem(path, text)
        if problem not in self.problems:
            self.problems.append(problem)


def _repeated_criteria(table: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    criteria = table.get("criteria")
    seen: set[str] = set()
    for index, criterion in enumerate(criteria if isinstance(criteria, list) else ()):
        key = criterion.get("key") if isinstance(criterion, dict) else None
        if isinstance(key, str) and key in seen:
            yield index, key
        if isinstance(key, str):
            seen.add(key)
