"""Finding the installed connectors, broken ones included."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector, MemoryOptions
from connectors.memory import connector as memory
from connectors.registry import GROUP, Registry, load_entry_points, load_plugins, open_connector
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import ConnectorContext


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that can be imported, and are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def point(name: str, value: str) -> EntryPoint:
    """An entry point of our group."""
    return EntryPoint(name=name, value=value, group=GROUP)


def reason(registry: Registry, name: str) -> str:
    """Why the plugin is broken."""
    return next(each.reason for each in registry.broken if each.name == name)


def test_the_installed_connectors_are_found() -> None:
    """The memory connector is found by its name, as the package declares it."""
    assert load_plugins().plugins["memory"] is memory


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import there_is_no_such_module", "ModuleNotFoundError"),
        ("raise RuntimeError('oh no')", "RuntimeError: oh no"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError"),
        ("other = 1", "AttributeError"),
        ("connector = 'not a plugin'", "is a str, not a ConnectorPlugin"),
        ("from connectors.memory import connector", "calls itself memory"),
    ],
)
def test_a_broken_plugin_stops_nobody(strangers: Path, source: str, said: str) -> None:
    """A plugin that cannot be imported or is none is told with its reason; the others load."""
    (strangers / "stranger.py").write_text(source, encoding="utf-8")
    found = load_entry_points(
        [point("stranger", "stranger:connector"), point("memory", "connectors.memory:connector")]
    )
    assert set(found.plugins) == {"memory"}
    assert said in reason(found, "stranger")


def test_two_plugins_of_one_name_are_both_left_out() -> None:
    """Which of two plugins is meant by a name is not decided by luck."""
    found = load_entry_points(
        [point("memory", "connectors.memory:connector"), point("memory", "elsewhere:connector")]
    )
    assert found.plugins == {}
    assert "both claim the name" in reason(found, "memory")


def test_one_plugin_seen_twice_is_one_plugin() -> None:
    """A package that is installed and lies in the folder too is no conflict with itself."""
    twice = [point("memory", "connectors.memory:connector")] * 2
    assert set(load_entry_points(twice).plugins) == {"memory"}


def test_a_connector_is_opened_with_its_own_options() -> None:
    """Opening gives the plugin's connector; options of another one are refused."""
    context = ConnectorContext(name="crm")
    opened = open_connector(memory, MemoryOptions(type="memory", space="registry"), context)
    assert isinstance(opened, MemoryConnector)
    with pytest.raises(TypeError, match="takes MemoryOptions, not ConnectorOptions"):
        open_connector(memory, ConnectorOptions(type="memory"), context)
