from datetime import timedelta
from typing import Any

import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.faults import (
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.protocol import Exchange
from connectors.sdk.simulator import html_page
from daemon.extruct.client import ExtructClient
from daemon.extruct.faults import ExcludedTaskRefused
from daemon.extruct.payloads import TaskRequest
from daemon.extruct.refusals import InvalidRequest, find_refused_exclusions
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.workspace import Naming
from tests.extruct.stage import QUERY, REQUEST, TOKEN, Answer, MakeClient, Script, reply

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("plan_required", NeedsPerson),
        ("payment_failed", NeedsPerson),
        ("insufficient_credits", QuotaExhausted),
    ],
)
def test_each_402_says_what_to_do(
    client: ExtructClient, simulator: ExtructSimulator, code: str, kind: type[Fault]
) -> None:
    """A missing plan or payment needs a person; missing credits only wait."""
    simulator.settings.refusal = code
    with pytest.raises(kind) as caught:
        client.create_task(REQUEST)
    assert (caught.value.code, caught.value.status) == (code, 402)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (402, {"detail": "insufficient_credits"}, QuotaExhausted, "insufficient_credits"),
        (402, {"error": "plan_required"}, NeedsPerson, "plan_required"),
        (402, {"detail": {"error": "something_new"}}, NeedsPerson, "payment_required"),
        (
            429,
            {"detail": {"error": "insufficient_credits"}},
            QuotaExhausted,
            "insufficient_credits",
        ),
        (429, {"detail": "Too many"}, RateLimited, "rate_limited"),
        (401, {"detail": "Not authenticated"}, BadCredentials, "unauthorized"),
        (403, {"detail": "Forbidden"}, BadCredentials, "forbidden"),
        (418, {"detail": "teapot"}, Permanent, "refused"),
    ],
)
def test_a_refusal_is_read_in_every_shape(
    connect: MakeClient, scripted: Script, status: int, body: Any, kind: type[Fault], code: str
) -> None:
    """``detail`` may be an object, a text or missing; the meaning is the same."""
    client = connect(scripted(reply(status, body)))
    with pytest.raises(kind) as caught:
        client.create_task(REQUEST)
    assert caught.value.code == code


def test_a_429_is_no_reason_for_haste(
    connect: MakeClient, scripted: Script, clock: VirtualClock
) -> None:
    """Without Retry-After the vendor names no moment; with one, it is passed on."""
    with pytest.raises(RateLimited) as caught:
        connect(scripted(reply(429))).create_task(REQUEST)
    assert caught.value.until is None
    later = scripted(reply(429, {}, **{"retry-after": "120"}))
    with pytest.raises(RateLimited) as caught:
        connect(later).get_task("t-1")
    assert caught.value.until == clock.now() + timedelta(seconds=120)
    assert len(later.requests) == 1


@pytest.mark.parametrize("naming", [Naming.INDEX, Naming.QUOTED])
def test_the_bad_exclusion_can_be_found(
    client: ExtructClient, simulator: ExtructSimulator, naming: Naming
) -> None:
    """However the vendor names it, the one bad entry is known and nothing was created."""
    simulator.settings.naming = naming
    sent = ("acme.com", "not a domain", "beta.io")
    with pytest.raises(InvalidRequest) as caught:
        client.create_task(TaskRequest(query=QUERY, exclude_domains=sent))
    assert find_refused_exclusions(caught.value.problems, sent) == ("not a domain",)
    assert simulator.state()["tasks"] == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (TaskRequest(query=QUERY, desired_num_results=251), "desired_num_results"),
        (TaskRequest(query=QUERY, desired_num_results=0), "desired_num_results"),
        (TaskRequest(query=QUERY, data_sources=("phone",)), "data_sources.0"),
        (
            TaskRequest(query=QUERY, exclude_domains=tuple(f"a{n}.com" for n in range(1001))),
            "1001 unique domains",
        ),
    ],
)
def test_an_impossible_request_says_why(
    client: ExtructClient, request_: TaskRequest, words: str
) -> None:
    """The sentence of a 422 names the field, and blames no exclusion for the cap."""
    with pytest.raises(InvalidRequest) as caught:
        client.create_task(request_)
    assert words in caught.value.message
    assert find_refused_exclusions(caught.value.problems, request_.exclude_domains) == ()


def test_excluded_tasks_are_refused_by_name(
    client: ExtructClient, simulator: ExtructSimulator
) -> None:
    """A running, a foreign and an unknown excluded task are told apart, each by its id."""
    running = client.create_task(REQUEST).id
    foreign = simulator.workspace.add_foreign_task()
    for task_id, code in (
        (running, "excluded_task_not_done"),
        (foreign, "excluded_task_foreign"),
        (UNKNOWN_ID, "excluded_task_missing"),
    ):
        with pytest.raises(ExcludedTaskRefused) as caught:
            client.create_task(TaskRequest(query=QUERY, exclude_task_ids=(task_id,)))
        assert (caught.value.code, caught.value.task_ids) == (code, (task_id,))


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (reply(403, {"detail": "Not authenticated"}), BadCredentials, "forbidden"),
        (reply(404, {"detail": "Not Found"}), Permanent, "not_found"),
        (lambda _request: html_page(403), NotProcessed, "blocked"),
    ],
)
def test_a_bad_token_is_no_bad_task(
    connect: MakeClient, scripted: Script, answer: Answer, kind: type[Fault], code: str
) -> None:
    """A 403 or 404 that does not speak of a task is about the token or the address."""
    with pytest.raises(kind) as caught:
        connect(scripted(answer)).create_task(
            TaskRequest(query=QUERY, exclude_task_ids=(UNKNOWN_ID,))
        )
    assert caught.value.code == code
    assert not isinstance(caught.value, ExcludedTaskRefused)


def test_a_missing_task_is_told_from_a_wrong_address(
    connect: MakeClient, client: ExtructClient, scripted: Script
) -> None:
    """Only the vendor's own words say that a task is gone; a wrong address loses no paid task."""
    with pytest.raises(Permanent) as caught:
        client.get_task(UNKNOWN_ID)
    assert caught.value.code == "task_missing"
    for answer in (reply(404, {"detail": "Not Found"}), lambda _request: html_page(404)):
        with pytest.raises(Permanent) as caught:
            connect(scripted(answer)).get_task(UNKNOWN_ID)
        assert caught.value.code == "not_found"


def test_an_id_cannot_leave_its_place(connect: MakeClient, scripted: Script) -> None:
    """An id that holds a slash is sent as one part of the path."""
    server = scripted(reply(200, {"id": "x", "status": "done"}))
    connect(server).get_task("../user?x=1")
    assert server.requests[0].url.raw_path == b"/v1/discovery_tasks/..%2Fuser%3Fx%3D1"


def test_nul_characters_are_taken_out(connect: MakeClient, scripted: Script) -> None:
    """A text that PostgreSQL cannot store does not reach the store, in the raw row either."""
    row = {"id": "r-1", "company_name": "A\x00cme", "company_website": "a.com"}
    client = connect(scripted(reply(200, {"id": "t", "status": "done", "results": [row]})))
    found = client.results_page("t", 0).rows[0]
    assert (found.company.name, found.raw["company_name"]) == ("Acme", "Acme")


def test_the_token_shows_nowhere(
    connect: MakeClient, scripted: Script, exchanges: list[Exchange]
) -> None:
    """Even a vendor that repeats the token in its errors does not bring it into ours."""
    for status in (400, 401, 402, 403, 404, 422, 429, 500):
        server = scripted(reply(status, {"detail": f"bad token {TOKEN}"}))
        with pytest.raises(Fault) as caught:
            connect(server).create_task(REQUEST)
        assert TOKEN not in str(caught.value)
        assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in repr(getattr(caught.value, "problems", ()))
    assert TOKEN not in repr(exchanges)
    assert {exchange.path for exchange in exchanges} == {"/v1/discovery_tasks"}
