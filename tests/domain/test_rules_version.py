"""The mark of the rules that made the stored keys."""

import ast
from importlib.resources import files

import pytest

from daemon.domain.rules_version import rules_version, sources_of, version_of

MODULES = {
    "documents": "from daemon.domain.names import key\n\ndef made(x):\n    return key(x)\n",
    "names": (
        "from daemon.domain import lists\n\ndef key(x):\n"
        "    return [w for w in x.split() if w not in lists.FORMS]\n"
    ),
    "lists": 'import re\n\nFORMS = frozenset({"ltd", "inc"})\n"""Legal forms."""\n',
    "budgets": "LIMIT = 3\n",
}


def _version(**changed: str) -> str:
    modules = {**MODULES, **changed}
    return version_of(sources_of(("documents",), modules.__getitem__), "data")


@pytest.mark.parametrize(
    "changed",
    [
        {"lists": MODULES["lists"].replace("inc", "llc")},
        {"names": MODULES["names"].replace("not in", "in")},
        {"documents": MODULES["documents"].replace("key(x)", "key(x.lower())")},
    ],
)
def test_any_change_of_code_or_lists_changes_the_version(changed: dict[str, str]) -> None:
    """A form more, or another way of reading names, in whichever module: another version."""
    assert _version(**changed) != _version()


@pytest.mark.parametrize(
    "changed",
    [
        {"budgets": "LIMIT = 4\n"},
        {"lists": "# by country\n" + MODULES["lists"].replace("Legal forms.", "Their forms.")},
        {"names": MODULES["names"].replace("def key(x):", 'def key(x):\n    """The key."""')},
    ],
)
def test_what_makes_no_key_changes_nothing(changed: dict[str, str]) -> None:
    """Modules that are not asked, comments and docstrings leave all keys as they are."""
    assert _version(**changed) == _version()


def test_data_that_the_rules_read_belongs_to_the_version() -> None:
    """A newer table of countries makes other keys of the same records."""
    sources = sources_of(("documents",), MODULES.__getitem__)
    assert version_of(sources, "one") != version_of(sources, "other")


def test_the_present_version_follows_every_list_and_rule_of_the_keys() -> None:
    """Whatever a key is made from is in, found by its imports and by no list to keep up."""
    folder = files("daemon.domain")
    read = {
        name: (folder / f"{name}.py").read_text("utf-8")
        for name in ("legal_forms", "common_words", "cities", "countries", "blocking")
    }
    found = sources_of(("documents",), lambda name: (folder / f"{name}.py").read_text("utf-8"))
    assert read.keys() <= found.keys()
    assert all(ast.dump(found[name]) == ast.dump(ast.parse(text)) for name, text in read.items())
    assert rules_version() == rules_version()
    assert len(rules_version()) == 8
