import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
START_WITHIN = 60.0
STOP_WITHIN = 30.0

pytestmark = pytest.mark.skipif(
    find_spec("daemon.__main__") is None, reason="the command line is not in this checkout"
)


def exec_form(word: str) -> list[str]:
    (found,) = re.findall(rf"(?m)^{word} (\[.*\])$", TEXT)
    argv: list[str] = json.loads(found)
    return argv


@pytest.fixture
def listen() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_the_image_starts_is_healthy_and_stops(tmp_path: Path, listen: str) -> None:
    """The image's command comes up, its health check passes, and SIGTERM ends it well in time."""
    (tmp_path / "config.toml").write_text(
        "[extruct]\nbase_url = 'http://127.0.0.1:9'\n[daemon]\nwatch = false\n"
    )
    argv = [
        arg.replace("/etc/prospectd/config.toml", str(tmp_path / "config.toml"))
        for arg in exec_form("ENTRYPOINT") + exec_form("CMD")
    ]
    argv[0] = str(Path(sys.executable).parent / argv[0])
    env = {
        "PATH": os.environ["PATH"],
        "PROSPECTD_HTTP__LISTEN": listen,
        "EXTRUCT_API_TOKEN": "nobody-asks",
    }
    (probe,) = re.findall(r"(?m)^\s*CMD (\[.*daemon\.web\.probe.*\])$", TEXT)
    check = [sys.executable, *json.loads(probe)[1:]]
    log = (tmp_path / "log").open("w")
    started = subprocess.Popen(argv, cwd=tmp_path, env=env, stdout=log, stderr=log)
    try:
        until = time.monotonic() + START_WITHIN
        while subprocess.run(check, cwd=ROOT, env=env, capture_output=True, check=False).returncode:
            assert started.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
        started.send_signal(signal.SIGTERM)
        assert started.wait(STOP_WITHIN) == 0, (tmp_path / "log").read_text()
    finally:
        started.kill()
        started.wait()
        log.close()
