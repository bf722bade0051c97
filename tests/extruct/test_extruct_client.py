from datetime import timedelta

import httpx
import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import Permanent
from connectors.sdk.protocol import Exchange
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import ResultsPage, TaskRequest, TaskSnapshot
from daemon.sandbox.extruct import ExtructSimulator
from tests.extruct.stage import QUERY, REQUEST, MakeClient, Script


def all_rows(client: ExtructClient, task: TaskSnapshot) -> list[ResultsPage]:
    pages, offset = [], 0
    while (page := client.results_page(task.id, offset)).received:
        pages.append(page)
        offset += page.received
    return pages


def test_a_task_is_created_read_and_paged(client: ExtructClient, clock: VirtualClock) -> None:
    """From the request to the last row, everything that was sent comes back."""
    task = client.create_task(REQUEST)
    assert (task.status, task.query, task.exclude_domains) == ("created", QUERY, ("acme.com",))
    clock.advance(timedelta(seconds=31))
    done = client.get_task(task.id)
    assert done.is_terminal
    pages = all_rows(client, task)
    assert [page.received for page in pages] == [50, 50, 20]
    assert (
        len({row.company.result_id for page in pages for row in page.rows}) == done.results == 120
    )


def test_a_smaller_page_than_asked_for_is_no_end(
    client: ExtructClient, simulator: ExtructSimulator, clock: VirtualClock
) -> None:
    """A server that clamps ``limit`` gives every row to a reader who goes on by what came."""
    simulator.settings.page_limit = 7
    task = client.create_task(REQUEST)
    clock.advance(timedelta(seconds=31))
    assert sum(page.received for page in all_rows(client, task)) == 120


def test_rereading_finds_rows_that_moved(client: ExtructClient, clock: VirtualClock) -> None:
    """Rows that moved while one paged are all seen once a pass brings nothing new."""
    task = client.create_task(REQUEST)
    seen: dict[str, int | None] = {}
    moved = 0
    for _ in range(15):
        for page in all_rows(client, task):
            clock.advance(timedelta(seconds=1))
            for row in page.rows:
                before = seen.get(row.company.result_id)
                moved += before is not None and before != row.company.relevance
                seen[row.company.result_id] = row.company.relevance
        clock.advance(timedelta(seconds=1))
    assert moved > 0
    assert len(seen) == client.get_task(task.id).results == 120
    assert None not in seen.values()


def test_a_done_task_is_resumed(client: ExtructClient, clock: VirtualClock) -> None:
    """Resuming raises the number that is wanted, and keeps the frozen exclusions."""
    task = client.create_task(REQUEST)
    clock.advance(timedelta(seconds=31))
    resumed = client.resume_task(task.id, 30)
    assert (resumed.status, resumed.desired_num_results) == ("in_progress", 150)
    assert resumed.exclude_domains == ("acme.com",)


def test_resuming_an_exhausted_task_is_refused_by_name(
    client: ExtructClient, simulator: ExtructSimulator, clock: VirtualClock
) -> None:
    """An empty pool is told from a task that is merely still running."""
    running = client.create_task(REQUEST)
    with pytest.raises(Permanent) as caught:
        client.resume_task(running.id, 30)
    assert caught.value.code == "resume_refused"
    rare = TaskRequest(query="satellite dealers in Denmark", desired_num_results=250)
    task = client.create_task(rare)
    clock.advance(timedelta(seconds=31))
    assert client.get_task(task.id).is_exhausted
    with pytest.raises(Permanent) as caught:
        client.resume_task(task.id, 30)
    assert caught.value.code == "task_exhausted"
    assert simulator.state()["tasks"][0]["desired_num_results"] == 250


def test_the_account_tells_what_is_left(client: ExtructClient, clock: VirtualClock) -> None:
    """Credits go down by one for each returned row."""
    assert client.account().available_credits == 10_000
    client.create_task(REQUEST)
    clock.advance(timedelta(seconds=31))
    assert client.account().available_credits == 9_880


def test_health_needs_no_token(connect: MakeClient, simulator: ExtructSimulator) -> None:
    """The health check says nothing about the token."""
    connect(simulator, token="wrong").healthcheck()


def test_every_task_is_listed_once(client: ExtructClient) -> None:
    """Forty-five tasks in pages of twenty are forty-five tasks."""
    created = {client.create_task(REQUEST).id for _ in range(45)}
    listed = [task.id for task in client.list_tasks()]
    assert len(listed) == 45
    assert set(listed) == created


def test_a_task_created_while_listing_shifts_nothing_away(
    client: ExtructClient, simulator: ExtructSimulator
) -> None:
    """A newer task pushes the others back a place: no older one is missed or seen twice."""
    created = {client.create_task(REQUEST).id for _ in range(45)}
    listed: list[str] = []
    for task in client.list_tasks():
        if not listed:
            simulator.workspace.create(simulator.workspace.task(task.id).request)
        listed.append(task.id)
    assert sorted(listed) == sorted(created)


@pytest.mark.parametrize("clamp", [7, 100])
def test_pages_of_another_size_are_followed(
    client: ExtructClient, simulator: ExtructSimulator, clamp: int
) -> None:
    """A server that gives fewer entries than asked for is read to its end."""
    simulator.settings.list_limit = clamp
    for _ in range(45):
        client.create_task(REQUEST)
    assert len(list(client.list_tasks())) == 45


def test_a_list_without_offsets_ends(client: ExtructClient, simulator: ExtructSimulator) -> None:
    """A server that ignores ``offset`` and sends a page that is not full has sent everything."""
    simulator.settings.honours_offset = False
    for _ in range(12):
        client.create_task(REQUEST)
    assert len(list(client.list_tasks())) == 12


def test_a_full_page_over_and_over_is_a_fault(
    client: ExtructClient, simulator: ExtructSimulator, exchanges: list[Exchange]
) -> None:
    """A list that repeats full pages must not pass for complete, and must not be read for ever."""
    simulator.settings.honours_offset = False
    for _ in range(25):
        client.create_task(REQUEST)
    exchanges.clear()
    with pytest.raises(Permanent):
        list(client.list_tasks())
    assert len(exchanges) < 6


def test_entries_that_are_no_task_are_left_out(connect: MakeClient, scripted: Script) -> None:
    """One entry that makes no sense does not hide the task that is looked for."""
    pages = [[None, {"id": "t-1", "status": "done"}, {"status": "done"}], []]
    client = connect(scripted(lambda _request: httpx.Response(200, json=pages.pop(0))))
    assert [task.id for task in client.list_tasks()] == ["t-1"]
