"""One life that passes every named point: a story written by hand, not by chance."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from connectors.hubspot.options import HubSpotOptions
from connectors.sdk.simulator import FaultKind
from daemon.config import models
from daemon.db.crm_tables import mirrors
from daemon.db.planning_tables import documents, watermarks
from daemon.domain.push_states import PushEvent, PushState
from daemon.domain.searches import PushMode, SearchDefinition, WithoutDomain
from daemon.sandbox.bodies import TaskBody
from daemon.services.accept_shrink import accept_shrink
from daemon.services.adopt_task import adopt_task
from daemon.services.load_campaigns import pause_search
from tests.simulation.driver import Simulation, Story, small_pages
from tests.simulation.process import StoreFile
from tests.simulation.scenario import EXTRUCT_HOST, HUBSPOT_HOST, MAX_AGE, Scenario

_QUERIES = {"first": "freight software", "second": "clinic software"}
_CREATE = "POST /v1/discovery_tasks"
_UPSERT = "POST /crm/objects/companies/batch/upsert"


def never(name: str) -> bool:
    """The process dies nowhere."""
    del name
    return False


def _search(name: str, push: PushMode) -> SearchDefinition:
    return SearchDefinition(
        name=name,
        query=_QUERIES[name],
        desired_num_results=8,
        push_to=("crm",),
        push=push,
        without_domain=WithoutDomain.PUSH,
    )


def _scenario() -> Scenario:
    searches = (_search("first", PushMode.AUTO), _search("second", PushMode.REVIEW))
    return Scenario(
        seed=3,
        companies=30,
        crm=12,
        steps=0,
        replicas=1,
        kill=0,
        fault=0,
        late=0,
        act=0,
        meanwhile=0,
        jumps=False,
        searches={search.name: search for search in searches},
        connectors={
            "crm": HubSpotOptions(
                base_url=f"https://{HUBSPOT_HOST}",
                token_env="HUBSPOT_TOKEN",
                sweep_every=timedelta(hours=4),
                mirror_max_age=MAX_AGE,
            )
        },
        push=models.PushOptions(),
        extruct=models.ExtructOptions(base_url=f"https://{EXTRUCT_HOST}", page_size=3),
        redirects=models.RedirectOptions(follow=True),
    )


class RichLife:
    """The story; the process may die at any point of it, and another one goes on."""

    def __init__(self, file: StoreFile, kills: Callable[[str], bool]) -> None:
        self.file = file
        self.told = 0
        self.life = Simulation(_scenario(), file, kills=kills)

    def live(self) -> Story:
        """From the first listing to the last look."""
        with small_pages():
            for chapter in (self._begin, self._collect, self._push, self._grow_old, self._people):
                chapter()
            self.told = len(self.life.story.trace)
            self.life.settle()
        return self.life.story

    def _begin(self) -> None:
        """The CRM is listed, tasks are sent; one reply is lost, and found again."""
        self._disturbed("mirror:crm")
        self._work("mirror:crm", "rescue", "resolve")
        self.life.vendors.network.late.planned[_CREATE] = [FaultKind.REPLY_LOST]
        self._work("schedule", "index", "start", "submit", "collect")
        self._wait(timedelta(seconds=15))
        self._disturbed("collect")
        self._disturbed("resolve")
        self._work("rescue", "resolve")

    def _collect(self) -> None:
        """Results are read until the tasks have ended."""
        for _ in range(6):
            self._wait(timedelta(seconds=30))
            self._work("collect", "match", "follow", "match", "index")

    def _push(self) -> None:
        """Companies are pushed; one is there already, and one reply is lost."""
        self._disturbed("push:crm")
        for number, key in enumerate(self._pending()[:1]):
            self.life.vendors.hubspot.create(lag=timedelta(0), name=f"By hand {number}", domain=key)
        self.life.vendors.ledgers["crm"].refresh()
        self.life.vendors.network.late.planned[_UPSERT] = [FaultKind.REPLY_LOST]
        self._work("push:crm")
        self._disturbed("resolve:crm", after=timedelta(minutes=5))
        self._work("resolve:crm", "push:crm")

    def _grow_old(self) -> None:
        """Leases run out, watermarks are not understood, the CRM is suddenly smaller."""
        self._wait(timedelta(minutes=20))
        self._disturbed("reconcile:crm")
        self._work("rescue", "mirror:crm", "reconcile:crm", "learn", "prune")
        with self.file.engine.begin() as connection:
            connection.execute(update(mirrors).values(changes_cursor="nonsense"))
        self._wait(timedelta(minutes=20))
        self._work("mirror:crm", "mirror:crm")
        live = [str(company.id) for company in self.life.vendors.hubspot.portal.live()]
        for record_id in live[:9]:
            self.life.vendors.hubspot.archive(record_id)
        self.life.vendors.ledgers["crm"].refresh()
        with self.file.engine.begin() as connection:
            connection.execute(update(mirrors).values(changes_cursor=None))
        self._wait(timedelta(hours=5))
        self._work("mirror:crm")
        with self.life._surviving():
            accept_shrink(self.life._somebody().app.context, "crm")

    def _people(self) -> None:
        """An operator decides, pauses, and brings in a task of the vendor's app."""
        app = self.life._somebody().app
        with app.store.reading(now=self.life.clock.now()) as unit:
            held = [push.id for push in unit.pushes.in_state(PushState.HELD)]
        for push_id in held[:2]:
            self.life.decide(push_id, PushEvent.APPROVED)
        for paused in (True, False):
            with self.life._surviving():
                context = self.life._somebody().app.context
                pause_search(context, "second", paused=paused, actor="person")
        self._adopt()
        self._wait(timedelta(minutes=20))
        self._index_by_other_rules()
        self._work("mirror:crm", "mirror:crm", "index", "push:crm")

    def _index_by_other_rules(self) -> None:
        """As if the program had been upgraded, and its rules had changed."""
        mine = watermarks.c.name.startswith("documents:crm")
        with self.file.engine.begin() as connection:
            connection.execute(update(watermarks).where(mine).values(name="documents:crm:older"))
            connection.execute(update(documents).values(fingerprint="older"))

    def _adopt(self) -> None:
        body = TaskBody(query=_QUERIES["first"], desired_num_results=3).model_dump(mode="json")
        made = self.life.vendors.extruct.workspace.create(body)
        for _ in range(2):  # the first attempt may die
            app = self.life._somebody().app
            with self.life._surviving():
                adopt_task(app.context, app.client, made.id, search="first")

    def _pending(self) -> list[str]:
        app = self.life._somebody().app
        with app.store.reading(now=self.life.clock.now()) as unit:
            pushes = unit.pushes.in_state(PushState.PENDING)
        return [push.domain for push in pushes if push.domain]

    def _work(self, *jobs: str) -> None:
        for job in jobs:
            process = self.life._somebody()
            if job in [each.name for each in process.app.jobs]:
                self.life._run(process, job)

    def _wait(self, span: timedelta) -> None:
        self.life.wait(span)

    def _disturbed(self, job: str, *, after: timedelta = timedelta(0)) -> None:
        """Run a job while its vendor answers nothing but errors; then let the pause pass."""
        self._wait(after)
        faults = self.life.vendors.faults
        faults.rate, faults.kinds = 1.0, (FaultKind.UNAVAILABLE,)
        self._work(job)
        faults.rate = 0.0
        self._wait(timedelta(minutes=1))


def points_of(file: StoreFile) -> list[str]:
    """Every named point that the story passes before it comes to rest, in this order."""
    rich = RichLife(file, never)
    trace = rich.live().trace[: rich.told]
    texts = (line.split(" ", 3)[-1] for line in trace)
    return list(dict.fromkeys(text for text in texts if _is_point(text)))


def _is_point(text: str) -> bool:
    return text.startswith(("commit.before ", "commit.after ", "send ", "receive "))
