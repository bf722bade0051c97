"""Fixtures of the tests with real processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import pytest

from tests.replicas.proof import Stage
from tests.support.processes import daemon_process, sandbox_process

LONG = int(os.environ.get("KILLS", "0"))
"""How many kills a long run does, with searches that come due again and again; the short one of
`make test` does a few."""


def kills(few: int) -> int:
    """How often to kill."""
    return LONG or few


@contextmanager
def staged(folder: Path, store_url: str) -> Iterator[Stage]:
    """A sandbox with ten per cent of faults, and a configuration for it."""
    with sandbox_process(
        companies=2_000 if LONG else 200,
        crm=300,
        task_seconds=4,
        index_lag=0.3,
        faults=0.1,
        slow_seconds=0.3,
    ) as sandbox:
        yield Stage(sandbox, folder, store_url, "every 30s" if LONG else "once")


def run_for(stage: Stage, seconds: float, *, log: str = "daemon.log") -> None:
    """Let a daemon run for so long, and kill it as no program can prepare for."""
    with daemon_process(stage.config, env=stage.env, log=stage.folder / log) as process:
        assert not has_ended(process, seconds), "the daemon has ended by itself"


def has_ended(process: "Popen[bytes]", seconds: float) -> bool:
    """Wait for a process to end, at the longest for so long."""
    try:
        process.wait(timeout=seconds)
    except TimeoutExpired:
        return False
    return True


@pytest.fixture
def sqlite_stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage on a SQLite file."""
    with staged(tmp_path, f"sqlite:///{tmp_path / 'store.db'}") as stage:
        yield stage
