import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.positions import KeyPath, key_lines, line_of

TEXT = '''
top = 1
[a]
b = { c = 1, d = [{ e = 2 }] }
list = [
  # a comment with ] in it
  "x]",  # another
  "y",
]
text = """
[not.a.table]
key = "no key"
"""
dotted.key = 1
[[a.items]]
n = 1
[a.items.deep]
m = 1
[[a.items]]
n = 2
["quoted name".x]
z = 1
'''


def all_paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return [
        inner for key, below in items for inner in [(*path, key), *all_paths(below, (*path, key))]
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b", "c"), 4),
        (("a", "b", "d", 0, "e"), 4),
        (("a", "list"), 5),
        (("a", "list", 1), 5),
        (("a", "text"), 10),
        (("a", "dotted", "key"), 14),
        (("a", "items", 0), 15),
        (("a", "items", 0, "n"), 16),
        (("a", "items", 0, "deep", "m"), 18),
        (("a", "items", 1, "n"), 20),
        (("quoted name", "x", "z"), 22),
    ],
)
def test_each_key_has_the_line_on_which_it_stands(path: KeyPath, line: int) -> None:
    """Tables, arrays of tables, inline tables and texts over several lines are told apart."""
    assert key_lines(TEXT)[path] == line


def test_what_is_missing_is_told_where_it_belongs() -> None:
    """A key that is not there has the line of the nearest table that would hold it."""
    lines = key_lines(TEXT)
    assert line_of(("a", "items", 1, "missing"), lines) == 19
    assert line_of(("elsewhere",), lines) is None


def test_every_key_of_the_sample_has_a_line() -> None:
    """In a file as people write it no key is without its line."""
    text = (Path(__file__).resolve().parents[2] / "config.toml").read_text("utf-8")
    lines = key_lines(text)
    written = text.splitlines()
    paths = all_paths(tomllib.loads(text))
    assert len(paths) > 80
    for path in paths:
        line = line_of(path, lines)
        assert line is not None
        key = next(step for step in reversed(path) if isinstance(step, str))
        assert key in written[line - 1]


@given(text=st.text("[]{}=\"'#ab.\n ,1", max_size=40))
def test_no_valid_text_breaks_it(text: str) -> None:
    """Whatever the parser accepts can be searched for lines."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    for path in all_paths(parsed):
        found = line_of(path, lines)
        assert found is None or 1 <= found <= text.count("\n") + 1
