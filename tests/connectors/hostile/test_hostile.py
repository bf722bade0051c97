"""The hostile connector is as bad as it can be, and says nothing false."""

from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import ClassVar
from uuid import uuid4

import pytest

from connectors.hostile import HostileConnector, HostileOptions, Temper, connector
from connectors.hostile.harness import HostileHarness
from connectors.memory import forget_space, memory_crm
from connectors.registry import open_connector
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.conformance.stage import Lab, company_item
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.sdk.faults import Fault
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.protocol import ConnectorContext


class TestHostile(ConformanceSuite):
    """What the contract forbids, not even the hostile connector does."""

    harness = HostileHarness
    waived: ClassVar[Mapping[str, str]] = {
        "a_rate_limit_is_no_doubt": "it puts what was never sent in doubt, as is its right",
    }


@pytest.fixture
def space() -> Iterator[str]:
    """A CRM that no other test has."""
    name = uuid4().hex
    yield name
    forget_space(name)


def opened(space: str, **values: object) -> HostileConnector:
    """A hostile connector with these options."""
    options = HostileOptions.model_validate({"type": "hostile", "space": space, **values})
    context = ConnectorContext(name="crm", clock=VirtualClock(), random=Random(1))
    made = open_connector(connector, options, context)
    assert isinstance(made, HostileConnector)
    return made


def test_every_kind_of_outcome_comes(space: str) -> None:
    """Pushing for a while brings each outcome, and doubts about what was and was not written."""
    hostile = opened(space, seed=3, doubts=0.5)
    crm = memory_crm(space)
    written: Counter[tuple[OutcomeKind, bool]] = Counter()
    for number in range(200):
        item = company_item(number % 120)
        crm.refused_names.add(company_item(7).company.name)
        before = len(crm.live())
        (outcome,) = hostile.push([item])
        written[outcome.kind, len(crm.live()) > before] += 1
    kinds = {kind for kind, _ in written}
    assert kinds == set(OutcomeKind)
    assert written[OutcomeKind.UNKNOWN, True] > 0
    assert written[OutcomeKind.UNKNOWN, False] > 0
    assert written[OutcomeKind.NOT_SENT, True] == 0


def test_every_fault_comes(space: str) -> None:
    """With faults, each kind of fault is raised, and ambiguous ones leave half a batch behind."""
    hostile = opened(space, seed=5, faults=0.5)
    seen: Counter[str] = Counter()
    for number in range(300):
        try:
            hostile.push([company_item(number), company_item(number + 1_000)])
        except Fault as fault:
            seen[type(fault).__name__] += 1
    assert set(seen) == {
        "Ambiguous",
        "BadCredentials",
        "NeedsPerson",
        "NotProcessed",
        "Permanent",
        "QuotaExhausted",
        "RateLimited",
    }


def test_patience_is_limited(space: str) -> None:
    """Resolve puts a company off at most so many times, and then tells."""
    hostile = opened(space, delays=1.0, most_delays=4)
    kinds = [hostile.resolve([company_item(1)])[0].kind for _ in range(5)]
    assert kinds == [ResolutionKind.UNDETERMINED] * 4 + [ResolutionKind.ABSENT]


def test_the_same_seed_is_as_bad_in_the_same_way(space: str) -> None:
    """With a seed the answers can be replayed."""
    told = []
    for _ in range(2):
        forget_space(space)
        hostile = opened(space, seed=11)
        told.append([hostile.push([company_item(n)])[0] for n in range(30)])
    assert told[0] == told[1]


def test_pages_repeat_and_come_empty() -> None:
    """A listing has empty pages in the middle and rows that come twice."""
    with Lab(HostileHarness) as lab:
        stage = lab.stage()
        hostile = stage.ready()
        stage.people_add(100)
        stage.settle(hostile)
        pages = [page for _ in range(5) for page in hostile.connector.scan(None)]
    rows = Counter(record.record_id for page in pages[:20] for record in page.records)
    assert any(not page.records and page.cursor for page in pages)
    assert max(rows.values()) > 1


def test_temper_is_an_option() -> None:
    """Every part of the temper can be set in config.toml."""
    values = {"doubts": 0.1, "delays": 0.2, "most_delays": 7, "faults": 0.3, "repeats": 0.4}
    options = HostileOptions.model_validate({"type": "hostile", **values})
    assert options.temper() == Temper(**values)  # type: ignore[arg-type]
