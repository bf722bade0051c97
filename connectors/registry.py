"""Which connectors are installed: the entry points of the group ``prospectd.connectors``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import Connector, ConnectorContext, ConnectorPlugin

GROUP = "prospectd.connectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPlugin:
    """An entry point that gives no connector; ``reason`` is a sentence for a person."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Every connector that can be used, by the name that ``type`` has in ``config.toml``."""

    plugins: Mapping[str, ConnectorPlugin[Any]] = field(default_factory=dict)
    broken: tuple[BrokenPlugin, ...] = ()


def load_plugins() -> Registry:
    """Import every installed connector; what fails is told in ``broken`` and stops nobody."""
    return load_entry_points(entry_points(group=GROUP))


def load_entry_points(points: Iterable[EntryPoint]) -> Registry:
    """Import these connectors. Two that claim one name are both left out: neither may win by luck.

    The same package seen twice (two folders of one installation) is no conflict.
    """
    claims: dict[str, set[str]] = {}
    chosen: dict[str, EntryPoint] = {}
    for point in points:
        claims.setdefault(point.name, set()).add(point.value)
        chosen[point.name] = point
    plugins: dict[str, ConnectorPlugin[Any]] = {}
    broken: list[BrokenPlugin] = []
    for name in sorted(chosen):
        loaded = _load(chosen[name], sorted(claims[name]))
        if isinstance(loaded, BrokenPlugin):
            broken.append(loaded)
        else:
            plugins[name] = loaded
    return Registry(plugins=plugins, broken=tuple(broken))


def _load(point: EntryPoint, claims: list[str]) -> ConnectorPlugin[Any] | BrokenPlugin:
    if len(claims) > 1:
        reason = f"{' and '.join(claims)} both claim the name; uninstall one of them"
        return BrokenPlugin(name=point.name, reason=reason)
    try:
        loaded = point.load()
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a stranger's module may raise SystemExit too
        reason = f"{point.value} cannot be imported ({type(error).__name__}: {error})"
        return BrokenPlugin(name=point.name, reason=reason)
    if not isinstance(loaded, ConnectorPlugin):
        reason = f"{point.value} is a {type(loaded).__name__}, not a ConnectorPlugin"
        return BrokenPlugin(name=point.name, reason=reason)
    if loaded.name != point.name:
        reason = f"{point.value} calls itself {loaded.name}; entry point and plugin must agree"
        return BrokenPlugin(name=point.name, reason=reason)
    return loaded


def open_connector(
    plugin: ConnectorPlugin[Any], options: ConnectorOptions, context: ConnectorContext
) -> Connector:
    """A connector with these options, which were validated by ``plugin.options``.

    Raises:
        TypeError: the options are those of another connector.
        Fault: the connector cannot be opened with these options or secrets.
    """
    if not isinstance(options, plugin.options):
        wanted, given = plugin.options.__name__, type(options).__name__
        raise TypeError(f"{plugin.name} takes {wanted}, not {given}")
    return plugin.open(options, context)
