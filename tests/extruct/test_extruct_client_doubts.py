from datetime import timedelta

import httpx
import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import (
    Ambiguous,
    NotProcessed,
)
from connectors.sdk.protocol import Exchange
from connectors.sdk.simulator import FaultKind
from daemon.extruct.adoption import match_created_task
from daemon.sandbox.extruct import ExtructSimulator
from tests.extruct.stage import (
    REQUEST,
    MakeClient,
    Script,
    disturbed,
)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.SLOW])
def test_a_read_is_tried_once_more(
    connect: MakeClient, simulator: ExtructSimulator, clock: VirtualClock, kind: FaultKind
) -> None:
    """Whatever happens to one read, a second one 5 to 10 seconds later has the answer."""
    task = connect(simulator).create_task(REQUEST)
    started = clock.monotonic()
    assert connect(disturbed(simulator, clock, kind)).get_task(task.id).id == task.id
    assert 5 <= clock.monotonic() - started <= 10


def test_a_read_is_not_tried_for_ever(
    connect: MakeClient,
    simulator: ExtructSimulator,
    clock: VirtualClock,
    exchanges: list[Exchange],
) -> None:
    """After the second failure the fault goes to the caller, who decides when to come back."""
    server = disturbed(simulator, clock, *[FaultKind.UNAVAILABLE] * 9)
    with pytest.raises(NotProcessed):
        connect(server).account()
    assert [exchange.status for exchange in exchanges] == [503, 503]


@pytest.mark.parametrize(
    ("kind", "exists"),
    [
        (FaultKind.FAILED_AFTER, True),
        (FaultKind.REPLY_LOST, True),
        (FaultKind.UNAVAILABLE, False),
        (FaultKind.DROPPED, False),
        (FaultKind.HTML, False),
    ],
)
def test_a_doubtful_create_is_sent_once_and_adopted(
    connect: MakeClient,
    simulator: ExtructSimulator,
    clock: VirtualClock,
    kind: FaultKind,
    exists: bool,
) -> None:
    """After a doubt nothing is sent again, and the list tells whether the task was made."""
    sent_at = clock.now()
    client = connect(disturbed(simulator, clock, kind))
    with pytest.raises(Ambiguous):
        client.create_task(REQUEST)
    tasks = simulator.state()["tasks"]
    assert len(tasks) == exists
    found = match_created_task(REQUEST, sent_at, client.list_tasks())
    assert (found.id if found else None) == (tasks[0]["id"] if exists else None)


def test_a_lost_task_is_told_from_earlier_ones(
    connect: MakeClient, simulator: ExtructSimulator, clock: VirtualClock
) -> None:
    """Among tasks of the same search only the unknown one is adopted."""
    known = {connect(simulator).create_task(REQUEST).id for _ in range(3)}
    sent_at = clock.now()
    client = connect(disturbed(simulator, clock, FaultKind.REPLY_LOST))
    with pytest.raises(Ambiguous):
        client.create_task(REQUEST)
    found = match_created_task(REQUEST, sent_at, client.list_tasks(), known_ids=known)
    assert found is not None
    assert found.id not in known


@pytest.mark.parametrize("body", [b"", b"created", b"[]", b'{"status": "created"}'])
def test_a_create_reply_that_cannot_be_read_is_a_doubt(
    connect: MakeClient, scripted: Script, body: bytes
) -> None:
    """A 200 without an id may well have created a paid task."""
    server = scripted(lambda _request: httpx.Response(200, content=body))
    with pytest.raises(Ambiguous):
        connect(server).create_task(REQUEST)
    assert len(server.requests) == 1


def test_a_doubtful_resume_is_sent_once(
    connect: MakeClient, simulator: ExtructSimulator, clock: VirtualClock
) -> None:
    """A resumption whose reply was lost is not asked for a second time."""
    task = connect(simulator).create_task(REQUEST)
    clock.advance(timedelta(seconds=31))
    with pytest.raises(Ambiguous):
        connect(disturbed(simulator, clock, FaultKind.REPLY_LOST)).resume_task(task.id, 10)
    assert connect(simulator).get_task(task.id).desired_num_results == 130


def test_a_refused_connection_is_no_doubt(connect: MakeClient, clock: VirtualClock) -> None:
    """What could not even be connected was not created, and is tried once more."""
    client = connect(None, base_url="https://nowhere.test")
    with pytest.raises(NotProcessed):
        client.create_task(REQUEST)
    assert clock.monotonic() >= 5
