from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pydantic import Field

from connectors.sdk.capabilities import Capabilities, Guarantee, Uniqueness
from connectors.sdk.options import ConnectorOptions, HttpConnectorOptions
from connectors.sdk.protocol import ConnectorPlugin
from daemon.config import Config, ConfigProblems, Problem, load_config

Load: TypeAlias = Callable[..., Config]
Refused: TypeAlias = Callable[..., Mapping[str, str]]


class HubSpotLike(HttpConnectorOptions):
    """A connector with a token, a default address and a key of its own."""

    base_url: str = "https://api.hubapi.com"
    token_env: str | None = "HUBSPOT_TOKEN"
    page_size: int = Field(default=100, ge=1, le=100)


class CsvLike(ConnectorOptions):
    """A connector without secrets, that can only be read."""

    file: str


def _open(_options: Any, _context: Any) -> Any:
    raise AssertionError("loading a configuration opens no connector")


def _plugin(
    name: str, options: type[ConnectorOptions], *, pushes: bool, secrets: tuple[str, ...]
) -> ConnectorPlugin[Any]:
    return ConnectorPlugin(
        name=name,
        version="1",
        options=options,
        capabilities=Capabilities(uniqueness=Uniqueness.NONE, pushes=pushes),
        guarantee=Guarantee(
            key="", killed_mid_write="", replicas_race="", person_races="", repaired=""
        ),
        open=_open,
        secrets=secrets,
    )


@pytest.fixture(scope="session")
def plugins() -> Mapping[str, ConnectorPlugin[Any]]:
    return {
        "hubspot": _plugin("hubspot", HubSpotLike, pushes=True, secrets=("token",)),
        "csv": _plugin("csv", CsvLike, pushes=False, secrets=()),
    }


@pytest.fixture
def load(tmp_path: Path, plugins: Mapping[str, ConnectorPlugin[Any]]) -> Load:
    """Write the text (and other files) and load it."""

    def write_and_load(
        text: str = "", env: Mapping[str, str] | None = None, files: Mapping[str, str] | None = None
    ) -> Config:
        for name, content in {"config.toml": text, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return load_config(tmp_path / "config.toml", env or {}, plugins)

    return write_and_load


@pytest.fixture
def found(load: Load) -> Callable[..., tuple[Problem, ...]]:
    """Load what must be refused, and give its problems."""

    def load_and_fail(*args: Any, **kwargs: Any) -> tuple[Problem, ...]:
        with pytest.raises(ConfigProblems) as caught:
            load(*args, **kwargs)
        return caught.value.problems

    return load_and_fail


@pytest.fixture
def refused(found: Callable[..., tuple[Problem, ...]]) -> Refused:
    """Load what must be refused, and give key path → sentence."""

    def load_and_fail(*args: Any, **kwargs: Any) -> Mapping[str, str]:
        return {problem.path: problem.text for problem in found(*args, **kwargs)}

    return load_and_fail
