"""What a connector is: the one interface between the daemon and a CRM."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Generic, Protocol, TypeVar

import httpx

from connectors.sdk.capabilities import Capabilities, Guarantee
from connectors.sdk.clock import Clock, SystemClock
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage

OptionsT = TypeVar("OptionsT", bound=ConnectorOptions)


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a probe saw: what it is, and for a problem what to do about it."""

    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request as the audit keeps it: no query string, no body, no secret.

    ``status`` is None when no reply came; ``error`` then says why in a few words.
    """

    vendor: str
    method: str
    path: str
    status: int | None
    milliseconds: int
    error: str = ""


class RateGate(Protocol):
    """Shared permission to send: replicas on one store share one gate for each vendor."""

    def acquire(self, vendor: str, *, limit: float, per_seconds: float) -> float:
        """Seconds to wait before sending; zero when a place was free and is now taken."""
        ...

    def block(self, vendor: str, until: datetime) -> None:
        """Nobody sends to this vendor before ``until`` (the vendor said so)."""
        ...


def ignore_exchange(exchange: Exchange) -> None:
    """Observe nothing; the default where nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorContext:
    """What the daemon hands to a connector when it opens it.

    ``name`` is the connector's name in ``config.toml``. ``secrets`` holds the resolved values of
    the options that name one (``token``, ``client_secret`` …). ``transport`` replaces the network
    in tests. ``rates`` is None where nothing is shared.
    """

    name: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    transport: httpx.BaseTransport | None = None
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
    observe: Callable[[Exchange], None] = ignore_exchange
    rates: RateGate | None = None


class Connector(Protocol):
    """A CRM, as the daemon sees it.

    Every method may raise a :class:`~connectors.sdk.faults.Fault`. Methods that only read repeat
    themselves a few times before they do. ``push`` never repeats a request whose outcome is in
    doubt.
    """

    @property
    def capabilities(self) -> Capabilities:
        """The facts of this CRM, with what ``probe`` learned of this account."""
        ...

    def probe(self) -> Sequence[Finding]:
        """Is the address right, the token good, does it have what it needs; changes nothing."""
        ...

    def ensure_schema(self) -> Sequence[Finding]:
        """Create the CRM's own fields that we need, once; a problem says what a person must do."""
        ...

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """List every live company from ``cursor`` on (None: from the start)."""
        ...

    def changes_from(self, moment: datetime) -> str:
        """The cursor with which ``changes`` tells everything that happened after ``moment``."""
        ...

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """What changed since ``cursor``; overlaps by the settling time, so rows may come again."""
        ...

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The live records with the company's key or domain, one list for each, in order."""
        ...

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The live records with these ids; ids that are gone are left out."""
        ...

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Create these companies; one outcome for each, in order. At most ``batch_size`` items."""
        ...

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """After an unknown outcome: did it arrive? Creates nothing. One answer each, in order."""
        ...

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge one record into another, where ``capabilities.can_merge``."""
        ...

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorPlugin(Generic[OptionsT]):
    """What an entry point of the group ``prospectd.connectors`` points to.

    ``secrets`` names the options that are secrets: ``token`` makes ``token_env`` and ``token_file``
    of the options resolve to ``context.secrets["token"]``.
    """

    name: str
    version: str
    options: type[OptionsT]
    capabilities: Capabilities
    guarantee: Guarantee
    open: Callable[[OptionsT, ConnectorContext], Connector]
    secrets: tuple[str, ...] = ("token",)
