"""The CRM in memory itself: shared by name, strict, and as bad as it is made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.memory import (
    MemoryConnector,
    MemoryCrm,
    MemoryOptions,
    MemoryTraits,
    connector,
    forget_space,
    memory_crm,
)
from connectors.memory.feed import FeedPosition
from connectors.registry import open_connector
from connectors.sdk.capabilities import Incremental, Uniqueness
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.conformance.stage import company_item
from connectors.sdk.faults import Ambiguous, Fault, NotProcessed, Permanent, RateLimited
from connectors.sdk.inprocess import FaultyLine
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.protocol import ConnectorContext, Exchange
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import FaultKind, Faults

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def space() -> Iterator[str]:
    """A CRM that no other test has."""
    name = uuid4().hex
    yield name
    forget_space(name)


def opened(space: str, *, seen: list[Exchange] | None = None, **values: object) -> MemoryConnector:
    """A connector to the space's CRM."""
    options = MemoryOptions.model_validate({"type": "memory", "space": space, **values})
    observe = ([] if seen is None else seen).append
    context = ConnectorContext(name="crm", clock=VirtualClock(), observe=observe)
    made = open_connector(connector, options, context)
    assert isinstance(made, MemoryConnector)
    return made


def record(name: str, *websites: str) -> CrmRecord:
    """What a person types."""
    return CrmRecord(record_id="", name=name, websites=websites)


def test_connectors_of_one_space_share_a_crm(space: str) -> None:
    """A daemon that is started again in the same process finds what it wrote."""
    opened(space).push([company_item(1)])
    opened(space).close()
    (outcome,) = opened(space).push([company_item(1)])
    assert outcome.kind is OutcomeKind.EXISTED
    assert opened(f"{space}-other").crm.live() == []
    forget_space(f"{space}-other")


def test_the_first_who_opens_a_space_says_what_it_is(space: str) -> None:
    """A second connector cannot make another kind of CRM out of the first one's."""
    first = opened(space, uniqueness="none", batch_size=7)
    second = opened(space)
    assert second.crm is first.crm is memory_crm(space)
    assert second.capabilities.uniqueness is Uniqueness.NONE
    assert second.capabilities.batch_size == 7


def test_every_trait_is_an_option() -> None:
    """What a CRM is like can be set in config.toml."""
    values = {
        "uniqueness": "all_writers",
        "settling": "30s",
        "batch_size": 3,
        "batch_atomic": True,
        "create_only": False,
        "incremental": "created_since",
        "sees_deletions": False,
        "sees_merges": False,
        "page_size": 4,
        "longest_text": 50,
    }
    assert MemoryOptions.model_validate({"type": "memory", **values}).traits() == MemoryTraits(
        uniqueness=Uniqueness.ALL_WRITERS,
        settling=timedelta(seconds=30),
        batch_size=3,
        batch_atomic=True,
        create_only=False,
        incremental=Incremental.CREATED_SINCE,
        sees_deletions=False,
        sees_merges=False,
        page_size=4,
        longest_text=50,
    )


@pytest.mark.parametrize("values", [{"page_size": 0}, {"batch_size": 0}, {"colour": "red"}])
def test_impossible_options_are_refused(values: dict[str, object]) -> None:
    """A page or a batch of nothing, and what is no option, are refused."""
    with pytest.raises(ValidationError):
        MemoryOptions.model_validate({"type": "memory", **values})


def test_mapping_and_properties_reach_the_record(space: str) -> None:
    """The mapping's properties are stored beside the standard ones."""
    crm = opened(space, mapping={"tier": "T{relevance}", "search": ""})
    (outcome,) = crm.push([company_item(1)])
    assert crm.crm.properties_of(str(outcome.record_id)) == {"tier": "T87", "relevance": "87"}


def test_a_person_cannot_double_where_the_constraint_forbids(space: str) -> None:
    """With the constraint for all writers, a person's second record is refused."""
    crm = opened(space, uniqueness="all_writers").crm
    crm.person_creates(record("Acme", "https://www.acme.com"), NOW)
    with pytest.raises(ValueError, match="holds"):
        crm.person_creates(record("Acme again", "acme.com/de"), NOW)
    crm.person_creates(record("A shop", "shop.acme.com"), NOW)


def test_a_freed_domain_can_be_used_again(space: str) -> None:
    """A domain that no record has any more, after an edit or for good, is free."""
    crm = opened(space, uniqueness="all_writers").crm
    first = crm.person_creates(record("Acme", "acme.com"), NOW)
    crm.person_edits(first, NOW, websites=("acme.de",))
    second = crm.person_creates(record("New Acme", "acme.com"), NOW)
    crm.person_deletes(second, NOW, for_good=True)
    third = crm.person_creates(record("Newest Acme", "acme.com"), NOW)
    assert len({first, second, third}) == 3
    with pytest.raises(LookupError):
        crm.person_edits("99", NOW, name="Nobody")


def test_both_keys_lead_to_the_survivor_of_a_merge(space: str) -> None:
    """After two pushed records were merged, pushing either again finds the survivor."""
    crm = opened(space)
    kept, lost = crm.push([company_item(1), company_item(2)])
    crm.merge(survivor_id=str(kept.record_id), lost_id=str(lost.record_id))
    again = crm.push([company_item(1), company_item(2)])
    assert [outcome.record_id for outcome in again] == [kept.record_id, kept.record_id]
    with pytest.raises(Permanent, match="no record 77"):
        crm.merge(survivor_id=str(kept.record_id), lost_id="77")


@pytest.mark.parametrize(
    ("kind", "fault", "written"),
    [
        (FaultKind.RATE_LIMITED, RateLimited, False),
        (FaultKind.UNAVAILABLE, NotProcessed, False),
        (FaultKind.DROPPED, None, False),
        (FaultKind.HTML, None, False),
        (FaultKind.REPLY_LOST, None, True),
        (FaultKind.FAILED_AFTER, None, True),
    ],
)
def test_faults_of_the_line(
    kind: FaultKind, fault: type[Fault] | None, written: bool, space: str
) -> None:
    """A faulty line raises what is certain and leaves the rest in doubt, as a network does."""
    clock = VirtualClock()
    crm = memory_crm(space)
    crm.line = FaultyLine(faults=Faults(rate=1.0, kinds=(kind,), random=Random(1)), clock=clock)
    pusher = opened(space)
    if fault is None:
        assert pusher.push([company_item(1)])[0].kind is OutcomeKind.UNKNOWN
    else:
        with pytest.raises(fault):
            pusher.push([company_item(1)])
    assert bool(crm.live()) is written


def test_a_slow_line_takes_its_time(space: str) -> None:
    """A slow line delays, and everything arrives."""
    clock = VirtualClock()
    faults = Faults(rate=1.0, kinds=(FaultKind.SLOW,), slow_seconds=3)
    memory_crm(space).line = FaultyLine(faults=faults, clock=clock)
    (outcome,) = opened(space).push([company_item(1)])
    assert outcome.kind is OutcomeKind.CREATED
    assert clock.monotonic() == 3


def test_reading_is_never_in_doubt(space: str) -> None:
    """A read whose reply is lost every time is a fault that says that nothing happened."""
    crm = memory_crm(space)
    crm.line = FaultyLine(
        faults=Faults(rate=1.0, kinds=(FaultKind.REPLY_LOST,)), clock=VirtualClock()
    )
    with pytest.raises(NotProcessed) as raised:
        list(opened(space).scan(None))
    assert isinstance(raised.value.__cause__, Ambiguous)


def test_operations_are_observed(space: str) -> None:
    """Each operation is told to the audit, its fault too."""
    seen: list[Exchange] = []
    crm = opened(space, seen=seen)
    crm.push([company_item(1)])
    crm.line = FaultyLine(
        faults=Faults(rate=1.0, kinds=(FaultKind.UNAVAILABLE,)), clock=VirtualClock()
    )
    with pytest.raises(NotProcessed):
        crm.push([company_item(2)])
    assert [(each.path, each.error) for each in seen] == [("create", ""), ("create", "unavailable")]


def test_an_atomic_batch_is_sent_again_without_the_culprit(space: str) -> None:
    """Where a batch is written whole or not, one refused company does not hold the others up."""
    crm = opened(space, batch_atomic=True)
    crm.crm.refused_names.add(company_item(2).company.name)
    outcomes = crm.push([company_item(number) for number in (1, 2, 3)])
    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.CREATED,
        OutcomeKind.REJECTED,
        OutcomeKind.CREATED,
    ]


def test_a_crm_without_a_feed_says_so(space: str) -> None:
    """Asked for changes that it does not tell, the connector raises; it does not end silently."""
    with pytest.raises(Permanent, match="list everything instead"):
        list(opened(space, incremental="none").changes("x"))


@pytest.mark.parametrize("cursor", ["", "x", "[]", "[1, 2]", '["2026-03-02T00:00:00+00:00", [1]]'])
def test_a_strange_cursor_is_refused(cursor: str, space: str) -> None:
    """A cursor of another connector is a fault, not a reading from anywhere."""
    with pytest.raises(Permanent, match="not a cursor"):
        list(opened(space).changes(cursor))


@given(
    since=st.datetimes(timezones=st.just(UTC)),
    after=st.none() | st.tuples(st.datetimes(timezones=st.just(UTC)), st.text()),
)
def test_a_position_survives_as_text(since: datetime, after: tuple[datetime, str] | None) -> None:
    """A place in the feed is the same after it was written down."""
    position = FeedPosition(since=since, after=after)
    assert FeedPosition.load(position.dump()) == position


def test_old_versions_are_forgotten() -> None:
    """A record that is edited for ever does not grow for ever."""
    crm = MemoryCrm(MemoryTraits(settling=timedelta(minutes=1)))
    record_id = crm.person_creates(record("Acme", "acme.com"), NOW)
    for second in range(1_000):
        crm.person_edits(record_id, NOW + timedelta(seconds=second), name=f"Acme {second}")
    assert len(crm._versions[record_id]) < 100
    assert crm.read([record_id], NOW + timedelta(seconds=999))[record_id].name == "Acme 939"
