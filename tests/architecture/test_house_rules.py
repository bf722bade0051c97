import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.db.schema import known_revisions

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 350
CATCH_ALLS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
IMPURE_CALLS = {
    "getenv",
    "monotonic",
    "now",
    "open",
    "perf_counter",
    "print",
    "sleep",
    "today",
    "token_hex",
    "urandom",
    "utcnow",
    "uuid1",
    "uuid4",
    "write_text",
}
INDEXES = ("pypi" + ".org", "pythonhosted" + ".org", "/" + "simple/", "extra-index" + "-url")
MACHINE = re.compile(r"(?<![\w.:/*-])/(?:work|root|home|Users)/\w")


def tracked(pattern: str = "") -> list[Path]:
    """The files under version control, by the end of their names."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "-z"],  # noqa: S607 - the git of whoever runs the tests
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        pytest.skip("not a checkout: what is under version control is not known")
    names = [name for name in told.stdout.split("\0") if name.endswith(pattern) and name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def shipped() -> list[Path]:
    """The Python files of the program itself."""
    return [
        path
        for path in tracked(".py")
        if path.relative_to(ROOT).parts[0] in {"daemon", "connectors", "benchmarks"}
    ]


def name_of(path: Path) -> str:
    """The path inside the checkout."""
    return path.relative_to(ROOT).as_posix()


def impure_calls(tree: ast.AST) -> Iterator[str]:
    """Calls in a module that ask the clock, chance, the system or the file system."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in IMPURE_CALLS:
                yield f"{name} in line {node.lineno}"


def test_no_file_of_the_program_is_longer_than_it_can_be_read() -> None:
    """No source file has more than 350 lines."""
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in shipped()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    """No module or package is called utils, helpers, common or manager."""
    names = {name_of(path): {path.stem, *path.relative_to(ROOT).parts} for path in tracked(".py")}
    assert [name for name, parts in names.items() if parts & CATCH_ALLS] == []


def test_the_core_asks_neither_clock_nor_chance_nor_the_system() -> None:
    """Decisions depend on their arguments and on lists that are bundled, which are only read."""
    found = {
        name_of(path): calls
        for path in (ROOT / "daemon" / "domain").rglob("*.py")
        if (calls := list(impure_calls(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


def test_the_search_for_impure_calls_finds_one() -> None:
    """The rule above would see a clock that is asked."""
    assert list(impure_calls(ast.parse("datetime.now(UTC)"))) == ["now in line 1"]


def test_only_the_system_clock_sleeps() -> None:
    """Nothing in the daemon or a connector calls time.sleep but the clock that is injected."""
    sleeping = [
        name_of(path)
        for path in shipped()
        if re.search(r"\btime\.sleep\(|from time import .*sleep", path.read_text("utf-8"))
        and name_of(path) != "connectors/sdk/clock.py"
        and not name_of(path).startswith("benchmarks/")
    ]
    assert sleeping == []


def test_every_test_says_what_must_hold() -> None:
    """Each test has a docstring of at least four words."""
    silent = []
    for path in tracked(".py"):
        if not path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            if len((ast.get_docstring(node) or "").split()) < 4:
                silent.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert silent == []


def test_migrations_are_numbered_without_gap() -> None:
    """Revisions count from 0001, each file is named for what it does, and each has a way back."""
    assert known_revisions() == [f"{number + 1:04}" for number in range(len(known_revisions()))]
    for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"):
        assert re.fullmatch(r"\d{4}_[a-z]+_[a-z_]+", path.stem)
        functions = {
            node.name: node
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert {"upgrade", "downgrade"} <= set(functions)
        assert not isinstance(functions["downgrade"].body[-1], ast.Pass)


def test_no_file_names_a_package_index_or_a_path_of_somebodys_machine() -> None:
    """What is checked out works anywhere: no index is named, and no home directory."""
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if any(index in line for index in INDEXES) or MACHINE.search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    assert found == []
