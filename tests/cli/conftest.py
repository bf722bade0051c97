"""Commands through the real entry, against a local Extruct and a local HubSpot on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from daemon.__main__ import run
from daemon.sandbox.launch import Sandbox, SandboxOptions

CONFIG = """
[extruct]
poll_every = "200ms"
settling = "1s"
[http]
listen = ""
[retries]
first = "200ms"
longest = "1s"
[connectors.crm]
type = "hubspot"
token_env = "HUBSPOT_TOKEN"
[searches.freight]
query = "vertical SaaS companies serving freight forwarding"
desired_num_results = 30
push_to = ["crm"]
[searches.robots]
query = "warehouse automation with robots"
desired_num_results = 20
push = "review"
push_to = ["crm"]
"""
TOKENS = ("sandbox-extruct-token", "sandbox-hubspot-token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command gave: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, as JSON."""
        return orjson.loads(self.out)


class Command:
    """The command ``prospectd``, in this process."""

    sandbox: Sandbox

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Answer:
        """Run one command; no command may show a token or a traceback."""
        self._capsys.readouterr()
        code = run(["-c", str(self.config), *arguments])
        out, err = self._capsys.readouterr()
        assert not [token for token in TOKENS if token in out + err]
        assert "Traceback" not in out + err
        return Answer(code=code, out=out, err=err)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A local Extruct and a local HubSpot with a few companies."""
    options = SandboxOptions(companies=300, crm=200, task_seconds=0.5, index_lag=0.0)
    with Sandbox(options) as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with two searches, one of them for review."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def alone(
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """The command on an empty store, with no token and no vendor."""
    for name in ("EXTRUCT_API_TOKEN", "HUBSPOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PROSPECTD_STORE__URL", f"sqlite:///{tmp_path / 'store.db'}")
    return Command(config, capsys)


@pytest.fixture
def command(alone: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on an empty store, with the sandbox for vendors."""
    told = sandbox.describe()
    monkeypatch.setenv("PROSPECTD_EXTRUCT__BASE_URL", told["extruct"]["url"])
    monkeypatch.setenv("PROSPECTD_CONNECTORS__CRM__BASE_URL", told["hubspot"]["url"])
    monkeypatch.setenv("EXTRUCT_API_TOKEN", told["extruct"]["token"])
    monkeypatch.setenv("HUBSPOT_TOKEN", told["hubspot"]["token"])
    alone.sandbox = sandbox
    return alone


@pytest.fixture
def done(command: Command) -> Command:
    """The command after one whole pass over both searches."""
    assert command("run", "--once", "--now", "--json").code == 0
    return command


def our_keys(sandbox: Sandbox) -> list[str]:
    """Our keys in the CRM, one entry a record."""
    records = sandbox.simulators.hubspot.companies()
    keys = (each["properties"].get("prospectd_key") for each in records)
    return sorted(key for key in keys if key)
