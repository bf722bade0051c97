"""A store with results, a CRM in memory, and the services between them; no search vendor."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import orjson

from connectors.memory.connector import MemoryConnector
from connectors.memory.crm import MemoryCrm
from connectors.memory.options import MemoryOptions
from connectors.memory.rows import MemoryTraits
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.records import CrmRecord
from daemon.config.definitions import definition_json
from daemon.db.results import FoundRow
from daemon.db.rows import PushRow
from daemon.db.store import Store
from daemon.domain.identities import identify
from daemon.domain.searches import SearchDefinition
from daemon.domain.task_states import SlotEvent, TaskEvent, TaskState
from daemon.extruct.payloads import ResultRow
from daemon.extruct.reading import parse_row
from daemon.requests import RequestLog
from daemon.services.context import ServiceContext
from daemon.services.creation_limits import PushPolicy
from daemon.services.guards import Target
from daemon.services.index_mirror import index_mirror
from daemon.services.match_results import MatchResults
from daemon.services.mirror_crm import MirrorCrm, MirrorResult
from daemon.services.push_companies import PushCompanies, PushResult
from daemon.services.reconcile import Reconcile, ReconcileResult
from tests.support.clocks import VirtualClock

CRM = "crm"


@dataclass
class Stage:
    """One search's results on their way to one CRM."""

    store: Store
    clock: VirtualClock
    traits: MemoryTraits = field(default_factory=MemoryTraits)
    recreate_deleted: bool = False
    policy: PushPolicy = field(default_factory=PushPolicy)

    def __post_init__(self) -> None:
        """Open the CRM, and read its empty list once."""
        self.crm = MemoryCrm(self.traits)
        self.requests = RequestLog()
        self.target = self.open_target()
        self.context = self.replica("one")
        self._tasks = 0
        self._results = 0
        self.sweep()

    def open_target(self) -> Target:
        """A connector to the CRM, as the daemon opens it."""
        options = MemoryOptions(type="memory", recreate_deleted=self.recreate_deleted)
        context = ConnectorContext(name=CRM, clock=self.clock, observe=self.requests.observe)
        connector = MemoryConnector(self.crm, {}, context)
        return Target(name=CRM, connector=connector, options=options)

    def replica(self, owner: str) -> ServiceContext:
        """What a process of this name is given."""
        return ServiceContext(
            store=self.store,
            clock=self.clock,
            random=Random(1),
            owner=owner,
            requests=self.requests,
        )

    def search(self, name: str = "freight", **more: Any) -> int:
        """A search with this definition; its id."""
        definition = SearchDefinition(name=name, query=name, push_to=(CRM,), **more)
        with self.store.transaction("test.search", now=self.clock.now()) as unit:
            return unit.searches.add(name, definition_json(definition), name, now=self.clock.now())

    def run(
        self, search_id: int, *websites: str, rows: list[Mapping[str, Any]] | None = None
    ) -> int:
        """One slot of the search with one ended task that found these; the task's id."""
        raw = rows or [self.row(website) for website in websites]
        self._tasks += 1
        with self.store.transaction("test.run", now=self.clock.now()) as unit:
            slot_id = unit.slots.add(search_id, self.clock.now(), now=self.clock.now())
            assert slot_id is not None
            task_id = unit.tasks.add(
                search_id=search_id,
                search_version=1,
                slot_id=slot_id,
                state=TaskState.RUNNING,
                extruct_id=f"task-{self._tasks}",
                request={},
                desired=10,
                counters={},
                created_at=self.clock.now(),
            )
            unit.results.save_page(task_id, [_found(each) for each in raw], now=self.clock.now())
            slot = unit.slots.lock(slot_id)
            assert slot is not None
            unit.slots.move(slot, SlotEvent.STARTED)
            slot = unit.slots.lock(slot_id)
            assert slot is not None
            unit.slots.move(slot, SlotEvent.FINISHED, ended_at=self.clock.now())
        self.clock.advance(timedelta(seconds=1))
        return task_id

    def add_to(self, task_id: int, website: str) -> None:
        """The task finds one more."""
        with self.store.transaction("test.more", now=self.clock.now()) as unit:
            unit.results.save_page(task_id, [_found(self.row(website))], now=self.clock.now())

    def end(self, task_id: int) -> None:
        """The task has ended, and its results are decided for good."""
        with self.store.transaction("test.ended", now=self.clock.now()) as unit:
            for event in (TaskEvent.ENDED, TaskEvent.DRAINED):
                unit.tasks.move(unit.tasks.get(task_id), event)
            unit.results.match_again(task_id)

    def row(self, website: str, **more: Any) -> dict[str, Any]:
        """A row of the vendor."""
        self._results += 1
        name = website.rsplit("//", maxsplit=1)[-1].split(".", maxsplit=1)[0].capitalize()
        return {
            "id": f"result-{self._results}",
            "company_name": name,
            "company_website": website,
            "company_description": "what it does",
            "relevance": 90,
            "scores": {},
            **more,
        }

    def match(self) -> Mapping[str, int]:
        """Decide what waits, beside all that is known by now."""
        index_mirror(self.context)
        targets = {CRM: self.target}
        return (
            MatchResults(self.context, lambda: targets, app_url="http://app.test").run_once().kinds
        )

    def push(self, context: ServiceContext | None = None) -> PushResult:
        """Push what waits."""
        return PushCompanies(context or self.context, self.target, lambda: self.policy).run_once()

    def deliver(self) -> PushResult:
        """Decide and push."""
        self.match()
        return self.push()

    def sweep(self) -> MirrorResult:
        """List the whole CRM."""
        return self._mirror().run_once(changes_now=True, sweep_now=True)

    def refresh(self) -> MirrorResult:
        """Read what changed."""
        return self._mirror().run_once(changes_now=True)

    def reconcile(self) -> ReconcileResult:
        """Look again at what was created."""
        return Reconcile(self.context, self.target).run_once()

    def _mirror(self) -> MirrorCrm:
        return MirrorCrm(self.context, self.target.connector, name=CRM, options=self.target.options)

    def person_adds(self, name: str, website: str) -> str:
        """A person types a company in."""
        record = CrmRecord(record_id="", name=name, websites=(website,))
        return self.crm.person_creates(record, self.clock.now())

    def live(self) -> dict[str, CrmRecord]:
        """What people see in the CRM."""
        return {record.record_id: record for record in self.crm.live()}

    def pushes(self) -> dict[str, PushRow]:
        """The outbox, by the companies' keys."""
        with self.store.reading(now=self.clock.now()) as unit:
            return {push.company_key: push for push in unit.pushes.in_state(limit=None)}

    def events(self, event: str) -> list[dict[str, Any]]:
        """What the audit log says of one kind of event."""
        with self.store.reading(now=self.clock.now()) as unit:
            return unit.listings.audit(event=event, after=0, limit=10_000)


def _found(raw: Mapping[str, Any]) -> FoundRow:
    parsed = parse_row(dict(raw))
    assert isinstance(parsed, ResultRow)
    mark = hashlib.blake2b(orjson.dumps(raw), digest_size=12).hexdigest()
    return FoundRow(
        found=parsed.company, identity=identify(parsed.company), raw=raw, fingerprint=mark
    )
