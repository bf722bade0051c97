"""The pages about connectors say what the code does."""

import re
from pathlib import Path

import pytest

from connectors.csv.columns import ROLES
from connectors.csv.options import DEFAULT_MAPPING, CsvOptions
from connectors.hostile import HostileOptions
from connectors.memory import MemoryOptions
from connectors.sdk.conformance.laws import LAWS, Law
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.records import FIELD_NAMES
from connectors.webhook import WebhookOptions

DOCS = Path(__file__).resolve().parents[3] / "docs" / "connectors"


def page(name: str) -> str:
    """The page's text with its lines joined."""
    return " ".join((DOCS / name).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_is_told(law: Law) -> None:
    """The page for authors has each law with the first line of its docstring."""
    promise = str(law.__doc__).strip().splitlines()[0].strip()
    assert f"| `{law.__name__}` | {promise} |" in page("writing.md")


def test_no_law_is_told_that_does_not_exist() -> None:
    """The page for authors has no law that was renamed or taken out."""
    text = (DOCS / "writing.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \| [A-Z]", text, re.MULTILINE))
    assert told == {law.__name__ for law in LAWS}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("csv.md", CsvOptions),
        ("webhook.md", WebhookOptions),
        ("memory.md", MemoryOptions),
        ("memory.md", HostileOptions),
        ("README.md", ConnectorOptions),
    ],
)
def test_every_option_is_told(name: str, options: type[ConnectorOptions]) -> None:
    """Each option of its own stands on the connector's page."""
    shared = set() if options is ConnectorOptions else set(ConnectorOptions.model_fields)
    text = page(name)
    missing = [
        each for each in options.model_fields if each not in shared and f"`{each}`" not in text
    ]
    assert not missing


def test_fields_columns_and_roles_are_told() -> None:
    """Every field of a template, column of an export and role of an import is on its page."""
    assert [each for each in FIELD_NAMES if f"`{each}`" not in page("README.md")] == []
    wanted = [*DEFAULT_MAPPING, *DEFAULT_MAPPING.values(), *ROLES]
    assert [each for each in wanted if f"`{each}`" not in page("csv.md")] == []
