"""Weights are fitted when tasks have shown what comes back."""

from random import Random

from daemon.db.store import Store
from daemon.domain.exclusions import SIGNALS
from daemon.domain.task_states import TaskState
from daemon.domain.weights import FitPolicy
from daemon.services.context import ServiceContext
from daemon.services.learn_weights import learn_weights
from daemon.services.plan_exclusions import plan_task, samples_of
from tests.planning.stage import FREIGHT, Stage
from tests.support.clocks import VirtualClock

FEW = FitPolicy(least_outcomes=20, least_came_back=5)


def _task_that_missed(stage: Stage, search_id: int) -> None:
    """A task that could exclude ten of fifty, and returned the likeliest of the others."""
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        planned = plan_task(unit, search_id, FREIGHT, cap=10)
        chosen = set(planned.plan.domains)
        missed = [one.domain for one in planned.candidates if one.domain not in chosen]
    task_id = stage.task(search_id, sorted(missed)[:12])
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.learning.save_samples(task_id, samples_of(planned))
        assert unit.tasks.get(task_id).state is TaskState.DONE


def test_enough_outcomes_make_new_weights_once(store: Store, clock: VirtualClock) -> None:
    """They are kept with a version, used by the next plan, and not fitted again without news."""
    stage = Stage(store, clock)
    stage.records(*((f"cargo{number}.com", "freight software", None) for number in range(50)))
    search_id = stage.search(FREIGHT)
    context = ServiceContext(store=store, clock=clock, random=Random(1), owner="test")
    assert learn_weights(context, policy=FEW).version == 0
    _task_that_missed(stage, search_id)
    assert learn_weights(context).version == 0  # not enough for the usual policy
    assert learn_weights(context, policy=FEW).version == 1
    assert learn_weights(context, policy=FEW).version == 0
    planned = stage.plan(search_id, FREIGHT)
    assert planned.weights_version == 1
    with store.reading(now=clock.now()) as unit:
        fitted = unit.learning.weights()
    assert fitted is not None
    assert set(fitted.weights) == set(SIGNALS)
    assert fitted.came_back == 12
