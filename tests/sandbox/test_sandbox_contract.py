from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import httpx
import pytest

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.openapi import OpenApiValidator
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.simulator import SimulatorTransport
from daemon.domain.searches import Criterion, TableTarget
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskRequest
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.workspace import ExtructSettings
from tests.sandbox.calls import (
    BASE_URL,
    QUERY,
    REFERENCE,
    TASKS,
    Calls,
    loosened,
    vendor_documents,
)

pytestmark = pytest.mark.skipif(
    not REFERENCE.exists(), reason="the vendor's pages are not beside this checkout"
)
DECLARED = {200, 422}
ELSEWHERE = ("/v1/user", "/v1/healthcheck")
CRITERIA = [{"key": "k", "name": "SaaS", "criterion": "sells software as a service"}]


def problems_of(
    exchanges: Sequence[tuple[httpx.Request, httpx.Response]], documents: list[dict[str, Any]]
) -> list[str]:
    judge = OpenApiValidator(documents, base_url=BASE_URL, elsewhere=ELSEWHERE)
    return [
        problem
        for request, response in exchanges
        if response.status_code in DECLARED
        for problem in judge.response_problems(request, response)
    ]


def live(calls: Calls) -> None:
    """A task from its creation to its end and beyond, seen at many moments."""
    task_id = calls.created(
        desired_num_results=60,
        criteria=CRITERIA,
        exclude_domains=["acme.com"],
        data_sources=["maps"],
        auto_data_sources=False,
        table={"id": "6f2cc502-af71-408b-86a7-1847071ffad3"},
    )["id"]
    for _ in range(24):
        calls.wait(1.5)
        calls.get(task_id)
        calls.rows(task_id)
    calls.resume(task_id, 5)
    calls.create(exclude_task_ids=[task_id])
    calls.create(desired_num_results=251)
    calls.create(exclude_domains=["no domain"])
    calls.send("POST", TASKS, json={"query": 3})
    calls.send("POST", TASKS, content=b"{")
    calls.send("GET", TASKS, params={"offset": 0, "limit": 20})
    calls.send("GET", TASKS, params={"offset": -1})


def test_every_answer_holds_to_the_vendors_schema(calls: Calls, settings: ExtructSettings) -> None:
    """Each reply, at each moment of a task's life, is what the vendor's OpenAPI describes."""
    settings.quirks = False
    live(calls)
    assert problems_of(calls.made, vendor_documents()) == []
    assert {response.status_code for _, response in calls.made} == {200, 400, 422}


def test_quirks_leave_the_schema_only_where_the_vendor_does(calls: Calls) -> None:
    """With quirks nothing but the two enums that are known to be wider is beside the schema."""
    live(calls)
    assert problems_of(calls.made, vendor_documents()) != []
    assert problems_of(calls.made, loosened(vendor_documents())) == []


def test_the_judge_can_tell(calls: Calls) -> None:
    """A reply without a required field is noticed, so that silence means something."""
    calls.created()
    request, response = calls.made[0]
    broken = {name: value for name, value in response.json().items() if name != "status"}
    reply = httpx.Response(200, json=broken)
    assert problems_of([(request, reply)], vendor_documents()) != []


def test_the_client_sends_what_the_vendor_describes(
    simulator: ExtructSimulator, clock: VirtualClock
) -> None:
    """Every request of our client is one that the vendor's OpenAPI allows."""
    judge = OpenApiValidator(vendor_documents(), base_url=BASE_URL, elsewhere=ELSEWHERE)
    found: list[str] = []

    def check(request: httpx.Request) -> None:
        request.read()
        found.extend(judge.request_problems(request))

    client = ExtructClient(
        base_url=BASE_URL,
        token=simulator.settings.token,
        context=ConnectorContext(
            name="extruct",
            transport=SimulatorTransport({"extruct.test": simulator}, before=check),
            clock=clock,
            random=Random(0),
        ),
    )
    done = client.create_task(TaskRequest(query=QUERY))
    clock.sleep(31)
    request = TaskRequest(
        query=QUERY,
        desired_num_results=3,
        table=TableTarget(id=done.id, columns=(done.id,)),
        data_sources=("linkedin",),
        criteria=(Criterion(key="k", name="n", criterion="is a company", min_grade=2),),
        exclude_domains=("acme.com",),
        exclude_task_ids=(done.id,),
    )
    task = client.create_task(request)
    client.get_task(task.id)
    client.results_page(task.id, 0)
    client.resume_task(done.id, 1)
    list(client.list_tasks())
    client.account()
    client.healthcheck()
    assert found == []
    assert simulator.workspace.task(task.id).request["criteria"][0]["key"] == "k"
    assert replace(request).to_json()["exclude_task_ids"] == [done.id]
