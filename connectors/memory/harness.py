"""The CRM in memory as the conformance suite uses it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from connectors.memory import connector
from connectors.memory.connector import MemoryConnector
from connectors.memory.crm import MemoryCrm
from connectors.memory.rows import MemoryTraits
from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, Typed
from connectors.sdk.conformance.wire import Wire
from connectors.sdk.protocol import Connector, ConnectorContext, ConnectorPlugin
from connectors.sdk.records import CrmRecord


class MemoryHarness(Harness):
    """A CRM with ``traits``; a subclass with other traits tries another kind of CRM."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {"type": "memory"}
    many = 25
    traits: ClassVar[MemoryTraits] = MemoryTraits(page_size=10)

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.crm = MemoryCrm(self.traits)

    def open(self, wire: Wire) -> Connector:
        """A connector to this CRM whose operations go over the wire."""
        opened = MemoryConnector(self.crm, {}, self.context(wire))
        opened.line = wire.line
        return opened

    def context(self, wire: Wire) -> ConnectorContext:
        """What the daemon would hand over."""
        return ConnectorContext(
            name="crm", clock=self.clock, random=self.random, observe=wire.exchanges.append
        )

    def live(self) -> Sequence[CrmRecord]:
        """Every record that people see."""
        return self.crm.live()

    def person_creates(self, typed: Typed) -> str:
        """A person adds a company."""
        return self.crm.person_creates(_record(typed), self.clock.now())

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes a company."""
        values = {"name": typed.name, "websites": typed.websites}
        self.crm.person_edits(record_id, self.clock.now(), **values)

    def person_deletes(self, record_id: str) -> None:
        """A person throws a company into the bin."""
        self.crm.person_deletes(record_id, self.clock.now())

    def person_revives(self, record_id: str) -> None:
        """A person takes a company out of the bin."""
        self.crm.person_revives(record_id, self.clock.now())

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges two companies."""
        self.crm.person_merges(survivor_id=survivor_id, lost_id=lost_id, now=self.clock.now())

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """Somebody's record that reads show late."""
        return self.crm.person_creates(_record(typed), self.clock.now(), shown_after=after)

    def refuse_company(self, name: str) -> None:
        """A rule of the CRM refuses this name."""
        self.crm.refused_names.add(name)


def _record(typed: Typed) -> CrmRecord:
    return CrmRecord(record_id="", name=typed.name, websites=typed.websites)
