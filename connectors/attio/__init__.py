"""Attio: companies, unique by domain."""

from connectors.attio.connector import AttioConnector
from connectors.attio.options import AttioOptions
from connectors.attio.promises import CAPABILITIES, GUARANTEE
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="attio",
    version="1.0.0",
    options=AttioOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=AttioConnector,
)
"""What the entry point names."""
