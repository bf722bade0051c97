"""The connector to Salesforce."""

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.options import SalesforceOptions
from connectors.salesforce.promises import CAPABILITIES, GUARANTEE
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="salesforce",
    version="1.0",
    options=SalesforceOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=SalesforceConnector,
    secrets=("client_secret",),
)
