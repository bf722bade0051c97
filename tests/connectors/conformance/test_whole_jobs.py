"""The daemon's whole job with the connectors that need no CRM: each company arrives once."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from connectors.hostile import connector as hostile
from connectors.memory import forget_space, memory_crm
from connectors.registry import Registry, load_plugins
from connectors.sdk.inprocess import FaultyLine
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Faults
from connectors.webhook.harness import SECRET
from connectors.webhook.simulator import WebhookReceiver
from daemon.domain.hostnames import domain_keys
from daemon.sandbox.launch import SandboxOptions
from tests.support.databases import sqlite_store
from tests.support.rigs import ENV, EVERY_FAULT, SEARCH, Rig

WORLD = SandboxOptions(seed=11, companies=2_000, crm=0)
EXTRUCT = """
[extruct]
base_url = "http://extruct.test"
settling = "5s"
[http]
listen = ""
"""
RATES = (0.0, 0.1)
PASSES = 300
"""So many are enough for a vendor who must be left alone for hours, again and again."""

MakeRig = Callable[[str], Rig]


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[MakeRig]:
    """Makes the program with this table as its one connector."""
    with sqlite_store(tmp_path) as store:

        def make(connector: str) -> Rig:
            text = f"{EXTRUCT}[connectors.crm]\n{connector}\n{SEARCH}"
            return Rig(store, tmp_path, WORLD, text=text)

        yield make


@pytest.fixture
def space() -> Iterator[str]:
    """The name of a CRM in memory that no other test has."""
    name = uuid4().hex
    yield name
    forget_space(name)


def work(rig: Rig, rate: float) -> None:
    """Do the job with so many faults, then twice without any."""
    rig.faults = Faults(rate=rate, kinds=EVERY_FAULT, random=Random(3))
    rig.until_quiet(passes=PASSES)
    rig.faults.rate = 0.0
    rig.until_quiet(now=False, passes=PASSES)
    rig.until_quiet(passes=PASSES)


def pushed(rig: Rig, allowed: AbstractSet[str] = frozenset()) -> list[str]:
    """The keys of the companies that the store says are in the CRM through us."""
    pushes = rig.rows("pushes", limit=10_000)
    assert {push["state"] for push in pushes} <= {"created", "existed", "held", *allowed}
    created = sorted(push["key"] for push in pushes if push["state"] == "created")
    assert len(created) > 5, "a test in which nothing is pushed proves nothing"
    return created


def known_domains(rig: Rig) -> list[str]:
    """Domains of half of the companies that the search will find."""
    world = rig.simulators.world
    matches = world.search(rig_query(rig))[:40:2]
    return [key for each in matches for key in domain_keys([world.company(each.index).website])]


def rig_query(rig: Rig) -> str:
    """What the rig's search looks for."""
    return rig.text.partition('query = "')[2].partition('"')[0]


@pytest.mark.parametrize("rate", RATES)
def test_a_file_gets_each_company_once(make_rig: MakeRig, tmp_path: Path, rate: float) -> None:
    """Every company is one row, and none that the CRM's export holds is added."""
    path, source = tmp_path / "new.csv", tmp_path / "crm.csv"
    rig = make_rig(f'type = "csv"\npath = "{path}"\nimport_path = "{source}"')
    known = known_domains(rig)
    lines = [f"Known {number},HTTPS://WWW.{key.upper()}/" for number, key in enumerate(known)]
    source.write_text("\n".join(["Company,Website", *lines]) + "\n", encoding="utf-8")
    work(rig, rate)
    with path.open(encoding="utf-8-sig", newline="") as file:
        keys = [row["prospectd_key"] for row in csv.DictReader(file)]
    assert sorted(keys) == pushed(rig)
    assert not set(keys) & set(known)


@pytest.mark.parametrize("rate", RATES)
def test_a_receiver_gets_each_company_once(
    make_rig: MakeRig, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every company is one message id, lost replies or not."""
    rig = make_rig(
        'type = "webhook"\nurl = "https://hubspot.test/prospects"\nsecret_env = "HOOK_SECRET"'
    )
    receiver = WebhookReceiver(secret=SECRET, answers=False, clock=rig.clock)
    rig.simulators = replace(rig.simulators, hubspot=receiver)  # type: ignore[arg-type]
    monkeypatch.setitem(ENV, "HOOK_SECRET", SECRET)
    work(rig, rate)
    keys = Counter(data["key"] for data in receiver.companies.values())
    assert keys == Counter(pushed(rig))


@pytest.mark.parametrize("rate", RATES)
def test_the_crm_in_memory_gets_each_company_once(
    make_rig: MakeRig, space: str, rate: float
) -> None:
    """Every company is one record, and none that people have is doubled."""
    rig = make_rig(f'type = "memory"\nspace = "{space}"\nbatch_size = 5')
    crm = memory_crm(space)
    known = known_domains(rig)
    for key in known:
        record = CrmRecord(record_id="", name="Known", websites=(f"http://www.{key}/x",))
        crm.person_creates(record, rig.clock.now())
    crm.line = FaultyLine(
        faults=Faults(rate=rate, kinds=EVERY_FAULT, random=Random(5)), clock=rig.clock
    )
    work(rig, rate)
    ours = [record.key for record in crm.live() if record.key is not None]
    assert sorted(ours) == pushed(rig)
    assert not set(ours) & set(known)


@pytest.fixture
def with_hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hostile connector can be configured."""
    plugins = {**load_plugins().plugins, "hostile": hostile}
    monkeypatch.setattr("tests.support.rigs.load_plugins", lambda: Registry(plugins=plugins))


@pytest.mark.usefixtures("with_hostile")
@pytest.mark.parametrize(
    ("uniqueness", "faults"),
    [("own_key", 0.0), ("all_writers", 0.0), ("none", 0.0), ("none", 0.05)],
)
def test_the_hostile_crm_gets_each_company_once(
    make_rig: MakeRig, space: str, uniqueness: str, faults: float
) -> None:
    """Whatever the CRM says and however late, every company is one record."""
    rig = make_rig(
        f'type = "hostile"\nspace = "{space}"\nuniqueness = "{uniqueness}"\nseed = 9\n'
        f'faults = {faults}\nbatch_size = 5\nsettling = "20s"'
    )
    work(rig, 0.1)
    ours = [record.key for record in memory_crm(space).live() if record.key is not None]
    assert sorted(ours) == sorted(set(ours))
    assert set(ours) >= set(pushed(rig, {"rejected"} if faults else set()))
