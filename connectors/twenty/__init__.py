"""Twenty: the open-source CRM, self-hosted or in its makers' cloud."""

from connectors.sdk.protocol import ConnectorPlugin
from connectors.twenty.connector import TwentyConnector
from connectors.twenty.options import TwentyOptions
from connectors.twenty.promises import CAPABILITIES, GUARANTEE

connector = ConnectorPlugin(
    name="twenty",
    version="1.0.0",
    options=TwentyOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=TwentyConnector,
)
"""What the entry point names."""
