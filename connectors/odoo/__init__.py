"""Odoo: contacts that are companies, by ``/jsonrpc`` (up to 18) or JSON-2 (from 19 on)."""

from connectors.odoo.connector import CAPABILITIES, GUARANTEE, OdooConnector
from connectors.odoo.options import OdooOptions
from connectors.sdk.protocol import ConnectorPlugin

connector = ConnectorPlugin(
    name="odoo",
    version="1.0",
    options=OdooOptions,
    capabilities=CAPABILITIES,
    guarantee=GUARANTEE,
    open=OdooConnector,
    secrets=("token", "password"),
)
