"""The life of the real daemon: reload, bad files refused, one daemon for a file, its own port."""

import signal
import socket
from pathlib import Path

import httpx
import orjson
import pytest

from tests.support.processes import daemon_process, prospectd, wait_for_line

CONFIG = """
[http]
listen = ""
[connectors.crm]
type = "memory"
[searches.freight]
query = "vertical SaaS companies serving freight forwarding"
schedule = "0 6 1 1 *"
push_to = ["crm"]
"""
MORE = """
[searches.robots]
query = "warehouse automation with robots"
schedule = "0 6 1 1 *"
push_to = ["crm"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that asks nobody anything before New Year."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A store of its own, and a token that nobody asks for."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    return {"PROSPECTD_STORE__URL": url, "EXTRUCT_API_TOKEN": "not-asked-for"}


def searches(config: Path, env: dict[str, str]) -> dict[str, str]:
    """The searches of the store with their states."""
    answer = prospectd(config, "searches", "--json", env=env)
    assert answer.returncode == 0, answer.stderr
    return {row["name"]: row["state"] for row in orjson.loads(answer.stdout)}


def test_a_changed_file_is_taken_and_a_broken_one_is_not(
    config: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """A new search appears by itself, a broken file changes nothing, a missing one is retired."""
    log = tmp_path / "log"
    with daemon_process(config, env=env, log=log) as process:
        wait_for_line(log, '"daemon.started"')
        config.write_text(CONFIG + MORE, encoding="utf-8")
        wait_for_line(log, '"config.reloaded"')
        config.write_text(CONFIG.replace("query", "qeury"), encoding="utf-8")
        wait_for_line(log, '"config.refused"')
        config.write_text(MORE + CONFIG.partition("[searches")[0], encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        wait_for_line(log, '"search.retired"')
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert searches(config, env) == {"robots": "active", "freight": "retired"}
    assert "qeury" in log.read_text(encoding="utf-8")


def test_a_second_daemon_on_the_same_file_is_refused_with_a_sentence(
    config: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """The second one ends with 1 and says why; the first goes on."""
    log = tmp_path / "log"
    with daemon_process(config, env=env, log=log) as process:
        wait_for_line(log, '"daemon.started"')
        second = prospectd(config, "run", env=env, timeout=60)
        assert second.returncode == 1
        assert "Another prospectd is working on" in second.stderr
        assert "Traceback" not in second.stderr
        assert process.poll() is None


def test_health_is_served_on_the_daemons_own_port(
    config: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """The loop turns, everything is ready, and metrics are there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listen = {"PROSPECTD_HTTP__LISTEN": f"127.0.0.1:{port}"}
    log = tmp_path / "log"
    with daemon_process(config, env=env | listen, log=log):
        wait_for_line(log, '"daemon.started"')
        base = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{base}/livez").status_code == 200
        ready = httpx.get(f"{base}/readyz")
        assert ready.status_code == 200, ready.text
        assert "prospectd_" in httpx.get(f"{base}/metrics").text
