"""The options of the hostile connector: the CRM behind it, and its temper."""

from dataclasses import fields
from random import Random

from pydantic import Field

from connectors.hostile.connector import HostileConnector, Temper
from connectors.memory import MemoryOptions, open_memory
from connectors.sdk.protocol import ConnectorContext

_MILD = Temper()


class HostileOptions(MemoryOptions):
    """The CRM in memory of ``space``, and how bad its answers are: see :class:`Temper`.

    ``seed`` makes the answers repeatable; None: the daemon's own dice decide.
    """

    seed: int | None = None
    doubts: float = Field(default=_MILD.doubts, ge=0, lt=1)
    delays: float = Field(default=_MILD.delays, ge=0, le=1)
    most_delays: int = Field(default=_MILD.most_delays, ge=0)
    faults: float = Field(default=_MILD.faults, ge=0, lt=1)
    repeats: float = Field(default=_MILD.repeats, ge=0, le=1)

    def temper(self) -> Temper:
        """How bad the answers are."""
        return Temper(**{each.name: getattr(self, each.name) for each in fields(_MILD)})


def open_hostile(options: HostileOptions, context: ConnectorContext) -> HostileConnector:
    """A hostile connector to the CRM of the options' space."""
    dice = context.random if options.seed is None else Random(options.seed)  # noqa: S311 - a test's dice
    inner = open_memory(options, context)
    return HostileConnector(inner, options.temper(), random=dice, clock=context.clock)
