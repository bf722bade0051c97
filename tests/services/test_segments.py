"""A search that asks country by country: its tasks, shares, replies and results."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from connectors.sdk.simulator import FaultKind, Faults
from daemon.db.store import Store
from daemon.extruct.payloads import TaskRequest
from daemon.sandbox.launch import SandboxOptions
from daemon.services.adopt_task import adopt_task
from tests.support.rigs import BASE, Rig, keys_of

DIVIDED = """
[searches.freight]
query = "logistics software companies in {{country}}"
countries = ["Germany", "France", "United States"]
desired_num_results = {desired}
push_to = ["crm"]
{more}
"""
COUNTRIES = {"Germany", "France", "United States"}


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    rig = Rig(store=store, folder=tmp_path, options=SandboxOptions(companies=6_000, crm=600))
    rig.text = text()
    return rig


def text(*, desired: int = 60, more: str = "") -> str:
    return BASE + DIVIDED.format(desired=desired, more=more)


def asked(rig: Rig) -> Counter[str]:
    """What the vendor was asked for, by its query."""
    counts = Counter[str]()
    for task in rig.simulators.extruct.workspace.tasks():
        counts[task.request["query"]] += task.desired
    return counts


def test_a_run_shares_out_what_is_desired(rig: Rig) -> None:
    """One task for each country, in its words; together they ask for what one would have."""
    rig.until_quiet()
    rows = rig.rows("tasks")
    assert sorted(row["country"] for row in rows) == sorted(COUNTRIES)
    assert set(asked(rig)) == {f"logistics software companies in {name}" for name in COUNTRIES}
    assert sum(row["desired"] for row in rows) == sum(asked(rig).values())
    returned = sum(row["counters"]["results"] for row in rows)
    assert returned <= 60
    assert min(asked(rig).values()) >= 5
    (slot,) = rig.rows("audit", event="slot.finished")
    assert slot["code"] == "done"


def test_the_largest_market_is_asked_for_most(rig: Rig) -> None:
    """What the CRM holds of each country tells how large it is."""
    rig.until_quiet()
    held = Counter(record["properties"].get("country") for record in rig.crm())
    largest = max(COUNTRIES, key=lambda name: held[name])
    assert asked(rig).most_common(1)[0][0].endswith(largest)


def test_each_country_has_its_own_exclusions(rig: Rig) -> None:
    """With room for few, they are of the country that is asked for, or of none."""
    rig.simulators.extruct.settings.max_exclusions = 40
    rig.text = text().replace("[extruct]", "[extruct]\nmax_exclusions = 40")
    rig.until_quiet()
    told = [(row["domain"], row["country"]) for row in rig.rows("companies", limit=10_000)]
    told += [
        (key, record["properties"].get("country"))
        for record in rig.crm()
        for key in keys_of(record["properties"])
    ]
    countries: dict[str, set[str | None]] = {}
    for domain, country in told:
        countries.setdefault(domain, set()).add(country or None)
    with rig.store.reading(now=rig.clock.now()) as unit:
        plans = {row["country"]: unit.tasks.exclusions(row["id"]) for row in rig.rows("tasks")}
    assert {len(plan) for plan in plans.values()} == {40}
    for country, plan in plans.items():
        assert all(countries[domain] & {country, None} for domain in plan)


def test_a_target_is_collected_country_by_country(rig: Rig) -> None:
    """The slot goes on until the target is reached or no country has more; each task once."""
    rig.text = text(more="target = 150")
    rig.until_quiet()
    rows = rig.rows("tasks")
    assert len(rows) >= 3
    assert {row["country"] for row in rows} == COUNTRIES
    assert len({row["wave"] for row in rows}) == len(rows)
    held_twice = [key for key in rig.ours() if rig.holders()[key] > 1]
    assert not held_twice
    (slot,) = rig.rows("audit", event="slot.finished")
    assert slot["code"] in {"target_reached", "exhausted", "diminishing"}


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.FAILED_AFTER])
def test_a_lost_reply_is_found_by_the_words_of_its_country(rig: Rig, kind: FaultKind) -> None:
    """The vendor has each country's task once, whatever became of the replies."""
    rig.faults = Faults(rate=0.15, kinds=(kind,), random=Random(4))
    rig.until_quiet()
    assert len(rig.simulators.extruct.workspace.tasks()) == len(rig.rows("tasks")) == 3
    assert {row["state"] for row in rig.rows("tasks")} == {"done"}


def test_a_task_of_one_country_made_elsewhere_counts_for_it(rig: Rig) -> None:
    """It is known by its words."""
    rig.text = text(more="active = false")
    with rig.app() as app:
        app.load()
        query = "logistics software companies in France"
        made = app.client.create_task(TaskRequest(query=query, desired_num_results=5))
        assert adopt_task(app.context, app.client, made.id, search=None) == "freight"
    (row,) = rig.rows("tasks")
    assert row["country"] == "France"


def test_the_pushed_company_tells_what_was_asked(rig: Rig) -> None:
    """The field ``query`` is that of the company's own task."""
    rig.text = text(more='properties = { description = "{query}" }')
    rig.until_quiet()
    told = {
        record["properties"].get("description")
        for record in rig.crm()
        if record["properties"].get("prospectd_key")
    }
    assert told
    assert told <= set(asked(rig))
