"""``audit verify``, ``explain`` and ``crm duplicates``: what a person asks when in doubt."""

import csv
import io
import sqlite3
from pathlib import Path
from typing import Any

from daemon.sandbox.launch import Sandbox
from tests.cli.conftest import Command


def a_pushed_company(done: Command) -> dict[str, Any]:
    """A company that was created."""
    pushed: list[dict[str, Any]] = done("pushes", "--state", "created", "--json").json()
    return pushed[0]


def a_twin(done: Command, sandbox: Sandbox, *, name: str) -> tuple[str, str]:
    """A person's record with the domain of one of ours, seen by the mirror; both ids."""
    push = a_pushed_company(done)
    theirs = sandbox.simulators.hubspot.create(name=name, domain=push["key"])
    assert done("crm", "sync", "--full").code == 0
    return push["record_id"], theirs


def put_up_for_review(tmp_path: Path, ours: str, theirs: str) -> None:
    """A pair as reconciliation leaves it, without waiting for the settling time."""
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute(
            "INSERT INTO duplicates (connector, domain, push_id, record_id, other_id, survivor_id, "
            "state, rule, found_at) SELECT 'crm', companies.key, pushes.id, ?, ?, ?, 'open', "
            "'named_differently', '2026-03-02 06:00:00' FROM pushes "
            "JOIN companies ON companies.id = pushes.company_id WHERE record_id = ?",
            (ours, theirs, theirs, ours),
        )
    connection.close()


def test_verify_is_content_with_what_was_written(done: Command) -> None:
    """An untouched log is whole: exit code 0, with the hash to note elsewhere."""
    answer = done("audit", "verify")
    assert answer.code == 0
    assert "is whole" in answer.out
    told = done("audit", "verify", "--json").json()
    assert told["whole"] is True
    assert told["hash"] in answer.out


def test_verify_names_the_first_broken_row_with_1(done: Command, tmp_path: Path) -> None:
    """After an edit past the program: exit code 1, the row, and what it means."""
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE audit SET subject = 'forged' WHERE seq = 3")
    connection.close()
    answer = done("audit", "verify")
    assert answer.code == 1
    assert "row 3" in answer.out
    told = done("audit", "verify", "--json")
    assert told.code == 1
    assert told.json()["broken"]["kind"] == "edited"


def test_explain_tells_the_story_of_a_company(done: Command) -> None:
    """In words and as JSON, for the website in any spelling."""
    push = a_pushed_company(done)
    spelled = f"https://WWW.{push['key'].upper()}/about"
    told = done("explain", spelled, "--json").json()
    assert told["known"] is True
    assert told["key"] == push["key"]
    assert [one["record_id"] for one in told["pushed"]] == [push["record_id"]]
    created = next(row for row in told["history"] if row["event"] == "push.created")
    assert created["requests"]
    words = done("explain", spelled)
    assert words.code == 0
    for expected in (push["key"], push["record_id"], "found by", "push.created", "POST"):
        assert expected in words.out


def test_explain_of_a_stranger_ends_with_1(done: Command) -> None:
    """Nothing known is said so, and a program can tell by the exit code."""
    answer = done("explain", "never-heard-of.com")
    assert answer.code == 1
    assert "nothing is known" in answer.out


def test_duplicates_are_listed_as_table_json_and_csv(
    done: Command, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The same rows in three forms; a name that a spreadsheet would run is defused."""
    ours, theirs = a_twin(done, sandbox, name="=cmd()")
    put_up_for_review(tmp_path, ours, theirs)
    rows = [row for row in done("crm", "duplicates", "--json").json() if row["pair"]]
    assert {row["record_id"]: row["ours"] for row in rows} == {ours: True, theirs: False}
    assert {row["survivor_id"] for row in rows} == {theirs}
    table = list(csv.DictReader(io.StringIO(done("crm", "duplicates", "--csv").out)))
    assert {row["record_id"] for row in table} >= {ours, theirs}
    assert [row["name"] for row in table if row["record_id"] == theirs] == ["'=cmd()"]
    assert theirs in done("crm", "duplicates").out


def test_a_pair_is_merged_by_hand(done: Command, sandbox: Sandbox, tmp_path: Path) -> None:
    """``crm merge --keep`` leaves the record that the person named, once."""
    ours, theirs = a_twin(done, sandbox, name="Another")
    put_up_for_review(tmp_path, ours, theirs)
    assert done("crm", "merge", "1", "--keep", "no-such-record").code == 1
    assert done("crm", "merge", "1", "--keep", ours).code == 0
    live = {one["id"] for one in sandbox.simulators.hubspot.companies()}
    assert ours in live
    assert theirs not in live
    again = done("crm", "merge", "1")
    assert again.code == 1
    assert "merged" in again.err


def test_a_pair_is_dismissed_by_hand(done: Command, sandbox: Sandbox, tmp_path: Path) -> None:
    """``crm dismiss`` changes nothing in the CRM and ends the review."""
    put_up_for_review(tmp_path, *a_twin(done, sandbox, name="Another"))
    before = list(sandbox.simulators.hubspot.companies())
    assert done("crm", "dismiss", "1").code == 0
    assert list(sandbox.simulators.hubspot.companies()) == before
    assert done("crm", "dismiss", "1").code == 1
    assert done("crm", "dismiss", "99").code == 1
