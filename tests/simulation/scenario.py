"""What a seed's life is like: its searches, its CRMs, and how much goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from connectors.hostile import HostileOptions
from connectors.hubspot.options import HubSpotOptions
from connectors.memory import MemoryOptions
from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.options import ConnectorOptions
from daemon.config import models
from daemon.config.models import Config
from daemon.domain.searches import Criterion, PushMode, SearchDefinition, WithoutDomain
from daemon.domain.segments import COUNTRY

ENV = {"EXTRUCT_API_TOKEN": "token-of-extruct", "HUBSPOT_TOKEN": "token-of-hubspot"}
EXTRUCT_HOST, HUBSPOT_HOST = "extruct.example", "hubspot.example"
MAX_AGE = timedelta(hours=1)
"""The oldest mirror that may be relied on, in every scenario."""
INDEX_LAG = timedelta(seconds=20)
"""The longest time for which a CRM's reads do not show a write."""
SMALL_RUN = 3
_DIVIDES = 4
"""One world in so many has a search that asks country by country."""
_FOLLOWS = 4
"""In one life of so many, websites are asked where they lead."""
_GRADED = Criterion(
    key="fits", name="Fits", criterion="Sells to the trade we look for", min_grade=2
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Drawn from a seed by :func:`draw_scenario`. Probabilities are of a step, or of a request."""

    seed: int
    companies: int
    crm: int
    steps: int
    replicas: int
    kill: float
    fault: float
    late: float
    act: float
    meanwhile: float
    jumps: bool
    searches: Mapping[str, SearchDefinition]
    connectors: Mapping[str, ConnectorOptions]
    push: models.PushOptions
    extruct: models.ExtructOptions
    redirects: models.RedirectOptions


def draw_scenario(seed: int) -> Scenario:
    """The same for the same seed."""
    random = Random(f"scenario {seed}")
    connectors = _draw_connectors(seed, random)
    names = tuple(connectors)
    searches = [_draw_search(f"search-{n}", names, random) for n in range(random.randint(1, 3))]
    if seed % _DIVIDES == 1:
        searches[0] = _asked_one_by_one(searches[0])
    return Scenario(
        seed=seed,
        companies=random.randint(12, 30),
        crm=random.randint(0, 14),
        steps=random.randint(8, 24),
        replicas=random.choice((1, 2)),
        kill=random.choice((0.0, 0.006, 0.03)),
        fault=random.choice((0.0, 0.05, 0.15)),
        late=random.choice((0.0, 0.02, 0.06)),
        act=random.choice((0.0, 0.02, 0.05)),
        meanwhile=random.choice((0.02, 0.15)),
        # A CRM in memory has no clock but the daemon's: setting that would set both.
        jumps=random.random() < 0.3 and "second" not in connectors,
        searches={search.name: search for search in searches},
        connectors=connectors,
        push=models.PushOptions(
            max_new_per_run=random.choice((SMALL_RUN, 1000)),
            max_new_per_day=random.choice((5, 1000)),
        ),
        extruct=_draw_extruct(random),
        redirects=models.RedirectOptions(follow=seed % _FOLLOWS == 0),
    )


def _draw_extruct(random: Random) -> models.ExtructOptions:
    return models.ExtructOptions(
        base_url=f"https://{EXTRUCT_HOST}",
        page_size=random.choice((2, 5, 50)),
        max_exclusions=random.choice((8, 1000)),
        max_results_per_task=random.choice((5, 250)),
        max_running_tasks=random.choice((1, 5)),
    )


def _draw_connectors(seed: int, random: Random) -> dict[str, ConnectorOptions]:
    rhythm = {
        "mirror_every": timedelta(minutes=random.choice((2, 15))),
        "sweep_every": timedelta(hours=random.choice((1, 24))),
        "mirror_max_age": MAX_AGE,
    }
    hubspot = HubSpotOptions(
        base_url=f"https://{HUBSPOT_HOST}", token_env="HUBSPOT_TOKEN", **rhythm
    )
    uniqueness = random.choice((Uniqueness.OWN_KEY, Uniqueness.NONE, Uniqueness.ALL_WRITERS))
    settling = random.choice((timedelta(0), INDEX_LAG))
    memory = {
        "space": f"simulation-{seed}",
        "uniqueness": uniqueness,
        "settling": settling,
        "batch_size": random.choice((1, 3, 100)),
        "page_size": random.choice((2, 4, 100)),
        **rhythm,
    }
    # A CRM without any constraint cannot be asked to stop a write that arrives after its time-out.
    kinds = random.choice(("hubspot", "hubspot", "hubspot", "memory", "hostile"))
    if kinds == "memory":
        return {"crm": hubspot, "second": MemoryOptions(type="memory", **memory)}
    if kinds == "hostile":
        return {"second": HostileOptions(type="hostile", **memory)}
    return {"crm": hubspot}


def _draw_search(name: str, connectors: tuple[str, ...], random: Random) -> SearchDefinition:
    return SearchDefinition(
        name=name,
        query=f"{random.choice(('freight', 'warehouse', 'clinic'))} software",
        desired_num_results=random.randint(3, 9),
        target=random.choice((None, None, 12)),
        schedule=random.choice(("once", "every 6h", "every 1h", "0 * * * *")),
        push_to=connectors if random.random() < 0.9 else (),
        push=random.choice((PushMode.AUTO, PushMode.AUTO, PushMode.REVIEW, PushMode.OFF)),
        min_relevance=random.choice((0, 0, 60)),
        without_domain=random.choice(tuple(WithoutDomain)),
        criteria=random.choice(((), (_GRADED,))),
        properties=random.choice(({}, {"lifecyclestage": "lead"})),
    )


def _asked_one_by_one(search: SearchDefinition) -> SearchDefinition:
    """The same search, asked country by country."""
    return replace(search, query=f"{search.query} in {COUNTRY}", countries=("Germany", "France"))


def change_searches(
    searches: Mapping[str, SearchDefinition], connectors: tuple[str, ...], random: Random
) -> dict[str, SearchDefinition]:
    """What a person made of the configuration: a search changed, removed or added."""
    changed = dict(searches)
    name = random.choice(sorted(changed)) if changed else "search-0"
    kind = random.choice(("add", "change", "remove"))
    if kind == "remove" and len(changed) > 1:
        del changed[name]
    elif kind == "change" and name in changed:
        changed[name] = replace(
            changed[name],
            push=random.choice(tuple(PushMode)),
            min_relevance=random.choice((0, 50)),
            active=random.random() < 0.8,
            desired_num_results=random.randint(3, 9),
        )
    else:
        new = f"search-{random.randint(0, 5)}"
        changed[new] = _draw_search(new, connectors, random)
    return changed


def config_of(scenario: Scenario, searches: Mapping[str, SearchDefinition], store: Path) -> Config:
    """The configuration as ``config.toml`` would have given it."""
    return Config(
        path=store.with_name("config.toml"),
        files=(),
        watched=(),
        store=models.StoreOptions(url=f"sqlite:///{store}"),
        extruct=scenario.extruct,
        http=models.HttpOptions(listen=""),
        audit=models.AuditOptions(),
        log=models.LogOptions(),
        redirects=scenario.redirects,
        push=scenario.push,
        budget=models.BudgetOptions(),
        retention=models.RetentionOptions(),
        retries=models.RetryOptions(longest=timedelta(minutes=5)),
        daemon=models.DaemonOptions(),
        connectors=scenario.connectors,
        searches=dict(searches),
    )
