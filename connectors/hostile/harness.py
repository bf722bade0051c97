"""The hostile CRM as the conformance suite uses it: bad temper, but only faults asked for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from connectors.hostile import HostileConnector, Temper, connector
from connectors.memory.connector import MemoryConnector
from connectors.memory.harness import MemoryHarness
from connectors.memory.rows import MemoryTraits
from connectors.sdk.conformance.wire import Wire
from connectors.sdk.protocol import Connector, ConnectorPlugin


class HostileHarness(MemoryHarness):
    """The CRM in memory behind a connector in its worst temper."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {"type": "hostile"}
    traits: ClassVar[MemoryTraits] = MemoryTraits(page_size=10, settling=timedelta(seconds=20))
    temper: ClassVar[Temper] = Temper()

    def open(self, wire: Wire) -> Connector:
        """A hostile connector to this CRM."""
        inner = MemoryConnector(self.crm, {}, self.context(wire))
        inner.line = wire.line
        return HostileConnector(inner, self.temper, random=self.random, clock=self.clock)
