"""The real program, stopped and started in the middle of everything."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.support.databases import PostgresServer
from tests.support.processes import (
    SandboxProcess,
    daemon_process,
    prospectd,
    sandbox_process,
    wait_for_line,
)

CONFIG = """
[extruct]
poll_every = "200ms"
settling = "1s"
[http]
listen = ""
[daemon]
schedule_every = "200ms"
push_every = "200ms"
resolve_every = "500ms"
[retries]
first = "200ms"
longest = "2s"
[connectors.crm]
type = "hubspot"
token_env = "HUBSPOT_TOKEN"
[searches.freight]
query = "vertical SaaS companies serving freight forwarding"
desired_num_results = 60
schedule = "once"
push_to = ["crm"]
[searches.robots]
query = "warehouse automation with robots"
desired_num_results = 40
schedule = "once"
push_to = ["crm"]
"""
MOMENTS = ("mirror.sweep_started", "task.created", "result.stored", "push.claimed")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_empty_database()


def stop_at_each_moment(config: Path, env: dict[str, str], tmp_path: Path) -> None:
    """Start the daemon, and stop it by SIGTERM as soon as it says that it has got somewhere."""
    for moment in MOMENTS:
        log = tmp_path / f"{moment}.log"
        with daemon_process(config, env=env, log=log) as process:
            wait_for_line(log, f'"{moment}"')
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
            assert time.monotonic() - asked < 30
        assert "Traceback" not in log.read_text(encoding="utf-8")


def assert_once_each(
    sandbox: SandboxProcess, listed: Callable[[str], list[dict[str, str]]]
) -> None:
    """One paid task for each search, and one record for each company that was pushed."""
    assert len(sandbox.state("extruct")["tasks"]) == 2
    records = sandbox.state("hubspot")["companies"]
    keys = Counter(key for record in records if (key := record["properties"].get("prospectd_key")))
    created = {push["key"] for push in listed("pushes") if push["state"] == "created"}
    assert created
    assert keys == Counter(created)


def test_a_daemon_stopped_anywhere_goes_on_where_it_was(store_url: str, tmp_path: Path) -> None:
    """Stopped at each step and started again, it ends with one paid task and one record each."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with sandbox_process(companies=300, crm=500, task_seconds=3, index_lag=0.2) as sandbox:
        env = {**sandbox.env, "PROSPECTD_STORE__URL": store_url}

        def listed(command: str) -> list[dict[str, str]]:
            answer = prospectd(config, command, "--json", "--limit", "10000", env=env)
            assert answer.returncode == 0, answer.stderr
            found: list[dict[str, str]] = orjson.loads(answer.stdout)
            return found

        stop_at_each_moment(config, env, tmp_path)
        done = prospectd(config, "run", "--once", env=env)
        assert done.returncode == 0, done.stderr
        assert_once_each(sandbox, listed)
        for log in tmp_path.glob("*.log"):
            assert "sandbox-hubspot-token" not in log.read_text(encoding="utf-8")
