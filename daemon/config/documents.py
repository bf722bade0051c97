"""The files of a configuration as plain tables: the main one, and those that it includes."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from daemon.config.positions import KeyPath, key_lines, line_of
from daemon.config.problems import ConfigProblems, Problem, meant

ALLOWED_IN_INCLUDED = ("searches", "include")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file that was read."""

    path: Path
    text: str
    tables: dict[str, Any]

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        return key_lines(self.text)

    def line(self, path: KeyPath) -> int | None:
        """The line on which ``path`` stands, or the nearest thing that holds it."""
        return line_of(path, self._lines)


@dataclass(kw_only=True)
class Document:
    """All files in one: ``tables`` is the main file's with the searches of every included one.

    ``overridden`` are the key paths that the environment gave, with the variable's name; ``seen``
    are the files that need not be read again.
    """

    main: SourceFile
    tables: dict[str, Any]
    files: list[SourceFile] = field(default_factory=list)
    watched: set[Path] = field(default_factory=set)
    owners: dict[str, SourceFile] = field(default_factory=dict)
    overridden: dict[KeyPath, str] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def origin(self, path: KeyPath) -> str | None:
        """The variable that gave the value at ``path``, if one did."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                return self.overridden[path[:length]]
        return None

    def problem(self, path: KeyPath, text: str) -> Problem:
        """A problem at ``path``, with its file and line, or the variable that gave the value."""
        written = written_path(path)
        if (variable := self.origin(path)) is not None:
            return Problem(path=written, text=f"{text} (it was given by {variable})")
        owner = self.main
        if len(path) > 1 and path[0] == "searches":
            owner = self.owners.get(str(path[1]), self.main)
        return Problem(path=written, text=text, line=owner.line(path), file=str(owner.path))


def written_path(path: KeyPath) -> str:
    """``("searches", "x", "criteria", 0, "key")`` as ``searches.x.criteria[0].key``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read_document(path: Path, include: Any = None) -> tuple[Document, list[Problem]]:
    """Read the file and everything that it includes; ``include`` replaces its own list.

    Raises:
        ConfigProblems: the main file cannot be read or is not TOML; there is nothing to go on with.
    """
    main = _read(path)
    if isinstance(main, Problem):
        raise ConfigProblems([main])
    tables = {key: value for key, value in main.tables.items() if key != "include"}
    document = Document(main=main, tables=tables, files=[main], watched={path.parent})
    document.seen.add(path.resolve())
    problems: list[Problem] = []
    own = tables.get("searches")
    if isinstance(own, dict):
        tables["searches"] = dict(own)
        document.owners |= dict.fromkeys(own, main)
    patterns = main.tables.get("include", []) if include is None else include
    _include(document, main, patterns, problems.append)
    return document, problems


def _include(
    document: Document, source: SourceFile, patterns: Any, report: Callable[[Problem], None]
) -> None:
    if not isinstance(patterns, list) or not all(isinstance(item, str) for item in patterns):
        text = 'must be a list of file names or patterns, as in ["campaigns/*.toml"]'
        report(_at(source, ("include",), text))
        return
    for pattern in patterns:
        for path in _matching(document, source, pattern, report):
            if path.resolve() in document.seen:
                continue
            document.seen.add(path.resolve())
            read = _read(path)
            if isinstance(read, Problem):
                report(read)
                continue
            document.files.append(read)
            _add(document, read, report)
            _include(document, read, read.tables.get("include", []), report)


def _matching(
    document: Document, source: SourceFile, pattern: str, report: Callable[[Problem], None]
) -> Iterable[Path]:
    base = source.path.parent
    wild = _WILD.search(pattern)
    if wild is None:
        document.watched.add((base / pattern).parent)
        if not (base / pattern).is_file():
            report(_at(source, ("include",), f'there is no file "{pattern}" beside this one'))
            return ()
        return (base / pattern,)
    fixed = pattern[: pattern.rfind("/", 0, wild.start()) + 1]
    if (base / fixed).is_dir():
        document.watched.add(base / fixed)
        if "/" in pattern[len(fixed) :]:
            document.watched |= {each for each in (base / fixed).rglob("*") if each.is_dir()}
    found = (base / fixed).glob(pattern[len(fixed) :])
    return sorted(path for path in found if path.is_file())


def _add(document: Document, source: SourceFile, report: Callable[[Problem], None]) -> None:
    for key in source.tables:
        if key not in ALLOWED_IN_INCLUDED:
            text = f"an included file may hold searches only{meant(key, ALLOWED_IN_INCLUDED)}"
            report(_at(source, (key,), text))
    searches = source.tables.get("searches", {})
    everything = document.tables.setdefault("searches", {})
    if not isinstance(searches, dict) or not isinstance(everything, dict):
        report(_at(source, ("searches",), "must be a table, as in [searches.NAME]"))
        return
    for name, search in searches.items():
        if name in everything:
            other = document.owners[name]
            text = f"there is a search of this name in {other.path} already; give it another name"
            report(_at(source, ("searches", name), text))
            continue
        everything[name] = search
        document.owners[name] = source


def _at(source: SourceFile, path: KeyPath, text: str) -> Problem:
    return Problem(
        path=written_path(path), text=text, line=source.line(path), file=str(source.path)
    )


def _read(path: Path) -> SourceFile | Problem:
    text, line = "", None
    try:
        text = path.read_text(encoding="utf-8-sig")
        return SourceFile(path=path, text=text, tables=tomllib.loads(text))
    except FileNotFoundError:
        said = "there is no such file; name another with -c FILE, or start from the sample"
    except OSError as error:
        said = f"cannot be read: {error.strerror or type(error).__name__}"
    except UnicodeDecodeError as error:
        said = f"is not text in UTF-8 (byte {error.start})"
    except tomllib.TOMLDecodeError as error:
        said = f"is not valid TOML: {error}"
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # "at end of document"
    return Problem(path="", text=said, line=line, file=str(path))
