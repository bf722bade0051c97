import atexit
import shutil
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from daemon.domain.push_states import PushEvent
from tests.simulation.driver import Simulation, small_pages
from tests.simulation.process import StoreFile
from tests.simulation.scenario import draw_scenario

SCENARIOS = 12
JOBS = ("rescue", "resolve", "resolve:crm", "schedule", "mirror:crm", "index", "start", "submit",
        "collect", "match", "push:crm", "reconcile:crm")  # fmt: skip


class DaemonMachine(RuleBasedStateMachine):
    """Everything that an operator, people, vendors and time can do, in any order."""

    file: ClassVar[StoreFile | None] = None

    def __init__(self) -> None:
        super().__init__()
        if DaemonMachine.file is None:
            folder = tempfile.mkdtemp(prefix="prospectd-machine-")  # outlives each example
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            DaemonMachine.file = StoreFile(Path(folder))
        self.open = ExitStack()
        self.open.enter_context(small_pages())
        self.seed = 0
        self.life: Simulation | None = None

    @property
    def simulation(self) -> Simulation:
        """The life that is going on; it begins with the first move."""
        if self.life is None:
            assert DaemonMachine.file is not None
            self.life = Simulation(draw_scenario(self.seed), DaemonMachine.file)
        return self.life

    @precondition(lambda self: self.life is None)
    @rule(seed=st.integers(0, SCENARIOS))
    def choose_a_scenario(self, seed: int) -> None:
        """Live another life."""
        self.seed = seed

    @rule(job=st.sampled_from(JOBS))
    def run_a_job(self, job: str) -> None:
        """One process runs one job."""
        self.simulation.work(job)

    @rule()
    def run_all_jobs(self) -> None:
        """One process runs what has something to do."""
        self.simulation.work_through()

    @rule(seconds=st.sampled_from((1, 30, 120, 900, 4_000)))
    def let_time_pass(self, seconds: int) -> None:
        """Nothing happens for a while."""
        self.simulation.wait(timedelta(seconds=seconds))

    @rule()
    def let_a_person_act(self) -> None:
        """Somebody adds, edits, deletes or merges in a CRM."""
        self.simulation.person_acts()

    @rule()
    def change_the_configuration(self) -> None:
        """Searches are added, changed and removed."""
        self.simulation.reload()

    @rule()
    def turn_the_network(self) -> None:
        """Faults begin, or end."""
        self.simulation.toggle_faults()

    @rule()
    def kill_a_process(self) -> None:
        """A process dies, and another takes its place."""
        self.simulation.kill()

    @rule()
    def decide_what_is_held(self) -> None:
        """A person approves or declines."""
        self.simulation.review()

    @rule(
        push_id=st.integers(1, 40), event=st.sampled_from((PushEvent.APPROVED, PushEvent.DECLINED))
    )
    def decide_what_may_not_be_held(self, push_id: int, event: PushEvent) -> None:
        """A person decides about anything at all: what it does not apply to is refused."""
        self.simulation.decide(push_id, event)

    @rule()
    def set_the_clock(self) -> None:
        """The daemon's clock jumps."""
        self.simulation.jump()

    @invariant()
    def nothing_is_wrong_so_far(self) -> None:
        """No job leaks an error, and no commit of a mirror says what is not so."""
        if self.life is not None:
            assert self.life.story.problems == []

    def teardown(self) -> None:
        """Come to rest, and look at everything."""
        with self.open:
            if self.life is not None:
                self.life.settle()
                assert self.life.story.problems == []


DaemonMachine.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestDaemonMachine = DaemonMachine.TestCase
