"""Pipedrive: organizations, with our key in a custom text field."""

from connectors.pipedrive.connector import PipedriveConnector
from connectors.pipedrive.options import PipedriveOptions
from connectors.pipedrive.promises import CAPABILITIES, GUARANTEE
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="pipedrive",
    version="1.0.0",
    options=PipedriveOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=PipedriveConnector,
)
"""What the entry point names."""
