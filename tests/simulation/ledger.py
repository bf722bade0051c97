"""What really is in each CRM, since when, and which of our creations had no business there.

The ledger stands on the vendors' side: it sees each write as it happens, whatever the daemon
believes, and judges a creation by what its sender could have seen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.hubspot.simulator import HubSpotSimulator
from connectors.memory import MemoryCrm
from daemon.domain.hostnames import domain_keys
from tests.simulation.scenario import INDEX_LAG, MAX_AGE

_RECENT = timedelta(minutes=10)
"""A look-up that is older than this was none for the creation at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A record that the daemon has made."""

    key: str
    record_id: str
    at: datetime


@dataclass(slots=True)
class _Holding:
    domains: frozenset[str]
    plain: frozenset[str]
    since: datetime


@dataclass(slots=True)
class Ledger:
    """The truth about one CRM. ``live`` gives id to (all website texts, the plainly spelled)."""

    name: str
    now: Callable[[], datetime]
    live: Callable[[], Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]]
    creations: list[Creation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    allowance: timedelta = timedelta(0)
    """How far the daemon's clock was ever set wrong: so much staler may a mirror be."""
    ever: set[str] = field(default_factory=set)
    """Every domain that a record of this CRM has had at any time."""
    _holdings: dict[str, _Holding] = field(default_factory=dict)
    _looked_up: dict[str, datetime] = field(default_factory=dict)

    def refresh(self) -> None:
        """Take in what people, or we, have just done."""
        now, live = self.now(), self.live()
        for gone in self._holdings.keys() - live.keys():
            del self._holdings[gone]
        for record_id, (texts, plain) in live.items():
            domains, spelled = frozenset(domain_keys(texts)), frozenset(plain)
            self.ever |= domains
            held = self._holdings.get(record_id)
            if held is None or held.domains != domains or held.plain != spelled:
                self._holdings[record_id] = _Holding(domains, spelled, now)

    def note_lookup(self, domains: Iterable[str]) -> None:
        """The daemon has just asked for these domains."""
        now = self.now()
        for domain in domains:
            self._looked_up[domain] = now

    def note_creation(self, key: str, record_id: str, known: Callable[[str], str]) -> None:
        """The daemon has just made a record. ``known`` tells what its mirror said beforehand."""
        now = self.now()
        if any(made.key == key for made in self.creations):
            self.problems.append(f"{self.name}: {key} was created twice, now as {record_id}")
        self.creations.append(Creation(key=key, record_id=record_id, at=now))
        for rival, held in self._holdings.items():
            if rival != record_id and key in held.domains:
                self._judge(key, record_id, rival, held, now)
        if said := known(key):
            text = f"{self.name}: {record_id} was created for {key} though the mirror had {said}"
            self.problems.append(text)
        self.refresh()

    def _judge(self, key: str, record_id: str, rival: str, held: _Holding, now: datetime) -> None:
        """A second record is a person's bad luck only where nobody could have seen the first."""
        looked = self._looked_up.get(key, now)
        looked = looked if now - looked <= _RECENT else now
        by_lookup = key in held.plain and held.since + INDEX_LAG < looked
        by_mirror = held.since + MAX_AGE + _RECENT + self.allowance < now
        if by_lookup or by_mirror:
            self.problems.append(
                f"{self.name}: {record_id} was created for {key}, which {rival} had held since "
                f"{held.since:%H:%M:%S}; it is {now:%d %H:%M:%S} now and was looked up at "
                f"{looked:%H:%M:%S}"
            )


def ledger_of_hubspot(simulator: HubSpotSimulator) -> Ledger:
    """The truth about a simulated HubSpot."""

    def live() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        records: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for company in simulator.portal.live():
            get = company.properties.get
            more = [text for text in (get("hs_additional_domains") or "").split(";") if text]
            domain = get("domain") or ""
            texts = (domain, *more, get("website") or "")
            records[str(company.id)] = (tuple(text for text in texts if text), (domain,))
        return records

    return Ledger("crm", simulator.clock.now, live)


def ledger_of_memory(name: str, crm: MemoryCrm, now: Callable[[], datetime]) -> Ledger:
    """The truth about a CRM in memory, whose look-ups know hosts as they are spelled."""

    def live() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        return {each.record_id: (each.websites, each.websites) for each in crm.live()}

    return Ledger(name, now, live)
