import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from daemon.sandbox.__main__ import read_options
from daemon.sandbox.launch import SandboxOptions, make_simulators

COMMAND = [sys.executable, "-W", "error", "-m", "daemon.sandbox", "--crm", "50"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield started
    started.kill()
    started.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sandbox_is_a_process_of_its_own(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    """It says in one line of JSON where it is, answers, and ends cleanly on a signal."""
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    for name, path in (("extruct", "/v1/user"), ("hubspot", "/crm/objects/2026-03/companies")):
        token = {"authorization": f"Bearer {said[name]['token']}"}
        assert httpx.get(said[name]["url"] + path, headers=token).status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_said_in_words(process: subprocess.Popen[str]) -> None:
    """A second sandbox on the same port says what to do, without a traceback."""
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["extruct"]["url"].rpartition(":")[2]
    second = subprocess.run(
        [*COMMAND, "--extruct-port", port], capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert "choose other ports" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_command_line_sets_the_options() -> None:
    """Each option of the command line arrives with its type; nothing given is the default."""
    assert read_options([]) == SandboxOptions()
    options = read_options(["--faults", "0.1", "--seed", "9", "--companies", "10", "--crm", "5"])
    assert options == SandboxOptions(faults=0.1, seed=9, companies=10, crm=5)
    with pytest.raises(SystemExit):
        read_options(["--seed", "nine"])


def test_the_same_options_make_the_same_sandbox() -> None:
    """A campaign that was tried once can be tried again on the very same companies."""
    options = SandboxOptions(companies=500, crm=100)
    one, other = make_simulators(options), make_simulators(options)
    assert [each["properties"]["name"] for each in one.hubspot.companies()] == [
        each["properties"]["name"] for each in other.hubspot.companies()
    ]
    assert len(one.hubspot.companies()) == 100
