"""The page of guarantees says what the connectors promise, and names tests that exist."""

import ast
import re

import pytest

from tests.architecture.generated import generated_part
from tests.architecture.guarantees_page import PAGE, ROOT, render

NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))


def test_the_page_is_what_the_connectors_promise() -> None:
    """Written anew after a change by ``python -m tests.architecture.guarantees_page``."""
    assert generated_part(PAGE) == render().strip()


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)), ids=lambda part: part)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    """A cell that names a test which is gone would be an empty promise."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    defined = {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    assert name in defined


def test_tests_are_named() -> None:
    """The page does name tests: an empty list would prove everything."""
    assert len(set(NAMED)) > 20
