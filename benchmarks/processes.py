"""The processes that the benchmarks talk to and look at."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import orjson


@contextmanager
def serve_companies(number: int) -> Iterator[dict[str, str]]:
    """A local HubSpot with so many companies; gives the environment that leads to it."""
    command = [sys.executable, "-m", "benchmarks.server", str(number)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no pipes")
        told = orjson.loads(process.stdout.readline())
        yield {**os.environ, **told}
        process.stdin.close()


@contextmanager
def start_daemon(
    config: Path, env: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The daemon in the foreground of a process of its own."""
    command = [sys.executable, "-m", "daemon", "-c", str(config), "run"]
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, env=dict(env), stdout=stream, stderr=stream) as process,  # noqa: S603 - our own program
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


def resident_megabytes(
    process: "subprocess.Popen[bytes]", log: Path, *, settle: timedelta
) -> float:
    """What the process holds in memory, some time after it has started (Linux only)."""
    began = time.monotonic()
    while time.monotonic() - began < settle.total_seconds():
        if process.poll() is not None:
            raise SystemExit(f"the daemon has ended:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.5)
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
