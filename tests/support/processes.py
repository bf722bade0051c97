"""Real processes: the sandbox and the daemon, as an operator starts them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """A sandbox that runs as a process of its own."""

    extruct_url: str
    hubspot_url: str
    env: Mapping[str, str]

    def state(self, vendor: str) -> dict[str, Any]:
        """What the simulated vendor holds."""
        url = self.extruct_url if vendor == "extruct" else self.hubspot_url
        found: dict[str, Any] = httpx.get(f"{url}/_sandbox/state", timeout=30).json()
        return found

    def set_faults(self, rate: float) -> None:
        """Let this share of requests go wrong from now on."""
        for url in (self.extruct_url, self.hubspot_url):
            httpx.post(f"{url}/_sandbox/faults", json={"rate": rate}, timeout=30).raise_for_status()


@contextlib.contextmanager
def sandbox_process(**options: object) -> Iterator[SandboxProcess]:
    """Serve a sandbox; ``options`` are those of ``python -m daemon.sandbox``, with underscores."""
    arguments = [
        text
        for name, value in options.items()
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "daemon.sandbox", *arguments], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            told = orjson.loads(process.stdout.readline())
            yield SandboxProcess(
                extruct_url=told["extruct"]["url"],
                hubspot_url=told["hubspot"]["url"],
                env={
                    "PROSPECTD_EXTRUCT__BASE_URL": told["extruct"]["url"],
                    "PROSPECTD_CONNECTORS__CRM__BASE_URL": told["hubspot"]["url"],
                    "EXTRUCT_API_TOKEN": told["extruct"]["token"],
                    "HUBSPOT_TOKEN": told["hubspot"]["token"],
                },
            )
        finally:
            process.terminate()
            process.wait(timeout=20)


def prospectd(
    config: Path, *arguments: str, env: Mapping[str, str], timeout: float = 100
) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "daemon", "-c", str(config), *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextlib.contextmanager
def daemon_process(
    config: Path, *, env: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The daemon in the foreground of a process; killed at the end if it still runs."""
    with (
        log.open("ab") as stream,
        subprocess.Popen(
            [sys.executable, "-m", "daemon", "-c", str(config), "run"],
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=stream,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)


def wait_for_line(log: Path, text: str, *, seconds: float = 60) -> None:
    """Wait until the log says ``text``: a signal of the program, not a guess about its speed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if log.exists() and text in log.read_text(encoding="utf-8"):
            return
        time.sleep(0.02)  # the file gives no signal of its own
    raise AssertionError(f"{text!r} did not appear in the log within {seconds} s")
