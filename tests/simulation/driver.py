"""The simulation of one seed: all in this thread, in an order that the seed decides."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from unittest.mock import patch

from connectors.hubspot import changes, client, payloads
from connectors.sdk.simulator import FaultKind
from daemon.db.audit import AuditEvent
from daemon.db.overview import WorkLeft
from daemon.domain.push_states import PushEvent, PushState
from daemon.errors import ProspectdError
from daemon.services.accept_shrink import accept_shrink
from daemon.services.mirror_crm import MirrorCrm
from daemon.services.review import review_pushes
from tests.simulation.checks import check_commit, check_end, known_in_mirror
from tests.simulation.clocks import DaemonClock, TrueClock
from tests.simulation.people import People
from tests.simulation.process import Process, ProcessKilled, StoreFile
from tests.simulation.scenario import Scenario, change_searches, config_of, draw_scenario
from tests.simulation.vendors import Vendors

_ROUNDS = 500
_RESTLESS = 8
"""So many rounds of all the work are tried amid the trouble before it ends."""
_LOST, _AWAY = FaultKind.REPLY_LOST, FaultKind.UNAVAILABLE
_WORST: dict[str, tuple[FaultKind | None, ...]] = {
    "POST /v1/discovery_tasks": (_LOST,),
    "POST /crm/objects/companies/batch/upsert": (_LOST,),
    "GET /crm/objects/companies": (None, *[_AWAY] * 6),  # more often than a reading is repeated
    "POST /crm/objects/companies/search": (None, *[_AWAY] * 6),
}
_WEAK_SPOTS = ("mirror.changes_page", "mirror.changes_page", "mirror.sweep_page", "task.answered",
               "push.outcomes", "push.resolved", "result.page", "match")  # fmt: skip
_AT_WEAK_SPOT = 0.3
"""Most lives have a commit around which their processes like to die."""
_BAD_START = 0.5
_OUTAGE = 0.7
"""The share of requests that go wrong where even four attempts at a reading may not be enough."""
_RACES = 0.3
"""How often two replicas look at the same time."""
_SMALL_PAGES = {"list": 4, "search": 3}


@dataclass(slots=True)
class Story:
    """What came of a seed: everything that happened, and everything that was wrong."""

    seed: int
    trace: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Simulation:
    """One life. ``run`` lives it; the single moves are for the state machine and the tests."""

    def __init__(
        self,
        scenario: Scenario,
        file: StoreFile,
        *,
        kills: Callable[[str], bool] | None = None,
    ) -> None:
        self.scenario = scenario
        self.story = Story(scenario.seed)
        self.true = TrueClock()
        self.clock = DaemonClock(self.true)
        self.random = Random(f"driver {scenario.seed}")
        self._dice = {name: Random(f"{name} {scenario.seed}") for name in ("kill", "act", "mean")}
        self._weak_spot = self._dice["kill"].choice(_WEAK_SPOTS)
        self._file = file
        file.begin_anew()
        self.vendors = Vendors(scenario, self.true, self._known)
        late = self.vendors.network.late
        self.true.next_due, self.true.let_happen = late.next_due, late.deliver
        self.people = People(self.vendors, Random(f"people {scenario.seed}"))
        self.kills = kills or self._kills_by_chance
        self.calm = False
        self._depth = 0
        self._births = 0
        self._running: list[tuple[str, str]] = []
        self._searches = dict(scenario.searches)
        self.processes = [self._born() for _ in range(scenario.replicas)]

    def run(self) -> Story:
        """Live through it all, come to rest, and look at everything."""
        if self.random.random() < _BAD_START:
            self.toggle_faults()
        for _ in range(self.scenario.steps):
            self.step()
        for _ in range(_RESTLESS):
            self.work_through()
            self.wait(timedelta(seconds=self.random.choice((3, 20, 45, 300))))
            self.step()
            if self.story.problems:
                break
        if not self.story.problems:
            self.settle()
        return self.story

    def step(self) -> None:
        """One move, drawn by chance."""
        moves = (self.work, self.work_through, self.wait, self.person_acts, self.reload,
                 self.toggle_faults, self.kill, self.review, self.jump,
                 self.break_line)  # fmt: skip
        weights = (40, 12, 20, 8, 1, 4, 2, 4, 1, 8)
        self.random.choices(moves, weights)[0]()

    # Moves.

    def work(self, name: str | None = None) -> None:
        """One process runs one job, the named one or any."""
        process = self._somebody()
        jobs = [job.name for job in process.app.jobs]
        self._run(process, name if name in jobs else self.random.choice(jobs))

    def work_through(self) -> None:
        """Some process, the next where one dies, does what is to be done, in the jobs' order."""
        process = self._somebody()
        mirrors = [f"mirror:{name}" for name in process.app.targets]
        jobs = self._jobs_for(process, self._left(process))
        for job in ["schedule", *mirrors, *jobs]:
            self._run(self._somebody(), job)

    def wait(self, span: timedelta | None = None) -> None:
        """Time passes."""
        longer = self.random.choice((5, 20, 60, 300, 1_200, 5_000))
        span = span or timedelta(seconds=self.random.uniform(1, longer))
        self._say(f"{span} pass")
        self.true.advance(span)

    def person_acts(self) -> None:
        """Somebody does something in a CRM."""
        self._say(f"a person {self.people.act()}")

    def reload(self) -> None:
        """The configuration changes, and every process takes it."""
        names = tuple(self.scenario.connectors)
        self._searches = change_searches(self._searches, names, self.random)
        self._say(f"reload {sorted(self._searches)}")
        for place in range(len(self.processes)):
            self._replace(place)

    def toggle_faults(self) -> None:
        """The network turns bad, or good again."""
        worse = self.random.choice((self.scenario.fault, _OUTAGE)) if self.scenario.fault else 0.0
        rate = 0.0 if self.vendors.faults.rate else worse
        self.vendors.faults.rate = rate
        self.vendors.faults.kinds = tuple(self.random.sample(tuple(FaultKind), 4))
        self.vendors.network.late.rate = self.scenario.late if rate else 0.0
        self._say(f"faults {rate}")

    def break_line(self) -> None:
        """The line to a vendor breaks at the worst moment: when something is created, or listed."""
        name = self.random.choice(tuple(_WORST))
        self.vendors.network.late.planned[name] = list(_WORST[name])
        self._say(f"the line breaks at {name}")

    def kill(self) -> None:
        """A process dies while it does nothing, and another one takes its place."""
        self._replace(self.random.randrange(len(self.processes)))

    def review(self) -> None:
        """A person decides about one of the pushes that are held."""
        with self._file_reading() as held:
            ids = [push.id for push in held]
        if ids:
            event = self.random.choice((PushEvent.APPROVED, PushEvent.APPROVED, PushEvent.DECLINED))
            self.decide(self.random.choice(ids), event)

    def decide(self, push_id: int, event: PushEvent) -> None:
        """A person approves or declines a push."""
        self._say(f"{event.value} {push_id}")
        with self._surviving():
            review_pushes(self._somebody().app.context, [push_id], event, actor="person")

    def jump(self) -> None:
        """The daemon's clock is set wrong, or right again, within what the vendors tolerate."""
        if self.scenario.jumps:
            self.clock.skew = timedelta(seconds=self.random.choice((0, -200, -30, 30, 200)))
            for ledger in self.vendors.ledgers.values():
                ledger.allowance = timedelta(seconds=400)
            self._say(f"the clock is {self.clock.skew} wrong")

    # The end.

    def settle(self) -> None:
        """No more trouble: one process works until nothing moves, and then all is looked at."""
        self.calm = True
        self.vendors.faults.rate = self.vendors.network.late.rate = 0.0
        self.vendors.network.late.planned.clear()
        self.vendors.network.late.deliver(everything=True)
        for ledger in self.vendors.ledgers.values():
            ledger.refresh()
        self.processes = [self._born()]
        if self._come_to_rest() and not self.story.problems:
            self._look_through_the_crms()
            self.story.problems += check_end(self._file.engine, self.scenario, self.vendors)
        for ledger in self.vendors.ledgers.values():
            self.story.problems += ledger.problems
        self.vendors.close()

    def _come_to_rest(self) -> bool:
        process = self.processes[0]
        left, pause = self._left(process), 30.0
        for _ in range(_ROUNDS):
            if left.is_idle:
                return True
            before = len(self.story.trace)
            for job in self._jobs_for(process, left):
                self._run(process, job)
            self._accept_shrunk_mirrors(process)
            # While nothing moves, look less and less often: somebody waits for a far moment.
            moved = any(" commit.after task" in line or " commit.after push" in line
                        for line in self.story.trace[before:])  # fmt: skip
            pause = 30.0 if moved else min(2 * pause, 1_800.0)
            left = self._left(process)
            if self.story.problems:
                return False
            self.true.advance(timedelta(seconds=0 if left.is_idle else pause))
        self.story.problems.append(f"it does not come to rest: {left}")
        return False

    def _left(self, process: Process) -> WorkLeft:
        with process.app.store.reading(now=self.clock.now()) as unit:
            return unit.overview.work_left(now=self.clock.now())

    def _jobs_for(self, process: Process, left: WorkLeft) -> list[str]:
        """The jobs that may have something to do; looking in vain takes most of a life's time."""
        idle: set[str] = {"schedule"}
        if not (left.slots or left.tasks):
            idle |= {"resolve", "start", "submit", "collect"}
        if not (left.pushes or left.slots):
            idle.add("mirror:")
        if not left.pushes:
            idle.add("resolve:")
        if not (left.tasks or left.to_match):
            idle.add("match")
        if not (left.pushes or left.tasks or left.to_match):
            idle.add("push:")
        names = [job.name for job in process.app.jobs]
        kinds = {name: "".join(name.partition(":")[:2]) for name in names}
        return [name for name in names if kinds[name] not in idle]

    def _accept_shrunk_mirrors(self, process: Process) -> None:
        with process.app.store.reading(now=self.clock.now()) as unit:
            held = [mirror.connector for mirror in unit.mirror.all() if mirror.held]
        for name in held:
            accept_shrink(process.app.context, name)

    def _look_through_the_crms(self) -> None:
        """One more whole listing of each, when everything has become visible."""
        process = self.processes[0]
        self.true.advance(timedelta(hours=6))
        began = self.clock.now()
        for target in process.app.targets.values():
            mirror = MirrorCrm(
                process.app.context, target.connector, name=target.name, options=target.options
            )
            for _ in range(40):
                mirror.run_once(changes_now=True, sweep_now=True)
                self._accept_shrunk_mirrors(process)
                if self._is_swept(process, target.name, began):
                    break
                self.true.advance(timedelta(minutes=20))

    def _is_swept(self, process: Process, name: str, began: datetime) -> bool:
        """Whether a whole listing was begun since, and is believed."""
        with process.app.store.reading(now=self.clock.now()) as unit:
            row = unit.mirror.get(name)
        whole = row.swept_at is not None and row.swept_at >= began and not row.is_sweeping
        return whole and not row.held and not row.accepted_shrink

    # Within.

    def _born(self) -> Process:
        self._births += 1
        process = Process(
            owner=f"process-{self._births}",
            vendors=self.vendors,
            file=self._file,
            clock=self.clock,
            kills=lambda name: not self.calm and self.kills(name),
            meanwhile=self._meanwhile,
            race=self._race,
            heard=self._hear,
            committed=self._committed,
            trace=self._say,
        )
        config = config_of(self.scenario, self._searches, self._file.path)
        random = Random(f"process {self.scenario.seed} {self._births}")
        with self._surviving():
            process.start(config, random=random)
        return self._born() if process.dead else process

    def _somebody(self) -> Process:
        place = self.random.randrange(len(self.processes))
        if self.processes[place].dead:
            self._replace(place)
        return self.processes[place]

    def _replace(self, place: int) -> None:
        self.processes[place].dead = True
        self.processes[place] = self._born()

    def _run(self, process: Process, job: str) -> None:
        self._say(f"{process.owner} runs {job}")
        self._running.append((process.owner, job))
        with self._surviving():
            # Its own context: what another process collects is not this one's.
            Context().run(process.run, job)
        self._running.pop()

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        try:
            yield
        except ProcessKilled:
            return
        except ProspectdError as refused:
            self._say(f"refused: {refused}")
        except Exception as error:  # noqa: BLE001 - whatever leaks out of a job is what we look for
            self.story.problems.append(f"{type(error).__name__} leaked out: {error}")

    def _race(self) -> None:
        """Between a look and what follows from it, another replica may do the very same."""
        others = [one for one in self.processes if not one.dead and self._running
                  and one.owner != self._running[-1][0]]  # fmt: skip
        if others and not (self.calm or self._depth) and self._dice["mean"].random() < _RACES:
            self._depth += 1
            self._run(self._dice["mean"].choice(others), self._running[-1][1])
            self._depth -= 1

    def _meanwhile(self) -> None:
        """Between two steps of one process: people act, and other processes work."""
        if self.calm or self._depth:
            return
        self._depth += 1
        if self._dice["act"].random() < self.scenario.act:
            self.person_acts()
        dice = self._dice["mean"]
        if dice.random() < self.scenario.meanwhile:
            # Replicas race for the same work; the other jobs of a process are threads of it.
            other = dice.choice([one for one in self.processes if not one.dead] or self.processes)
            job = dice.choice([job.name for job in other.app.jobs])
            job = dice.choice((job, self._running[-1][1])) if self._running else job
            if not other.dead and (other.owner, job) not in self._running:
                self._run(other, job)
        self._depth -= 1

    def _kills_by_chance(self, name: str) -> bool:
        weak = name.startswith("commit") and name.endswith(self._weak_spot)
        rate = _AT_WEAK_SPOT if weak and self.scenario.kill else self.scenario.kill
        return self._dice["kill"].random() < rate

    def _committed(self, name: str) -> None:
        self.story.problems += check_commit(
            name, self._file.engine, self.vendors, at=self.clock.now()
        )

    def _known(self, connector: str, key: str) -> str:
        return known_in_mirror(self._file.engine, connector, key)

    @contextmanager
    def _file_reading(self) -> Iterator[list]:  # type: ignore[type-arg]
        with self._somebody().app.store.reading(now=self.clock.now()) as unit:
            yield unit.pushes.in_state(PushState.HELD)

    def _hear(self, event: AuditEvent) -> None:
        self._say(f"{event.seq} {event.event} {event.subject} {event.data}")

    def _say(self, text: str) -> None:
        self.story.trace.append(f"{self.true.now():%d %H:%M:%S.%f} {text}")


@contextmanager
def small_pages() -> Iterator[None]:
    """Let HubSpot's pages be so small that a handful of companies fills several."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(client, "PAGE", _SMALL_PAGES["list"]))
        stack.enter_context(patch.object(payloads, "SEARCH_PAGE", _SMALL_PAGES["search"]))
        stack.enter_context(patch.object(changes, "SEARCH_PAGE", _SMALL_PAGES["search"]))
        yield


def simulate(seed: int, file: StoreFile) -> Story:
    """Live through a seed; the same story for the same seed."""
    with small_pages():
        return Simulation(draw_scenario(seed), file).run()
