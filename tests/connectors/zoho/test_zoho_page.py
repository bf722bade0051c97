"""The page on Zoho says what the connector does."""

import re
from pathlib import Path

from connectors.zoho.fields import DEFAULTS
from connectors.zoho.options import DATA_CENTRES, ZohoOptions
from connectors.zoho.schema import OTHER_FIELDS
from connectors.zoho.scopes import NEEDED, ONCE

PAGE = (Path(__file__).resolve().parents[3] / "docs/connectors/zoho.md").read_text()


def test_the_page_lists_the_whole_mapping() -> None:
    """Every default of the mapping stands in its table, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| `(\{\w+\})` \|", PAGE, re.MULTILINE)
    assert dict(rows) == DEFAULTS


def test_the_page_lists_the_connectors_own_options() -> None:
    """Every option that Zoho adds is explained, with its default where it has a plain one."""
    for name in ZohoOptions.__annotations__:
        assert f"`{name}`" in PAGE
    for name in ("data_centre", "key_field", "page_size"):
        assert f"| `{name}` | `{ZohoOptions.model_fields[name].default}` |" in PAGE


def test_the_page_lists_scopes_fields_and_data_centres() -> None:
    """Every scope, field and data centre is named; the scopes stand ready to be pasted."""
    assert ",".join((*NEEDED, ONCE)) in PAGE
    fields = [ZohoOptions.model_fields["key_field"].default, *(one.name for one in OTHER_FIELDS)]
    for name in (*NEEDED, ONCE, *fields, *DATA_CENTRES):
        assert f"`{name}`" in PAGE
