"""The whole program in one thread: real services and connectors, simulated vendors and time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from connectors.registry import load_plugins
from connectors.sdk.simulator import (
    FaultKind,
    Faults,
    FaultySimulator,
    Simulator,
    SimulatorTransport,
)
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app
from daemon.config.loading import load_config
from daemon.db.store import Store
from daemon.domain.hostnames import domain_keys
from daemon.domain.redirects import Landing
from daemon.once import OncePass, OnceResult
from daemon.sandbox.launch import SandboxOptions, Simulators, make_simulators
from tests.support.clocks import VirtualClock

ENV = {"EXTRUCT_API_TOKEN": "sandbox-extruct-token", "HUBSPOT_TOKEN": "sandbox-hubspot-token"}
EVERY_FAULT = tuple(FaultKind)

BASE = """
[extruct]
base_url = "http://extruct.test"
settling = "5s"
[http]
listen = ""
[connectors.crm]
type = "hubspot"
base_url = "http://hubspot.test"
token_env = "HUBSPOT_TOKEN"
"""

SEARCH = """
[searches.freight]
query = "vertical SaaS companies serving freight forwarding"
desired_num_results = 60
push_to = ["crm"]
"""


@dataclass(slots=True)
class Rig:
    """A world, its vendors, a store, and the programs that come and go on it."""

    store: Store
    folder: Path
    options: SandboxOptions
    text: str = BASE + SEARCH
    clock: VirtualClock = field(default_factory=VirtualClock)
    faults: Faults = field(default_factory=Faults)
    crm_hosts: Mapping[str, Simulator] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: ENV)
    simulators: Simulators = field(init=False)
    requests: list[httpx.Request] = field(default_factory=list)
    visit: Callable[[str], Landing] | None = None

    def __post_init__(self) -> None:
        """Make the vendors."""
        self.simulators = make_simulators(self.options, clock=self.clock)

    @contextmanager
    def app(self, *, seed: int = 1, owner: str = "one", **env: str) -> Iterator[App]:
        """The wired program, on the rig's store and vendors."""
        path = self.folder / "config.toml"
        path.write_text(self.text, encoding="utf-8")
        plugins = load_plugins().plugins
        config = load_config(path, {**self.env, **env}, plugins)
        vendors: dict[str, Simulator] = {"extruct.test": self.simulators.extruct}
        vendors |= self.crm_hosts or {"hubspot.test": self.simulators.hubspot}
        hosts = {
            host: FaultySimulator(inner=vendor, faults=self.faults, clock=self.clock)
            for host, vendor in vendors.items()
        }
        around = Surroundings(
            env={**self.env, **env},
            clock=self.clock,
            random=Random(seed),
            owner=owner,
            transport=SimulatorTransport(hosts, before=self.requests.append),
            visit=self.visit,
        )
        app = build_app(config, plugins, around, store=self.store)
        try:
            yield app
        finally:
            app.close_vendors()

    def once(self, *, now: bool = True, **options: Any) -> OnceResult:
        """One whole pass."""
        with self.app(**options) as app:
            return OncePass(app).run(now=now)

    def until_quiet(self, *, passes: int = 40, now: bool = True) -> OnceResult:
        """Passes, a while apart, until nothing is left to do: what a daemon does over hours."""
        result = self.once(now=now)
        for _ in range(passes):
            if result.left.is_idle:
                return result
            self.clock.advance(timedelta(minutes=10))
            result = self.once(now=False)
        raise AssertionError(f"still at work after {passes} passes: {result}")

    def crm(self) -> list[dict[str, Any]]:
        """Every live record of the CRM."""
        return list(self.simulators.hubspot.companies())

    def holders(self) -> Counter[str]:
        """How many live records have each domain key."""
        return Counter(key for record in self.crm() for key in set(keys_of(record["properties"])))

    def ours(self) -> list[str]:
        """The keys of the records that we have made, one entry a record."""
        keys = (record["properties"].get("prospectd_key") for record in self.crm())
        return sorted(key for key in keys if key)

    def rows(self, listing: str, **options: Any) -> list[dict[str, Any]]:
        """A listing of the store."""
        with self.store.reading(now=self.clock.now()) as unit:
            found: list[dict[str, Any]] = getattr(unit.listings, listing)(**options)
            return found


def keys_of(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """The domain keys of a HubSpot record, whichever property says them."""
    texts = [properties.get("domain"), properties.get("website")]
    texts += (properties.get("hs_additional_domains") or "").split(";")
    return domain_keys([text for text in texts if text])
