"""The whole job with every CRM that is reached over HTTP: each new company once, none twice."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, cast

import orjson
import pytest

from connectors.sdk.conformance.clock import VirtualClock as SuiteClock
from connectors.sdk.conformance.harness import Harness, Typed
from connectors.sdk.simulator import Faults
from daemon.domain.hostnames import domain_keys
from daemon.sandbox.launch import SandboxOptions
from daemon.sandbox.population import make_crm
from tests.support.clocks import VirtualClock
from tests.support.databases import sqlite_store
from tests.support.rigs import ENV, EVERY_FAULT, Rig

HARNESSES = {
    "attio": "AttioHarness",
    "espocrm": "EspoCrmHarness",
    "hubspot": "HubSpotHarness",
    "odoo": "OdooHarness",
    "pipedrive": "PipedriveHarness",
    "salesforce": "SalesforceHarness",
    "twenty": "TwentyHarness",
    "zoho": "ZohoHarness",
}
SETTINGS = """
[extruct]
base_url = "http://extruct.test"
settling = "5s"
[http]
listen = ""
[searches.freight]
query = "vertical SaaS companies serving freight forwarding"
desired_num_results = 40
push_to = ["crm"]
"""


def toml_table(options: Mapping[str, Any]) -> str:
    """A connector's options as its table of the configuration."""
    lines = [f"{name} = {orjson.dumps(value).decode()}" for name, value in options.items()]
    return "\n".join(["[connectors.crm]", *lines])


def make_rig(name: str, folder: Path, rig_on: Any) -> tuple[Rig, Harness]:
    """The program with this CRM, in which people already have some of the companies."""
    clock = VirtualClock()
    kind = getattr(import_module(f"connectors.{name}.harness"), HARNESSES[name])
    harness: Harness = kind(clock=cast("SuiteClock", clock), random=Random(2))
    names = {secret: f"CRM_{secret.upper()}" for secret in harness.secrets}
    options = {**harness.options, **{f"{secret}_env": env for secret, env in names.items()}}
    rig: Rig = rig_on(
        folder,
        SandboxOptions(seed=11, companies=300, crm=0),
        text=SETTINGS + toml_table(options),
        clock=clock,
        crm_hosts=harness.simulators(),
        env={**ENV, **{names[secret]: value for secret, value in harness.secrets.items()}},
    )
    for company in make_crm(rig.simulators.world, seed=5, size=150, known_share=0.3):
        websites = (company.domain, company.website, *company.additional_domains)
        _type_in(harness, company.name, tuple(filter(None, websites)))
    assert len(harness.live()) > 50
    return rig, harness


def _type_in(harness: Harness, name: str, websites: tuple[str, ...]) -> None:
    """What people type; where the CRM's form refuses a spelling, the plain domain."""
    for texts in (websites, domain_keys(websites)):
        try:
            harness.person_creates(Typed(name=name, websites=texts))
        except Exception:  # noqa: BLE001, S112 - each CRM refuses in its own words
            continue
        return


def holders(harness: Harness) -> Counter[str]:
    """How many live records have each domain key."""
    return Counter(key for record in harness.live() for key in set(domain_keys(record.websites)))


@pytest.mark.parametrize("rate", [0.0, 0.1])
@pytest.mark.parametrize("name", sorted(HARNESSES))
def test_each_new_company_arrives_once(name: str, rate: float, tmp_path: Path) -> None:
    """Run twice, with faults and without: ours are all there once, and people's are not doubled."""
    with sqlite_store(tmp_path) as store:
        rig, harness = make_rig(name, tmp_path, partial(Rig, store))
        before = holders(harness)
        rig.faults = Faults(rate=rate, kinds=EVERY_FAULT, random=Random(3))
        rig.until_quiet()
        rig.faults.rate = 0.0
        rig.until_quiet(now=False)
        rig.until_quiet()
        pushes = rig.rows("pushes", limit=10_000)
        assert {push["state"] for push in pushes} <= {"created", "existed", "held"}
        created = [push["key"] for push in pushes if push["state"] == "created"]
        assert len(created) > 5, "a test in which nothing is pushed proves nothing"
        after = holders(harness)
        assert [key for key in created if ":" not in key and after[key] != 1] == []
        assert {key: number for key, number in after.items() if key in before} == dict(before)
        harness.close()
