"""What a connector's author writes so that the suite can try it: one small class.

A harness is one fresh CRM with nobody in it. It opens connectors to it, does what people do in it,
and tells what it holds. The suite makes a new harness for every stage of every law.
"""

# ruff: noqa: ARG002 - the acts that a CRM does not have are here with their arguments

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, ClassVar, Protocol

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.verdict import DoesNotApply
from connectors.sdk.conformance.wire import Validator, Wire
from connectors.sdk.faults import Fault
from connectors.sdk.protocol import Connector, ConnectorContext, ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a person types into the CRM's own form; ``websites`` has the main one first."""

    name: str
    websites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """A way of this vendor to say no. After ``begin``, every request meets it.

    ``expected`` are the faults of which reading must raise one.
    """

    name: str
    begin: Callable[[], None]
    expected: tuple[type[Fault], ...]


class Harness:
    """One fresh simulated CRM, and everything that the suite does to it.

    A subclass for a vendor over HTTP sets ``plugin``, ``options``, ``secrets`` and ``many``, makes
    its simulator in ``__init__`` (call ``super().__init__`` first), and implements ``simulators``,
    ``live`` and ``person_creates``. The other acts are implemented as far as the CRM has them: what
    is left out raises :class:`DoesNotApply`, and the laws that need it are skipped with that
    reason. What the capabilities promise (``sees_merges`` …) may not be left out.

    The acts go round the vendor's API, straight into the simulator, at the clock's present moment.
    """

    plugin: ClassVar[ConnectorPlugin[Any]]
    options: Mapping[str, Any] = {}
    """The connector's table of ``config.toml``, ``type`` included."""
    secrets: Mapping[str, str] = {}
    """What ``context.secrets`` holds; the simulator accepts these. Unlike any other text, please:
    the suite looks for them in every message."""
    many: int = 250
    """How many records make a full listing of at least three pages."""

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        self.clock = clock
        self.random = random

    def open(self, wire: Wire) -> Connector:
        """A new connector to this CRM over this wire, as after a restart of the daemon."""
        options = self.plugin.options.model_validate(dict(self.options))
        context = ConnectorContext(
            name="crm",
            secrets=self.secrets,
            transport=wire.transport(self.simulators()),
            clock=self.clock,
            random=self.random,
            observe=wire.exchanges.append,
        )
        return self.plugin.open(options, context)

    def close(self) -> None:
        """Clean up, where something outside of memory was used."""

    # What the CRM is.

    def simulators(self) -> Mapping[str, Simulator]:
        """The simulators of this CRM by host name; the same objects every time."""
        raise NotImplementedError

    def validator(self) -> Validator | None:
        """Who judges requests and replies by the vendor's specification, where there is one."""
        return None

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """The vendor's own ways to refuse: a bad token first of all, then a used-up quota."""
        return ()

    # What the CRM holds.

    def live(self) -> Sequence[CrmRecord]:
        """Every record that a person can see in the CRM now: id, name, websites and our key."""
        raise NotImplementedError

    # What people do in it.

    def person_creates(self, typed: Typed) -> str:
        """A person adds a company; gives the record's id."""
        raise NotImplementedError

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes a company's name and websites."""
        raise DoesNotApply("nobody edits records in this CRM")

    def person_deletes(self, record_id: str) -> None:
        """A person deletes a company, in the way that people do (to the bin, if there is one)."""
        raise DoesNotApply("nobody deletes records in this CRM")

    def person_revives(self, record_id: str) -> None:
        """A person takes a deleted company back out of the bin."""
        raise DoesNotApply("this CRM has no bin")

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges two companies."""
        raise DoesNotApply("this CRM has no merging")

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """Somebody's record whose time stamp is now, but which no read shows before ``after``.

        A transaction that commits late, or an index that lags. Needed where ``settling`` is more
        than zero.
        """
        raise DoesNotApply("this CRM shows every write at once")

    def refuse_company(self, name: str) -> None:
        """From now on the CRM refuses, for good, to create a company whose name is this."""
        raise DoesNotApply("this CRM refuses no company as such")


class HarnessFactory(Protocol):
    """Makes a fresh harness; a subclass of :class:`Harness` is one."""

    def __call__(self, *, clock: VirtualClock, random: Random) -> Harness:
        """A CRM with nobody in it, whose time and chance are these."""
        ...
