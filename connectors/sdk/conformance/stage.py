"""The stage on which a law is played: fresh CRMs, connectors to them, and companies to push."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from types import TracebackType
from typing import Self

from connectors.sdk.capabilities import Capabilities
from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, HarnessFactory, Typed
from connectors.sdk.conformance.verdict import LawBroken, Runaway, require
from connectors.sdk.conformance.wire import Wire
from connectors.sdk.faults import Fault
from connectors.sdk.protocol import Connector
from connectors.sdk.records import CompanyRef, CrmRecord, FieldValue, PushItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A connector and the wire that it is on."""

    connector: Connector
    wire: Wire

    @property
    def capabilities(self) -> Capabilities:
        """What the connector declares now."""
        return self.connector.capabilities


def company_item(
    number: int, *, name: str | None = None, fields: Mapping[str, FieldValue] | None = None
) -> PushItem:
    """The company with this number, ready to be pushed; always the same for the same number."""
    domain = f"firm-{number}.com"
    title = name or f"Firm {number} Ltd"
    standard: dict[str, FieldValue] = {
        "name": title,
        "domain": domain,
        "website": f"https://www.{domain}",
        "description": f"{title} makes software for harbours.",
        "country": "Germany",
        "city": "Hamburg",
        "employee_count": "11-50",
        "founding_year": 2011,
        "relevance": 87,
        "search": "harbour-software",
        "task_id": "00000000-0000-4000-8000-000000000001",
    }
    return PushItem(
        trace_id=f"trace-{number}",
        company=CompanyRef(key=domain, domain=domain, name=title),
        fields={**standard, **(fields or {})},
    )


def is_company(record: CrmRecord, item: PushItem) -> bool:
    """Whether the CRM's record is the item's company, by key or by domain."""
    domain = item.company.domain
    if record.key == item.company.key:
        return True
    return domain is not None and any(domain in website.lower() for website in record.websites)


class Stage:
    """One fresh CRM and everything that is open to it."""

    def __init__(self, factory: HarnessFactory, *, seed: int) -> None:
        self.clock = VirtualClock()
        self.harness: Harness = factory(clock=self.clock, random=Random(seed))  # noqa: S311 - a test's dice
        self.opened: list[Opened] = []

    def open(self) -> Opened:
        """A connector as after a restart of the daemon: nothing asked, nothing prepared."""
        wire = Wire(clock=self.clock, validator=self.harness.validator())
        opened = Opened(connector=self.harness.open(wire), wire=wire)
        self.opened.append(opened)
        return opened

    def ready(self) -> Opened:
        """A connector that was probed and whose fields exist; its wire starts to count anew."""
        opened = self.open()
        opened.connector.ensure_schema()
        opened.connector.probe()
        opened.wire.calm()
        return opened

    def settle(self, opened: Opened) -> None:
        """Wait until every earlier write shows in every read."""
        self.clock.advance(opened.capabilities.settling + timedelta(seconds=1))

    def people_add(self, count: int, *, first: int = 10_000) -> list[str]:
        """People add so many companies, a second apart; gives the records' ids."""
        ids = []
        for number in range(first, first + count):
            typed = Typed(name=f"Person's {number}", websites=(f"typed-{number}.com",))
            ids.append(self.harness.person_creates(typed))
            self.clock.advance(timedelta(seconds=1))
        return ids

    def sent(self, item: PushItem) -> PushItem:
        """The item as the daemon hands it over: with the moment of its first sending."""
        return item if item.sent_at is not None else replace(item, sent_at=self.clock.now())

    def live_ids(self) -> set[str]:
        """The ids of all records that people can see."""
        return {record.record_id for record in self.harness.live()}

    def records_of(self, item: PushItem) -> list[CrmRecord]:
        """The live records of this company: more than one is a duplicate."""
        return [record for record in self.harness.live() if is_company(record, item)]

    def close(self) -> None:
        """Close every connector, twice, as a daemon that is stopped twice does."""
        for opened in self.opened:
            opened.connector.close()
            opened.connector.close()
        self.harness.close()


class Lab:
    """Where a law gets its stages; looks at the end whether the vendor's specification was kept."""

    def __init__(self, factory: HarnessFactory) -> None:
        self._factory = factory
        self._stages: list[Stage] = []

    def stage(self, *, seed: int = 1) -> Stage:
        """A fresh CRM; what is random in it is decided by the seed."""
        stage = Stage(self._factory, seed=seed)
        self._stages.append(stage)
        return stage

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stage in self._stages:
            stage.close()
        if error is None:
            self._check_specification()

    def _check_specification(self) -> None:
        violations = [
            text
            for stage in self._stages
            for opened in stage.opened
            for text in opened.wire.violations
        ]
        require(not violations, "the vendor's specification forbids: " + "; ".join(violations[:5]))


def play(law: Callable[[Lab], None], factory: HarnessFactory) -> None:
    """Try one law on one connector.

    Raises:
        LawBroken: the connector breaks it.
        DoesNotApply: the law asks what this CRM does not have.
    """
    try:
        with Lab(factory) as lab:
            law(lab)
    except Runaway as runaway:
        raise LawBroken(f"it sends without end: {runaway}") from runaway
    except Fault as fault:
        raise LawBroken(f"{type(fault).__name__} was raised: {fault.message}") from fault
