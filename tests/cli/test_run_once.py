import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.sandbox.launch import Sandbox
from tests.cli.conftest import Command, our_keys


def dump(folder: Path) -> list[str]:
    """Everything that the store holds."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return list(connection.iterdump())


def vendors(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that both vendors hold."""
    simulators = sandbox.simulators
    return {
        "extruct": simulators.extruct.state(),
        "companies": list(simulators.hubspot.companies()),
    }


def test_one_pass_does_the_whole_job(command: Command, sandbox: Sandbox) -> None:
    """``run --once --now`` ends with 0, every task done, and what it has pushed in the CRM once."""
    answer = command("run", "--once", "--now", "--json")
    assert answer.code == 0
    assert answer.json()["started"] == ["freight", "robots"]
    assert {task["state"] for task in command("tasks", "--json").json()} == {"done"}
    created = [push["key"] for push in command("pushes", "--json", "--state", "created").json()]
    assert created
    assert our_keys(sandbox) == sorted(created)


def test_a_second_pass_finds_nothing_due(done: Command) -> None:
    """Searches that run once are not started again by a pass without ``--now``."""
    answer = done("run", "--once")
    assert answer.code == 0
    assert "Started: nothing was due; nothing is left." in answer.out


def test_one_named_search_runs_alone(command: Command) -> None:
    """With a name, ``--now`` starts that search and no other."""
    assert command("run", "--once", "--now", "--json", "robots").json()["started"] == ["robots"]
    assert {task["search"] for task in command("tasks", "--json").json()} == {"robots"}


def test_progress_is_told_in_plain_lines(command: Command) -> None:
    """Where stderr is no terminal, what is going on stands there in plain lines."""
    assert "tasks running: 0" in command("run", "--once", "--now").err.splitlines()


def test_a_dry_run_on_nothing_leaves_nothing(command: Command, tmp_path: Path) -> None:
    """Without a store, a dry run makes none, and tells what would be started with its reasons."""
    answer = command("run", "--once", "--now", "--dry-run", "--json")
    assert answer.code == 0
    told = {start["search"]: start for start in answer.json()["starts"]}
    assert set(told) == {"freight", "robots"}
    assert told["freight"]["exclusions"] == sum(told["freight"]["reasons"].values()) > 100
    assert not list(tmp_path.glob("store.db*"))


def test_a_dry_run_changes_nothing_anywhere(
    done: Command, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Neither the store nor a vendor is any different after it; held pushes are told with why."""
    before = dump(tmp_path), vendors(sandbox)
    answer = done("run", "--once", "--now", "--dry-run", "--json")
    assert answer.code == 0
    assert (dump(tmp_path), vendors(sandbox)) == before
    pushes = answer.json()["pushes"]
    assert pushes
    assert {(push["would_push"], push["reason"]) for push in pushes} == {(False, "held for review")}


def test_a_dry_run_tells_what_would_be_pushed(done: Command, sandbox: Sandbox) -> None:
    """What waits is looked up for real: new ones would be pushed, known ones would not."""
    held = done("pushes", "--json", "--state", "held").json()
    first, second = held[0], held[1]
    assert done("pushes", "approve", str(first["id"]), str(second["id"])).code == 0
    sandbox.simulators.hubspot.create(name=second["name"], domain=second["key"])
    answer = done("run", "--once", "--dry-run", "--json")
    told = {push["company"]: push for push in answer.json()["pushes"]}
    assert told[first["key"]]["would_push"] is True
    assert told[second["key"]]["would_push"] is False
    assert "holds it already" in told[second["key"]]["reason"]
    text = done("run", "--once", "--dry-run").out
    assert f"would push {first['key']} to crm: new, and a look-up finds nothing" in text


def test_a_refused_token_ends_the_pass_with_words(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that the CRM refuses is said once, and the pass ends with 1 in place of waiting."""
    monkeypatch.setenv("HUBSPOT_TOKEN", "not-the-token")
    answer = command("run", "--once", "--now", "--json")
    assert answer.code == 1
    said = [line for line in answer.err.splitlines() if not line.startswith(("{", "tasks", "push"))]
    assert len([line for line in said if "crm is left alone" in line]) == 1
    assert "not-the-token" not in answer.out + answer.err
    assert answer.json()["problems"]
