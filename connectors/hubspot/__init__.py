"""The connector to HubSpot."""

from connectors.hubspot.connector import CAPABILITIES, GUARANTEE, HubSpotConnector
from connectors.hubspot.options import HubSpotOptions
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="hubspot",
    version="1.0",
    options=HubSpotOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=HubSpotConnector,
)
