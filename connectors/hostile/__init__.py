"""A CRM that answers everything in the worst legal way, for tests of the daemon."""

from dataclasses import replace

from connectors.hostile.connector import HostileConnector, Temper
from connectors.hostile.options import HostileOptions, open_hostile
from connectors.memory import connector as memory
from connectors.sdk.protocol import ConnectorPlugin

__all__ = ["HostileConnector", "HostileOptions", "Temper", "connector", "open_hostile"]

connector = ConnectorPlugin(
    name="hostile",
    version="1.0",
    options=HostileOptions,
    capabilities=memory.capabilities,
    guarantee=replace(memory.guarantee, killed_mid_write="The same as for memory, told later."),
    open=open_hostile,
    secrets=(),
)
