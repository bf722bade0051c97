import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.registry import load_plugins
from daemon.config import load_config, missing_secrets

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DAEMON = SERVICES["prospectd"]


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_kept_small(service: str) -> None:
    """Read-only root, only the needed capabilities, no new privileges, a check of its health."""
    told = SERVICES[service]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in told["security_opt"]
    assert told["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert told["restart"] == "unless-stopped"
    assert "privileged" not in told
    assert any(mount.split(":")[0] == "/tmp" for mount in told["tmpfs"])  # noqa: S108 - a mount


def test_the_daemon_has_no_capability_at_all() -> None:
    """Nothing that the daemon does needs one."""
    assert "cap_add" not in DAEMON


def test_no_secret_stands_in_the_file() -> None:
    """Secrets come as files; no variable holds one, no URL has a password."""
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search(r"(?i)token|password|secret", name):
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")
            assert not re.search(r"://[^/\s]*:[^/\s]*@", value)
    assert {Path(each["file"]).parent.as_posix() for each in COMPOSE["secrets"].values()} == {
        "secrets"
    }


def test_every_secret_that_is_named_is_mounted() -> None:
    """What a variable points to in /run/secrets is mounted there, and is declared."""
    for service in SERVICES.values():
        named = {
            value.removeprefix("/run/secrets/")
            for value in service["environment"].values()
            if value.startswith("/run/secrets/")
        }
        assert named == set(service["secrets"])
        assert named <= set(COMPOSE["secrets"])


def test_volumes_and_networks_are_declared() -> None:
    """Each volume and network that a service uses is declared, and the other way round."""
    volumes = {
        mount.split(":")[0]
        for service in SERVICES.values()
        for mount in service["volumes"]
        if not mount.startswith(".")
    }
    networks = {name for service in SERVICES.values() for name in service["networks"]}
    assert volumes == set(COMPOSE["volumes"])
    assert networks == set(COMPOSE["networks"])


def test_the_database_is_reached_from_inside_alone() -> None:
    """PostgreSQL opens no port and has no way out; the port of the daemon is on loopback."""
    assert "ports" not in SERVICES["postgres"]
    assert SERVICES["postgres"]["networks"] == ["internal"]
    assert COMPOSE["networks"]["internal"]["internal"] is True
    assert all(port.startswith("127.0.0.1:") for port in DAEMON["ports"])


def test_the_daemon_waits_for_its_database_and_is_waited_for() -> None:
    """It starts when PostgreSQL answers, and has more time to stop than it takes."""
    assert DAEMON["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert int(DAEMON["stop_grace_period"].removesuffix("s")) > 30


def test_images_are_pinned() -> None:
    """The database's image has a version."""
    assert re.fullmatch(r"postgres:\d+[\w.-]*", SERVICES["postgres"]["image"])


def test_paths_of_the_machine_are_relative() -> None:
    """Everything that is mounted from the machine lies beside the file."""
    mounts = [mount for service in SERVICES.values() for mount in service["volumes"]]
    assert not [mount for mount in mounts if mount.startswith(("/", "~"))]
    assert "./config.toml:/etc/prospectd/config.toml:ro" in mounts


def test_the_sample_configuration_works_in_it() -> None:
    """With the variables of the file the sample loads, and knows where its secrets are."""
    plugins = load_plugins().plugins
    env = {name: str(value) for name, value in DAEMON["environment"].items()}
    config = load_config(ROOT / "config.toml", env, plugins)
    assert config.store.url == "postgresql+psycopg://prospectd@postgres/prospectd"
    told = {problem.path: problem.text for problem in missing_secrets(config, env, plugins)}
    assert set(told) == {"store.password", "extruct.token", "connectors.crm.token"}
    assert all("/run/secrets/" in text for text in told.values())
