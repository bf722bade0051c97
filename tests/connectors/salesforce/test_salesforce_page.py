"""The page on Salesforce says what the connector does."""

import re
from pathlib import Path

from connectors.salesforce.fields import own_metadata
from connectors.salesforce.options import DEFAULT_MAPPING, SalesforceOptions

PAGE = (Path(__file__).resolve().parents[3] / "docs/connectors/salesforce.md").read_text()


def test_the_page_lists_the_whole_mapping() -> None:
    """Every default of the mapping stands in its table, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| `(\{\w+\})` \|", PAGE, re.MULTILINE)
    assert dict(rows) == DEFAULT_MAPPING


def test_the_page_lists_the_connectors_own_options() -> None:
    """Every option that Salesforce adds is named in the table of options."""
    table = PAGE[PAGE.index("| option |") : PAGE.index("The options that every connector has")]
    own = SalesforceOptions.__annotations__.keys() - {"type"}
    assert [name for name in sorted(own) if f"`{name}`" not in table] == []
    for name in ("api_version", "key_field", "duplicate_rules", "reserve"):
        assert f"| `{name}` | `{SalesforceOptions.model_fields[name].default}` |" in PAGE


def test_the_page_lists_our_fields() -> None:
    """Every field that is made is named with its type."""
    for name, metadata in own_metadata("Prospectd_Key__c", DEFAULT_MAPPING).items():
        assert re.search(rf"^\| `{name}` \| {metadata['type']}\(", PAGE, re.MULTILINE)
