"""The page on HubSpot says what the connector does."""

import re
from pathlib import Path

from connectors.hubspot.options import DEFAULT_MAPPING, HubSpotOptions
from connectors.hubspot.schema import own_definitions
from connectors.hubspot.simulator import SCOPES

PAGE = (Path(__file__).resolve().parents[3] / "docs/connectors/hubspot.md").read_text()


def test_the_page_lists_the_whole_mapping() -> None:
    """Every default of the mapping stands in its table, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| `(\{\w+\})` \|", PAGE, re.MULTILINE)
    assert dict(rows) == DEFAULT_MAPPING


def test_the_page_lists_the_connectors_own_options() -> None:
    """Every option that HubSpot adds is explained with its default."""
    own = HubSpotOptions.__annotations__.keys() - {"type"}
    for name in own:
        default = HubSpotOptions.model_fields[name].default
        assert f"| `{name}` | `{default}` |" in PAGE


def test_the_page_lists_scopes_and_properties() -> None:
    """Every scope that is needed and every property that is made is named."""
    made = [each["name"] for each in own_definitions(DEFAULT_MAPPING)]
    for name in (*SCOPES, *made):
        assert f"`{name}`" in PAGE
