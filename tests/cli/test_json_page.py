import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
ARGUMENTS = {
    "searches": ("searches",),
    "tasks": ("tasks",),
    "companies": ("companies",),
    "pushes": ("pushes",),
    "crm status": ("crm", "status"),
    "crm duplicates": ("crm", "duplicates"),
    "audit": ("audit",),
    "audit verify": ("audit", "verify"),
    "plan": ("plan", "freight"),
    "spend": ("spend",),
    "status": ("status",),
    "check": ("check", "--online"),
    "run --once": ("run", "--once"),
    "run --once --dry-run": ("run", "--once", "--now", "--dry-run"),
    "explain": ("explain", "acme.com"),
    "connectors": ("connectors",),
    "demo": ("demo", "--crm", "200"),
}
OPEN_ENDED = {"audit"}
"""Events have keys of their own after those that are documented."""


def documented() -> dict[str, list[str]]:
    """The keys of each section of the page, in order."""
    sections: dict[str, list[str]] = {}
    for part in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title = part.splitlines()[0].strip()
        sections[title] = re.findall(r"^\| `([^`]+)` \|", part, flags=re.MULTILINE)
    return sections


def shape(value: Any, closed: set[str], prefix: str = "") -> Iterator[str]:
    """The paths of a document, in order; what is documented as open is not looked into."""
    if f"{prefix}{{}}" in closed or not isinstance(value, dict | list):
        yield f"{prefix}{{}}" if f"{prefix}{{}}" in closed else prefix
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from shape(inner, closed, f"{prefix}.{name}" if prefix else name)
    elif any(isinstance(inner, dict) for inner in value):
        for inner in value:
            yield from shape(inner, closed, f"{prefix}[]" if prefix else "")
    else:
        nested = [path for path in closed if path.startswith(f"{prefix}[]")]
        yield from nested if nested and not value else [prefix]


def test_every_shape_is_on_the_page() -> None:
    """Each command that takes --json has its section."""
    assert set(documented()) >= set(ARGUMENTS)


@pytest.mark.parametrize("section", ARGUMENTS)
def test_the_page_says_what_is_printed(section: str, done: Command) -> None:
    """The documented keys are those that the command prints, no more and no fewer."""
    if section == "crm duplicates":
        done_twice(done)
    keys = documented()[section]
    printed = done(*ARGUMENTS[section], "--json").json()
    found = list(dict.fromkeys(shape(printed, set(keys))))
    if section in OPEN_ENDED:
        found = found[: len(keys)]
    assert set(found) == set(keys)
    plain = [key for key in found if "[]" not in key]
    assert plain == [key for key in keys if "[]" not in key]


def done_twice(done: Command) -> None:
    """Let the CRM hold a domain twice, and the mirror know it."""
    simulator = done.sandbox.simulators.hubspot
    for name in ("One", "Other"):
        simulator.create(name=name, domain="held-twice.com")
    assert done("crm", "sync", "--full").code == 0
