"""A store with records, searches and results put into it, to plan from."""

from collections.abc import Sequence
from random import Random

from connectors.sdk.records import CrmRecord
from daemon.config.definitions import definition_json
from daemon.db.results import FoundRow
from daemon.db.store import Store
from daemon.domain.companies import FoundCompany
from daemon.domain.documents import Subject, document_of
from daemon.domain.identities import identify
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import WHOLE
from daemon.domain.task_states import TaskState
from daemon.services.context import ServiceContext
from daemon.services.index_mirror import index_mirror
from daemon.services.mirror_crm import mirrored
from daemon.services.plan_exclusions import Planned, plan_task
from tests.support.clocks import VirtualClock

FREIGHT = SearchDefinition(name="freight", query="freight software in Germany", push_to=("crm",))


class Stage:
    """A store with records, searches and results put into it."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self._results = 0

    def records(self, *records: tuple[str, str, str | None], connector: str = "crm") -> None:
        """Records of domain, description and country; indexed."""
        made = [
            CrmRecord(
                record_id=domain,
                name=domain.partition(".")[0],
                websites=(domain,),
                description=text or None,
                country=country,
            )
            for domain, text, country in records
        ]
        with self.store.transaction("test", now=self.clock.now()) as unit:
            unit.mirror.save_page(connector, mirrored(made), now=self.clock.now())
        index_mirror(
            ServiceContext(store=self.store, clock=self.clock, random=Random(1), owner="test")
        )

    def search(self, definition: SearchDefinition) -> int:
        """A saved search; gives its id."""
        with self.store.transaction("test", now=self.clock.now()) as unit:
            return unit.searches.add(
                definition.name, definition_json(definition), definition.name, now=self.clock.now()
            )

    def task(
        self,
        search_id: int,
        domains: Sequence[str],
        *,
        text: str = "",
        relevance: int = 80,
        segment: str = WHOLE,
        country: str | None = None,
    ) -> int:
        """A task that is done and returned companies with these domains."""
        now = self.clock.now()
        with self.store.transaction("test", now=now) as unit:
            task_id = unit.tasks.add(
                search_id=search_id,
                search_version=1,
                segment=segment,
                state=TaskState.DONE,
                request={},
                desired=len(domains),
                counters={},
                created_at=now,
            )
            rows = [self._row(domain, text, relevance, country) for domain in domains]
            unit.results.save_page(task_id, rows, now=now)
            ids = unit.results.save_companies([row.found for row in rows], rows, now=now)
            unit.documents.save(
                [
                    document_of(
                        -ids[row.identity.key],
                        Subject(
                            name=row.found.name,
                            domains=(row.identity.key,),
                            country=country,
                            description=text,
                        ),
                        "",
                    )
                    for row in rows
                ]
            )
        return task_id

    def plan(
        self,
        search_id: int,
        definition: SearchDefinition,
        *,
        cap: int = 1000,
        segment: str = WHOLE,
    ) -> Planned:
        """The plan for the search's next task."""
        with self.store.reading(now=self.clock.now()) as unit:
            return plan_task(unit, search_id, definition, cap=cap, segment=segment)

    def _row(self, domain: str, text: str, relevance: int, country: str | None) -> FoundRow:
        self._results += 1
        found = FoundCompany(
            result_id=f"r{self._results}",
            name=domain,
            website=domain,
            description=text,
            relevance=relevance,
            country=country,
        )
        return FoundRow(found=found, identity=identify(found), raw={}, fingerprint=domain)
