"""Zoho CRM: accounts, with a unique field for our key."""

from connectors.sdk.protocol import ConnectorPlugin
from connectors.zoho.connector import ZohoConnector
from connectors.zoho.options import ZohoOptions
from connectors.zoho.promises import CAPABILITIES, GUARANTEE

connector = ConnectorPlugin(
    name="zoho",
    version="1.0.0",
    options=ZohoOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=ZohoConnector,
    secrets=("client_secret", "refresh_token"),
)
"""What the entry point names."""
