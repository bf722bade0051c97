"""EspoCRM: Accounts, with our key in a custom text field."""

from connectors.espocrm.connector import EspoCrmConnector
from connectors.espocrm.options import EspoCrmOptions
from connectors.espocrm.promises import CAPABILITIES, GUARANTEE
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="espocrm",
    version="1.0.0",
    options=EspoCrmOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=EspoCrmConnector,
)
"""What the entry point names."""
