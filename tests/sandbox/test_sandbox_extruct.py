from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.conformance.clock import VirtualClock
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.vendor_domains import registered_domain
from daemon.sandbox.workspace import ExtructSettings
from daemon.sandbox.worlds import World, make_world
from tests.sandbox.calls import BASE_URL, TASKS, Calls

END = 31


def domains_of(rows: list[dict[str, Any]]) -> set[str]:
    found = {registered_domain(row["company_website"]) for row in rows}
    return {domain for domain in found if domain is not None}


def over_time(calls: Calls, task_id: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    for _ in range(62):
        calls.wait(0.5)
        yield calls.get(task_id), calls.rows(task_id)


def test_a_task_goes_its_way(calls: Calls) -> None:
    """Created, in progress, done; the counters only grow, and each stage follows the one before."""
    task = calls.created(desired_num_results=40)
    assert (task["status"], task["num_results_discovered"]) == ("created", 0)
    statuses, last = ["created"], (0, 0, 0, 0)
    for seen, rows in over_time(calls, task["id"]):
        if seen["status"] != statuses[-1]:
            statuses.append(seen["status"])
        counters = tuple(
            seen[f"num_results{stage}"] for stage in ("_discovered", "_enriched", "_evaluated", "")
        )
        assert all(now >= before for now, before in zip(counters, last, strict=True))
        assert counters[0] >= counters[1] >= counters[2]
        assert counters[3] == len(rows)
        last = counters
    assert statuses == ["created", "in_progress", "done"]
    assert last[3] == 40 < last[2] == last[0]


def test_rows_appear_unscored_and_move(calls: Calls) -> None:
    """A row is seen without a score first, is scored later, and may be scored again."""
    task = calls.created(desired_num_results=40)
    history: dict[str, list[Any]] = {}
    for seen, rows in over_time(calls, task["id"]):
        relevances = [row["relevance"] for row in rows]
        scored = [each for each in relevances if each is not None]
        assert scored == sorted(scored, reverse=True) == relevances[: len(scored)]
        for row in rows:
            assert (row["relevance"] is None) == (row["scores"] is None)
            known = history.setdefault(row["id"], [])
            if not known or known[-1] != row["relevance"]:
                known.append(row["relevance"])
        if seen["status"] == "done":
            assert None not in relevances
    assert all(len(known) > 1 and known[0] is None for known in history.values())
    assert any(len(known) == 3 for known in history.values())


def test_exhaustion_shows_long_before_the_end(calls: Calls) -> None:
    """An empty pool is announced while evaluation still goes on, and gives fewer than wanted."""
    task = calls.created("satellite dealers in Denmark", desired_num_results=250)
    states = [(seen["status"], seen["is_exhausted"]) for seen, _ in over_time(calls, task["id"])]
    assert states.count(("in_progress", True)) > 5
    assert calls.get(task["id"])["num_results"] < 250


def test_a_failed_task_keeps_what_it_showed(calls: Calls, settings: ExtructSettings) -> None:
    """A task that is told to fail does so midway, without a reason, and the next one does not."""
    settings.failing = 1
    failing = calls.created(desired_num_results=40)["id"]
    sound = calls.created(desired_num_results=40)["id"]
    calls.wait(END)
    failed = calls.get(failing)
    assert failed["status"] == "failed"
    assert 0 < len(calls.rows(failing)) == failed["num_results"] < 40
    assert calls.get(sound)["status"] == "done"


@pytest.mark.parametrize(
    "entry", ["", "   ", "no domain", "10.0.0.1", "localhost", "http://[x", "co.uk"]
)
def test_one_bad_exclusion_refuses_the_whole_request(calls: Calls, entry: str) -> None:
    """An entry that is no domain is a 422 that names its place, and no task is made."""
    response = calls.create(exclude_domains=["acme.com", entry])
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "exclude_domains", 1]
    assert calls.send("GET", TASKS).json() == []


def test_exclusions_are_reduced_sorted_and_shown(calls: Calls) -> None:
    """The response holds the registered domains that are really used, each once."""
    task = calls.created(
        exclude_domains=[
            "https://www.Zeta.com/about",
            "zeta.com",
            "shop.acme.co.uk:443",
            "linkedin.com/company/x",
            "x.github.io",
            "müller.de.",
        ]
    )
    assert task["exclude_domains"] == [
        "acme.co.uk",
        "github.io",
        "linkedin.com",
        "xn--mller-kva.de",
        "zeta.com",
    ]


def test_excluded_companies_do_not_come_back(calls: Calls) -> None:
    """A second task that excludes the first one's domains returns none of them."""
    first = calls.created(desired_num_results=40)["id"]
    calls.wait(END)
    known = domains_of(calls.rows(first))
    second = calls.created(desired_num_results=40, exclude_domains=sorted(known))["id"]
    third = calls.created(desired_num_results=40, exclude_task_ids=[first])
    assert set(third["exclude_domains"]) == known
    calls.wait(END)
    for task_id in (second, third["id"]):
        assert len(calls.rows(task_id)) == 40
        assert not domains_of(calls.rows(task_id)) & known


def test_a_shared_host_excludes_everybody_on_it(calls: Calls) -> None:
    """Excluding linkedin.com drops every company that is only known by a page there."""
    found = calls.created("robot automation machining", desired_num_results=250)["id"]
    kept = calls.created(
        "robot automation machining", desired_num_results=250, exclude_domains=["linkedin.com"]
    )["id"]
    calls.wait(END)
    assert "linkedin.com" in domains_of(calls.rows(found))
    assert "linkedin.com" not in domains_of(calls.rows(kept))


def test_the_cap_counts_unique_domains(calls: Calls) -> None:
    """A thousand are fine in any spelling, one more is refused, and nothing is cut off."""
    entries = [f"company{number}.com" for number in range(1000)]
    spelled = [f"https://www.{entry}/" for entry in entries]
    assert len(calls.created(exclude_domains=entries + spelled)["exclude_domains"]) == 1000
    assert calls.create(exclude_domains=[*entries, "other.com"]).status_code == 422


def test_only_visible_results_of_excluded_tasks_count(calls: Calls) -> None:
    """What an earlier task looked at and rejected may be found again."""
    first = calls.created(desired_num_results=40)
    calls.wait(END)
    evaluated = calls.get(first["id"])["num_results_evaluated"]
    resolved = calls.created(exclude_task_ids=[first["id"]])["exclude_domains"]
    assert len(resolved) <= 40 < evaluated


def test_excluded_tasks_must_be_done_owned_and_there(
    calls: Calls, simulator: ExtructSimulator
) -> None:
    """400 for a running task, 403 for a foreign one, 404 for an unknown one."""
    running = calls.created()["id"]
    foreign = simulator.workspace.add_foreign_task()
    unknown = "00000000-0000-4000-8000-000000000000"
    statuses = [
        calls.create(exclude_task_ids=[task_id]).status_code
        for task_id in (running, foreign, unknown)
    ]
    assert statuses == [400, 403, 404]
    assert calls.send("GET", f"{TASKS}/{foreign}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"desired_num_results": 0},
        {"desired_num_results": 251},
        {"unknown_field": 1},
        {"data_sources": ["extruct_db"]},
        {"exclude_task_ids": ["no-uuid"]},
        {"exclude_task_ids": ["00000000-0000-4000-8000-000000000000"] * 101},
        {"criteria": [{"key": "1k", "name": "n", "criterion": "long enough"}]},
        {"criteria": [{"key": "k", "name": "n", "criterion": "short"}]},
        {"criteria": [{"key": "k", "name": "n" * 101, "criterion": "long enough"}]},
        {"table": {"id": "no-uuid"}},
    ],
)
def test_the_contracts_limits_are_kept(calls: Calls, body: dict[str, Any]) -> None:
    """What the contract forbids is a 422 with a list of problems."""
    response = calls.create(**body)
    assert response.status_code == 422
    assert {"loc", "msg", "type"} == set(response.json()["detail"][0])


def test_pages_are_clamped(calls: Calls) -> None:
    """A larger limit than the server's gives the server's; beyond the end there is nothing."""
    task_id = calls.created(desired_num_results=120)["id"]
    calls.wait(END)
    assert len(calls.page(task_id, offset=0, limit=500)["results"]) == 50
    assert len(calls.page(task_id, offset=110, limit=30)["results"]) == 10
    assert calls.page(task_id, offset=120, limit=30)["results"] == []


def test_credits_go_down_by_each_returned_row(calls: Calls, settings: ExtructSettings) -> None:
    """Rejected candidates cost nothing; without credits no task is created."""
    settings.credits = 60
    calls.created(desired_num_results=40)
    calls.wait(END)
    assert calls.send("GET", "/v1/user").json()["available_credits"] == 20
    short = calls.created(desired_num_results=40)["id"]
    calls.wait(END)
    assert calls.get(short)["status"] == "failed"
    refused = calls.create()
    assert refused.status_code == 402
    assert refused.json()["detail"]["error"] == "insufficient_credits"


@pytest.mark.parametrize("code", ["plan_required", "payment_failed", "insufficient_credits"])
def test_a_refusal_can_be_switched_on(calls: Calls, settings: ExtructSettings, code: str) -> None:
    """Each kind of 402 can be had, and nothing is created under it."""
    settings.refusal = code
    response = calls.create()
    assert (response.status_code, response.json()["detail"]["error"]) == (402, code)
    assert calls.send("GET", TASKS).json() == []


def test_resuming_finds_others(calls: Calls) -> None:
    """A resumed task keeps its rows and exclusions, and adds companies that it did not show."""
    task = calls.created(desired_num_results=20, exclude_domains=["acme.com"])
    assert calls.resume(task["id"], 5).status_code == 400
    calls.wait(END)
    before = {row["id"] for row in calls.rows(task["id"])}
    resumed = calls.resume(task["id"], 5).json()
    assert (resumed["status"], resumed["exclude_domains"]) == ("in_progress", ["acme.com"])
    calls.wait(END)
    rows = calls.rows(task["id"])
    assert before < {row["id"] for row in rows}
    assert len({row["company_name"] for row in rows}) == len(rows) == 25


@pytest.mark.parametrize("header", [None, "Bearer wrong", "sandbox-extruct-token"])
def test_a_wrong_token_opens_nothing(simulator: ExtructSimulator, header: str | None) -> None:
    """Missing, wrong and unprefixed tokens are a 401; only the health check needs none."""
    headers = {} if header is None else {"authorization": header}
    user = simulator.handle(httpx.Request("GET", f"{BASE_URL}/v1/user", headers=headers))
    health = simulator.handle(httpx.Request("GET", f"{BASE_URL}/v1/healthcheck"))
    assert (user.status_code, health.status_code) == (401, 200)


def test_other_paths_and_methods_do_not_exist(calls: Calls) -> None:
    """No cancel or delete call is documented, so there is none."""
    task_id = calls.created()["id"]
    assert calls.send("DELETE", f"{TASKS}/{task_id}").status_code == 405
    assert calls.send("GET", "/v1/tables").status_code == 404


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(1, 250)),
        st.tuples(st.just("resume"), st.integers(0, 50)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(actions=ACTIONS, seed=st.integers(0, 3))
def test_the_books_balance(actions: list[tuple[str, int]], seed: int) -> None:
    """Whatever happens, each visible and evaluated row was charged once, and no task shows more."""
    clock = VirtualClock()
    world: World = make_world(seed, 400)
    simulator = ExtructSimulator(world=world, clock=clock, random=Random(seed))
    calls = Calls(simulator, clock)
    task_ids: list[str] = []
    for action, number in actions:
        if action == "create":
            task_ids.append(calls.created("logistics", desired_num_results=number)["id"])
        elif action == "resume" and task_ids:
            calls.resume(task_ids[-1], number)
        elif action == "wait":
            calls.wait(number)
    state = simulator.state()
    scored = [
        sum(row["relevance"] is not None for row in task["results"]) for task in state["tasks"]
    ]
    assert [task["billed"] for task in state["tasks"]] == scored
    assert state["credits"] == 10_000 - sum(scored)
    assert all(len(task["results"]) <= task["desired_num_results"] for task in state["tasks"])
