import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from daemon.web.health import Check
from daemon.web.server import HealthServer

ROOT = Path(__file__).resolve().parents[2]


class Daemon:
    """Lives, or does not."""

    ok = True

    def live(self) -> Sequence[Check]:
        """As the test says."""
        return (Check(name="loop", ok=self.ok),)

    def ready(self) -> Sequence[Check]:
        """Not asked."""
        return ()


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def port(daemon: Daemon) -> Iterator[int]:
    server = HealthServer(("127.0.0.1", 0), daemon, CollectorRegistry())
    server.start()
    yield server.address[1]
    server.stop()


def probe(listen: str) -> subprocess.CompletedProcess[str]:
    """As a container's engine runs it: a process of its own, with the image's variable."""
    return subprocess.run(
        [sys.executable, "-m", "daemon.web.probe"],
        env={**os.environ, "PROSPECTD_HTTP__LISTEN": listen},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_tells_a_living_daemon(port: int) -> None:
    """A daemon that listens everywhere is asked on loopback; exit code 0 means that it lives."""
    done = probe(f"0.0.0.0:{port}")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"ok":true' in done.stdout


def test_it_tells_a_stuck_daemon(port: int, daemon: Daemon) -> None:
    """A loop that no longer turns is exit code 1, with what the daemon said."""
    daemon.ok = False
    done = probe(f":{port}")
    assert done.returncode == 1
    assert '"ok":false' in done.stdout


def test_it_tells_a_dead_daemon(port: int, daemon: Daemon) -> None:  # noqa: ARG001 - the port was free
    """Nobody there is exit code 1 and a sentence, not a traceback."""
    done = probe("127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.startswith("no answer from 127.0.0.1:1")
    assert "Traceback" not in done.stderr


def test_a_port_that_is_switched_off_is_no_failure() -> None:
    """Where the operator does without the port, the container counts as healthy."""
    assert probe("").returncode == 0
