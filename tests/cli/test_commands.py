import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import orjson
import pytest

from daemon.sandbox.launch import Sandbox
from tests.cli.conftest import Command, our_keys


def test_check_reads_everything_and_needs_no_store(command: Command, tmp_path: Path) -> None:
    """``check`` says that all is in order with 0, and creates nothing."""
    answer = command("check")
    assert answer.code == 0
    assert "2 searches are in order" in answer.out
    assert not list(tmp_path.glob("store.db*"))


def test_check_names_missing_tokens_with_2(alone: Command) -> None:
    """Without tokens ``check`` ends with 2 and names the variables, on stderr."""
    answer = alone("check")
    assert answer.code == 2
    assert "EXTRUCT_API_TOKEN" in answer.err
    assert "HUBSPOT_TOKEN" in answer.err


def test_check_online_asks_the_vendors_and_changes_nothing(
    done: Command, sandbox: Sandbox, tmp_path: Path
) -> None:
    """With everything in place it ends with 0, tells credits and guarantee, and writes nothing."""
    before = (tmp_path / "store.db").read_bytes(), list(sandbox.simulators.hubspot.companies())
    answer = done("check", "--online")
    assert answer.code == 0, answer.err
    assert "credits" in answer.out
    assert "killed mid-write" in answer.out
    after = (tmp_path / "store.db").read_bytes(), list(sandbox.simulators.hubspot.companies())
    assert after == before


def test_check_online_tells_a_refused_token(done: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused token is a problem: said on stderr, and the code is 1."""
    monkeypatch.setenv("EXTRUCT_API_TOKEN", "not-the-token")
    answer = done("check", "--online")
    assert answer.code == 1
    assert "extruct" in answer.err
    assert "not-the-token" not in answer.err + answer.out


def test_searches_pause_resume_and_run(done: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """They change what the listing shows, and need no token."""
    monkeypatch.delenv("HUBSPOT_TOKEN")
    monkeypatch.delenv("EXTRUCT_API_TOKEN")

    def state() -> str:
        rows = done("searches", "--json").json()
        return str(next(row["state"] for row in rows if row["name"] == "robots"))

    assert done("searches", "pause", "robots").code == 0
    assert done("searches", "pause", "robots").code == 0
    assert state() == "paused"
    assert done("searches", "resume", "robots").code == 0
    assert state() == "active"
    assert "due now" in done("searches", "run", "robots").out
    assert "at work already" in done("searches", "run", "robots").out


@pytest.mark.parametrize("verb", ["pause", "resume", "run"])
def test_an_unknown_search_is_a_failure(done: Command, verb: str) -> None:
    """A name that no search has gives 1 and one sentence."""
    answer = done("searches", verb, "nope")
    assert answer.code == 1
    assert answer.err == "No search is called nope. `prospectd searches` lists them all.\n"


def test_a_task_from_elsewhere_is_adopted_once(done: Command, sandbox: Sandbox) -> None:
    """``tasks adopt`` brings it in for the named search; twice, or an unknown one, is refused."""
    known = {task["extruct_id"] for task in done("tasks", "--json").json()}
    assert done("tasks", "adopt", "nowhere", "--search", "freight").code == 1
    assert done("tasks", "adopt", next(iter(known))).code == 1
    made = _task_made_elsewhere(sandbox)
    assert done("tasks", "adopt", made, "--search", "freight").code == 0
    adopted = {task["extruct_id"]: task for task in done("tasks", "--json").json()}[made]
    assert (adopted["search"], adopted["adopted"]) == ("freight", True)
    assert done("run", "--once").code == 0
    states = {task["extruct_id"]: task["state"] for task in done("tasks", "--json").json()}
    assert states[made] == "done"


def _task_made_elsewhere(sandbox: Sandbox) -> str:
    told = sandbox.describe()["extruct"]
    reply = httpx.post(
        f"{told['url']}/v1/discovery_tasks",
        json={"query": "makers of industrial sensors", "desired_num_results": 5},
        headers={"authorization": f"Bearer {told['token']}"},
    )
    reply.raise_for_status()
    return str(reply.json()["id"])


def test_held_pushes_are_approved_and_declined(done: Command, sandbox: Sandbox) -> None:
    """What a person approves reaches the CRM with the next pass; what is declined never does."""
    held = done("pushes", "--json", "--state", "held").json()
    yes, no = held[0], held[1]
    assert done("pushes", "approve", str(yes["id"])).out == "1 approved.\n"
    assert done("pushes", "decline", str(no["id"])).out == "1 declined.\n"
    assert done("run", "--once").code == 0
    keys = our_keys(sandbox)
    assert yes["key"] in keys
    assert no["key"] not in keys


def test_an_unknown_push_changes_none(done: Command) -> None:
    """One wrong number among several refuses them all, with 1."""
    held = done("pushes", "--json", "--state", "held").json()
    answer = done("pushes", "approve", str(held[0]["id"]), "999999")
    assert answer.code == 1
    assert "999999" in answer.err
    assert done("pushes", "--json", "--state", "held").json() == held


def test_crm_sync_reads_what_is_new(done: Command, sandbox: Sandbox) -> None:
    """A record that a person adds is in the mirror after ``crm sync``."""
    assert done("crm", "sync", "--full").code == 0
    before = done("crm", "status", "--json").json()[0]["records"]
    sandbox.simulators.hubspot.create(name="Typed in", domain="typed-in.com")
    assert done("crm", "sync", "--full").code == 0
    assert done("crm", "status", "--json").json()[0]["records"] == before + 1


def test_crm_sync_says_why_it_could_not(done: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CRM that refuses the token gives 1 and a sentence; so does the pause that follows."""
    monkeypatch.setenv("HUBSPOT_TOKEN", "not-the-token")
    answer = done("crm", "sync")
    assert answer.code == 1
    assert "crm" in answer.err
    answer = done("crm", "sync")
    assert answer.code == 1
    assert "left alone until" in answer.err


def test_crm_accept_needs_something_held(done: Command) -> None:
    """Where nothing is held there is nothing to accept, and that is said."""
    answer = done("crm", "accept", "crm")
    assert answer.code == 1
    assert "Nothing holds" in answer.err


def test_a_held_mirror_is_released_by_a_person(done: Command, tmp_path: Path) -> None:
    """What holds a mirror is listed; after ``crm accept`` the next sweep is believed."""
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        connection.execute("UPDATE mirrors SET held = 'half of the records are missing'")
    assert done("crm", "status", "--json").json()[0]["held"] == "half of the records are missing"
    assert done("crm", "accept", "crm").code == 0
    assert done("crm", "sync", "--full").code == 0
    assert done("crm", "status", "--json").json()[0]["held"] == ""
    events = [row["event"] for row in done("audit", "--json", "--event", "mirror.*").json()]
    assert "mirror.accepted" in events


def test_audit_filters(done: Command) -> None:
    """Events are chosen by kind, subject and number, in their order."""
    kinds = {row["event"] for row in done("audit", "--json", "--event", "task.*").json()}
    assert {"task.created", "task.planned"} <= kinds
    assert all(kind.startswith("task.") for kind in kinds)
    later = done("audit", "--json", "--after", "3", "--limit", "2").json()
    assert [row["seq"] for row in later] == [4, 5]
    assert done("audit", "--json", "--subject", "nobody").json() == []


def test_status_fits_on_a_screen(done: Command) -> None:
    """``status`` says in a few lines what moves, what waits and what is held."""
    answer = done("status")
    assert answer.code == 0
    assert len(answer.out.splitlines()) < 15
    assert "held pushes: 20 review" in answer.out


def test_db_upgrade_twice_is_fine(alone: Command) -> None:
    """The first makes the tables, the second says that they are there."""
    assert "went from schema none" in alone("db", "upgrade").out
    assert "already" in alone("db", "upgrade").out
    assert alone("searches").out == "No search was loaded yet.\n"


def test_connectors_need_no_configuration(alone: Command, tmp_path: Path) -> None:
    """They are listed with version and guarantee, whatever the configuration."""
    alone.config = tmp_path / "nowhere.toml"
    listed = {one["name"]: one for one in alone("connectors", "--json").json()["connectors"]}
    assert {"hubspot", "csv", "webhook", "memory"} <= set(listed)
    assert all(one["version"] and all(one["guarantee"].values()) for one in listed.values())
    assert "hubspot" in alone("connectors").out


def test_connectors_new_writes_a_package_once(alone: Command, tmp_path: Path) -> None:
    """The package of a new connector is written, and never over another."""
    answer = alone("connectors", "new", "acme", "--folder", str(tmp_path / "made"))
    assert answer.code == 0
    assert all(Path(line).is_file() for line in answer.out.splitlines())
    assert alone("connectors", "new", "acme", "--folder", str(tmp_path / "made")).code == 2


def test_demo_sums_up_as_json(alone: Command) -> None:
    """A small demo ends with 0, nothing doubled, and one JSON document on stdout."""
    answer = alone("demo", "--json", "--crm", "200")
    assert answer.code == 0, answer.err
    told = answer.json()
    assert told["pushed"] > 0
    assert told["held_twice_by_us"] == 0


def test_the_sandbox_says_where_it_is_and_ends_at_sigterm() -> None:
    """It prints one JSON line when it is ready, and ends with 0 when it is told to."""
    command = [sys.executable, "-m", "daemon", "sandbox", "--companies", "20", "--crm", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = orjson.loads(process.stdout.readline())
        assert told["hubspot"]["url"].startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_a_taken_port_is_a_sentence(sandbox: Sandbox, alone: Command) -> None:
    """A port that another program has gives 1 and words."""
    port = sandbox.urls["extruct"].rpartition(":")[2]
    answer = alone("sandbox", "--extruct-port", port, "--companies", "20", "--crm", "5")
    assert answer.code == 1
    assert "in use" in answer.err


def test_a_reader_that_leaves_early_is_no_error(done: Command) -> None:
    """``prospectd audit | head -1`` complains of nothing."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "daemon", "-c", str(done.config), "audit", "--json"]
    with open(write, "wb", closefd=True) as stream:  # noqa: PTH123 - a pipe
        ended = subprocess.run(command, stdout=stream, stderr=subprocess.PIPE, check=False)
    assert ended.stderr == b""
    assert ended.returncode == 1
