"""The daemon's own planner, on a store that it fills as the daemon would."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.yields.strategies import CAP, Ask, Choice
from benchmarks.yields.worlds import COUNTRIES, Company, World
from connectors.sdk.records import CrmRecord
from daemon.config.definitions import definition_json
from daemon.db import schema
from daemon.db.engine import open_engine
from daemon.db.results import FoundRow
from daemon.db.store import Store
from daemon.domain.companies import FoundCompany
from daemon.domain.countries import normalise_country
from daemon.domain.documents import Subject, document_of
from daemon.domain.identities import identify
from daemon.domain.searches import Criterion, SearchDefinition
from daemon.domain.segments import COUNTRY, TASKS_BACK, WHOLE, SegmentFacts, next_share
from daemon.domain.task_states import TaskState
from daemon.domain.waves import PROBE, WORTH_A_PROBE, is_worth_a_probe
from daemon.services.context import ServiceContext
from daemon.services.continuations import find_continuation
from daemon.services.index_mirror import index_mirror
from daemon.services.learn_weights import learn_weights
from daemon.services.mirror_crm import mirrored
from daemon.services.plan_exclusions import plan_task, samples_of
from tests.support.clocks import VirtualClock

PAGE = 2_000


class Planner:
    """Plans as the daemon does; ``by_country``: for searches that name their countries."""

    def __init__(self, *, by_country: bool = False) -> None:
        self._by_country = by_country
        self._pasts: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self._folder = TemporaryDirectory(prefix="prospectd-yields-")
        engine = open_engine(f"sqlite:///{Path(self._folder.name) / 'store.db'}", durable=False)
        schema.upgrade(engine)
        self._store = Store(engine)
        self._clock = VirtualClock()
        chance = Random(1)  # noqa: S311 - a benchmark is to be repeatable
        self._context = ServiceContext(
            store=self._store, clock=self._clock, random=chance, owner="benchmark"
        )
        self._mirrored: set[str] = set()
        self._searches: list[tuple[int, SearchDefinition]] = []
        self._planned = 0
        self._left = 0
        self._rows = 0

    def close(self) -> None:
        """Drop the store."""
        self._store.close()
        self._folder.cleanup()

    def begin(self, world: World) -> None:
        """Mirror the CRM and save the searches."""
        self._mirror(world)
        for number, query in enumerate(world.queries):
            criterion = Criterion(key="fits", name="Fits", criterion=world.criteria[number])
            definition = SearchDefinition(
                name=f"search{number}",
                query=f"{query} in {COUNTRY}" if self._by_country else query,
                countries=tuple(COUNTRIES) if self._by_country else (),
                push_to=("crm",),
                criteria=(criterion,),
            )
            now = self._clock.now()
            with self._store.transaction("begin", now=now) as unit:
                made = unit.searches.add(
                    definition.name, definition_json(definition), definition.name, now=now
                )
            self._searches.append((made, definition))

    def tasks(self, world: World, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        """What the daemon would ask for: country by country, or with a probe first."""
        tasks = self._tasks(world, search, wanted)
        self._left = len(tasks)
        return tasks

    def _tasks(self, world: World, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        if self._by_country:
            return self._shared_out(search, wanted)
        with self._store.reading(now=self._clock.now()) as unit:
            learned = unit.planning.learned(self._searches[search][0])
        worth = is_worth_a_probe(learned=learned, mirrored=len(world.held), cap=CAP)
        if worth and wanted >= WORTH_A_PROBE * PROBE:
            return [(None, PROBE), (None, wanted - PROBE)]
        return [(None, wanted)]

    def _shared_out(self, search: int, wanted: int) -> Sequence[tuple[str | None, int]]:
        with self._store.reading(now=self._clock.now()) as unit:
            held = unit.documents.count_by_country()
        facts = []
        for country in COUNTRIES:
            pasts = self._pasts.get((search, country), [])
            past = pasts[-TASKS_BACK:]
            facts.append(
                SegmentFacts(
                    segment=country,
                    held=held.get(normalise_country(country), 0),
                    asked=sum(returned for returned, _ in pasts),
                    returned=sum(returned for returned, _ in past),
                    new=sum(new for _, new in past),
                )
            )
        tasks: list[tuple[str | None, int]] = []
        while wanted and facts:
            country, share = next_share(wanted, facts)
            tasks.append((country, share))
            wanted -= share
            facts = [one for one in facts if one.segment != country]
        return tasks

    def choose(self, world: World, ask: Ask) -> Choice:
        """What the daemon would do."""
        del world
        search_id, definition = self._searches[ask.search]
        segment = ask.country or WHOLE
        now = self._clock.now()
        with self._store.transaction("plan", now=now) as unit:
            planned = plan_task(unit, search_id, definition, cap=CAP, segment=segment)
            onward = find_continuation(unit, search_id, 1, planned, segment=segment)
            planned = planned if onward is None else onward.planned
            self._planned = unit.tasks.add(
                search_id=search_id,
                search_version=1,
                segment=segment,
                state=TaskState.PLANNED,
                extruct_id=None if onward else f"task-{self._rows}-{ask.search}-{segment}",
                continues_id=None if onward is None else onward.task_id,
                request={},
                desired=ask.wanted,
                counters={},
                created_at=now,
            )
            unit.tasks.save_exclusions(self._planned, planned.plan.entries)
            unit.learning.save_samples(self._planned, samples_of(planned))
        return Choice(planned.plan.domains, goes_on=onward is not None)

    def learn(self, world: World, ask: Ask, returned: Sequence[str], new: Sequence[str]) -> None:
        """Store the results, push what is new, and fit the weights."""
        if ask.country is not None:
            past = self._pasts.setdefault((ask.search, ask.country), [])
            past.append((len(returned), len(new)))
        self._clock.advance(timedelta(hours=1))
        rows = [
            self._row(world.companies[domain], 1 - at / 500) for at, domain in enumerate(returned)
        ]
        now = self._clock.now()
        with self._store.transaction("results", now=now) as unit:
            unit.results.save_page(self._planned, rows, now=now)
            ids = unit.results.save_companies([row.found for row in rows], rows, now=now)
            subjects = {
                ids[row.identity.key]: Subject(
                    name=row.found.name,
                    domains=(row.identity.key,),
                    country=row.found.country,
                    description=row.found.description,
                )
                for row in rows
            }
            unit.documents.save(
                [document_of(-number, subject, "") for number, subject in subjects.items()]
            )
            unit.tasks.set(self._planned, state=TaskState.DONE, ended_at=now)
        self._mirror(world)
        self._left -= 1
        if not self._left:  # the daemon learns now and then, not after each small task
            learn_weights(self._context)

    def week(self, world: World) -> None:
        """Mirror what was added meanwhile."""
        self._clock.advance(timedelta(days=7))
        self._mirror(world)

    def _row(self, company: Company, relevance: float) -> FoundRow:
        self._rows += 1
        found = FoundCompany(
            result_id=f"r{self._rows}",
            name=company.name,
            website=company.domain,
            description=company.text,
            country=company.country,
            relevance=round(100 * relevance),
        )
        return FoundRow(found=found, identity=identify(found), raw={}, fingerprint=str(self._rows))

    def _mirror(self, world: World) -> None:
        added = [domain for domain in world.held if domain not in self._mirrored]
        for start in range(0, len(added), PAGE):
            page = added[start : start + PAGE]
            self._save(world.companies[domain] for domain in page)
            self._clock.advance(timedelta(seconds=1))
        self._mirrored.update(added)
        index_mirror(self._context)

    def _save(self, companies: Iterable[Company]) -> None:
        records = [
            CrmRecord(
                record_id=company.domain,
                name=company.name,
                websites=(company.domain,),
                country=company.crm_country,
                description=company.crm_text or None,
            )
            for company in companies
        ]
        now = self._clock.now()
        with self._store.transaction("mirror", now=now) as unit:
            unit.mirror.save_page("crm", mirrored(records), now=now)
