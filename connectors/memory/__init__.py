"""A CRM in this process: the reference of what a connector does, for tests and trials."""

from connectors.memory.connector import MemoryConnector, open_memory
from connectors.memory.crm import MemoryCrm
from connectors.memory.options import MemoryOptions, forget_space, memory_crm
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Capabilities, Guarantee, Incremental, Uniqueness
from connectors.sdk.protocol import ConnectorPlugin

__all__ = [
    "MemoryConnector",
    "MemoryCrm",
    "MemoryOptions",
    "MemoryTraits",
    "connector",
    "forget_space",
    "memory_crm",
    "open_memory",
]

connector = ConnectorPlugin(
    name="memory",
    version="1.0",
    options=MemoryOptions,
    capabilities=Capabilities(
        uniqueness=Uniqueness.OWN_KEY,
        batch_size=100,
        incremental=Incremental.MODIFIED_SINCE,
        sees_deletions=True,
        sees_merges=True,
        strong_lookup=True,
        several_domains=True,
        can_merge=True,
    ),
    guarantee=Guarantee(
        key="Our key, unique within the space as long as the process lives.",
        killed_mid_write="The CRM goes with the process: nothing of it is left.",
        replicas_race="Connectors of one process share the CRM; the key stops the second record.",
        person_races="Not prevented, unless uniqueness is set to all_writers.",
        repaired="A second record is found by the next reconciliation and can be merged.",
    ),
    open=open_memory,
    secrets=(),
)
