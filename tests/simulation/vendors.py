"""The vendors of a scenario, the truth about them, and a network between them and us."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import orjson

from connectors.hubspot.simulator import HubSpotSimulator
from connectors.memory import MemoryCrm, MemoryOptions, forget_space, memory_crm
from connectors.memory.rows import Answer, AnswerKind, Draft
from connectors.sdk.inprocess import FaultyLine
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.simulator import Faults, FaultySimulator
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.launch import hubspot_properties
from daemon.sandbox.population import CrmCompany, make_crm
from daemon.sandbox.timeline import Pace
from daemon.sandbox.workspace import ExtructSettings
from tests.simulation.ledger import Ledger, ledger_of_hubspot, ledger_of_memory
from tests.simulation.network import LateRequests, Network, PointedLine
from tests.simulation.scenario import ENV, EXTRUCT_HOST, HUBSPOT_HOST, INDEX_LAG, Scenario
from tests.simulation.world import SmallWorld
from tests.support.clocks import VirtualClock

_SLOW = 12.0
_NO_LIMIT = 1_000_000
Known = Callable[[str, str], str]
"""What the daemon's mirror of a connector says of a key, as far as it was known when it claimed."""


@dataclass(frozen=True, slots=True)
class WatchedHubSpot:
    """HubSpot, with the ledger looking on; it stands behind all faults."""

    inner: HubSpotSimulator
    ledger: Ledger
    known: Known

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, and note look-ups and creations."""
        before = len(self.inner.portal._ids)
        response = self.inner.handle(request)
        if request.url.path.endswith("/search"):
            self.ledger.note_lookup(_values(orjson.loads(request.content)))
        for company_id in self.inner.portal._ids[before:]:
            company = self.inner.portal.company(company_id)
            key = company.properties.get("prospectd_key", "") if company else ""
            self.ledger.note_creation(key, str(company_id), lambda key: self.known("crm", key))
        return response


def _values(body: Mapping[str, Any]) -> Iterable[str]:
    for group in body["filterGroups"]:
        for one in group["filters"]:
            yield from one.get("values", ())


@dataclass(slots=True)
class Vendors:
    """Everything that is not ours."""

    scenario: Scenario
    clock: VirtualClock
    known: Known
    extruct: ExtructSimulator = field(init=False)
    hubspot: HubSpotSimulator = field(init=False)
    memory: MemoryCrm | None = field(init=False, default=None)
    faults: Faults = field(init=False)
    network: Network = field(init=False)
    ledgers: dict[str, Ledger] = field(init=False)
    world: SmallWorld = field(init=False)

    def __post_init__(self) -> None:
        seed = self.scenario.seed
        self.world = SmallWorld(seed=seed, size=self.scenario.companies)
        self.faults = Faults(random=Random(f"faults {seed}"), slow_seconds=_SLOW)
        self.extruct = ExtructSimulator(
            world=self.world,
            clock=self.clock,
            random=Random(f"extruct {seed}"),
            settings=ExtructSettings(
                token=ENV["EXTRUCT_API_TOKEN"],
                page_limit=5,
                list_limit=3,
                pace=Pace(seconds=50, resume_lag=20 * (self.scenario.seed % 2)),
                credits=1e9,
                max_exclusions=self.scenario.extruct.max_exclusions,
            ),
        )
        self.hubspot = HubSpotSimulator(
            clock=self.clock,
            random=Random(f"hubspot {seed}"),
            token=ENV["HUBSPOT_TOKEN"],
            index_lag=INDEX_LAG,
            requests_per_10s=_NO_LIMIT,
            searches_per_second=_NO_LIMIT,
        )
        self._open_network(Random(f"network {seed}"))
        self._populate(seed)

    def _open_network(self, random: Random) -> None:
        self.ledgers = {"crm": ledger_of_hubspot(self.hubspot)}
        self.network = Network(self.clock, LateRequests(self.clock, random))
        watched = WatchedHubSpot(self.hubspot, self.ledgers["crm"], self.known)
        for host, vendor in ((EXTRUCT_HOST, self.extruct), (HUBSPOT_HOST, watched)):
            faulty = FaultySimulator(inner=vendor, faults=self.faults, clock=self.clock)
            self.network.add(host, vendor, faulty)

    def _populate(self, seed: int) -> None:
        companies = list(make_crm(self.world, seed=seed, size=self.scenario.crm))
        if "crm" in self.scenario.connectors:
            self.hubspot.seed(hubspot_properties(companies))
        options = self.scenario.connectors.get("second")
        if isinstance(options, MemoryOptions):
            forget_space(options.space)
            self.memory = memory_crm(options.space, options.traits())
            self.ledgers["second"] = ledger_of_memory("second", self.memory, self.clock.now)
            for company in companies:
                self._type_in(self.memory, company)
        for ledger in self.ledgers.values():
            ledger.refresh()

    def _type_in(self, crm: MemoryCrm, company: CrmCompany) -> None:
        texts = (company.domain, company.website, *company.additional_domains)
        record = CrmRecord(
            record_id="", name=company.name, websites=tuple(text for text in texts if text)
        )
        with suppress(ValueError):  # a CRM that keeps them unique takes no second one from people
            crm.person_creates(record, self.clock.now(), shown_after=timedelta(0))

    def line(self, point: Callable[[str], None], meanwhile: Callable[[], None]) -> PointedLine:
        """The way to the CRM in memory."""
        inner = FaultyLine(faults=self.faults, clock=self.clock)
        return PointedLine(inner, self.clock, point, meanwhile, self._hear)

    def _hear(self, operation: str, arguments: Any, answer: Any) -> None:
        ledger = self.ledgers["second"]
        if operation == "lookup":
            companies: Sequence[CompanyRef] = arguments
            ledger.note_lookup(company.domain for company in companies if company.domain)
        if operation == "create":
            drafts: Sequence[Draft] = arguments
            answers: Sequence[Answer] = answer
            for draft, one in zip(drafts, answers, strict=True):
                if one.kind is AnswerKind.CREATED:
                    key = draft.record.key or ""
                    ledger.note_creation(
                        key, one.record_id or "", lambda key: self.known("second", key)
                    )

    def close(self) -> None:
        """Forget the CRM in memory, which lives as long as the process would."""
        options = self.scenario.connectors.get("second")
        if isinstance(options, MemoryOptions):
            forget_space(options.space)
