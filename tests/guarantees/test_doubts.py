"""Unknown outcomes are settled once, by whoever comes first, and late answers change nothing."""

from collections.abc import Sequence
from datetime import timedelta

from connectors.memory.connector import MemoryConnector
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.faults import Ambiguous
from connectors.sdk.outcomes import Outcome, Resolution
from connectors.sdk.records import PushItem
from daemon.db.store import Store
from daemon.domain.push_states import PushState
from daemon.services.creation_limits import PushPolicy
from daemon.services.push_companies import PushCompanies
from daemon.services.rescue_expired import rescue_expired
from daemon.services.resolve_unknown import ResolvePushes
from tests.guarantees.stage import Stage
from tests.support.clocks import VirtualClock

SITES = [f"https://firm{number}.com" for number in range(5)]
TIMEOUT = timedelta(seconds=30)


class Doubtful(MemoryConnector):
    """Writes, and then loses the reply; or loses the request when ``arrives`` is false."""

    arrives = True

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Every outcome is in doubt."""
        if self.arrives:
            super().push(items)
        raise Ambiguous("timeout", "no answer came")


def doubtful(stage: Stage, *, arrives: bool) -> None:
    """From now on every reply to a push is lost."""
    stage.target.connector.__class__ = Doubtful
    stage.target.connector.arrives = arrives  # type: ignore[attr-defined]


def well(stage: Stage) -> None:
    """The line is good again."""
    stage.target.connector.__class__ = MemoryConnector


def resolve(stage: Stage) -> tuple[int, int, int]:
    """Read back; how many were adopted, absent, and wait."""
    result = ResolvePushes(stage.context, stage.target, timeout=TIMEOUT).run_once()
    return result.adopted, result.absent, result.waiting


def states(stage: Stage) -> set[PushState]:
    """The states of all pushes."""
    return {push.state for push in stage.pushes().values()}


def test_what_arrived_is_adopted_and_not_sent_again(stage: Stage) -> None:
    """A lost reply leads to a look, not to a second record."""
    stage.run(stage.search(), *SITES)
    doubtful(stage, arrives=True)
    stage.deliver()
    well(stage)
    assert states(stage) == {PushState.UNKNOWN}
    assert resolve(stage) == (5, 0, 0)
    stage.push()
    assert len(stage.live()) == 5
    assert len(stage.events("push.adopted")) == 5


def test_all_doubts_are_settled_in_one_run_whatever_the_batch_size(
    store: Store, clock: VirtualClock
) -> None:
    """A CRM that takes one at a time does not let the others wait for the next run."""
    stage = Stage(store, clock, traits=MemoryTraits(batch_size=1))
    stage.run(stage.search(), *SITES)
    doubtful(stage, arrives=False)
    for _ in SITES:
        stage.deliver()
    well(stage)
    waiting = len([push for push in stage.pushes().values() if push.state is PushState.UNKNOWN])
    assert waiting > 1
    assert resolve(stage) == (0, waiting, 0)
    stage.push()
    assert len(stage.live()) == 5


def test_without_a_key_absence_is_believed_only_after_the_settling_time(
    store: Store, clock: VirtualClock
) -> None:
    """Nothing is asked, let alone sent, while a late write may still appear."""
    traits = MemoryTraits(uniqueness=Uniqueness.NONE, settling=timedelta(seconds=40))
    stage = Stage(store, clock, traits=traits)
    stage.run(stage.search(), SITES[0])
    doubtful(stage, arrives=False)
    stage.deliver()
    well(stage)
    stage.clock.advance(timedelta(seconds=60))
    assert resolve(stage) == (0, 0, 0)
    stage.clock.advance(timedelta(seconds=20))
    assert resolve(stage) == (0, 1, 0)


def test_an_answer_that_is_older_than_a_second_attempt_is_dropped(stage: Stage) -> None:
    """While one replica reads back, the other resends and is in doubt again: that doubt stands."""
    stage.run(stage.search(), SITES[0])
    doubtful(stage, arrives=False)
    stage.deliver()
    well(stage)
    plain = stage.target.connector.resolve

    def slow(items: Sequence[PushItem]) -> Sequence[Resolution]:
        answers = plain(items)
        stage.target.connector.resolve = plain  # type: ignore[method-assign]
        resolve(stage)
        doubtful(stage, arrives=True)
        stage.clock.advance(timedelta(seconds=1))
        stage.push()
        well(stage)
        return answers

    stage.target.connector.resolve = slow  # type: ignore[method-assign]
    assert resolve(stage) == (1, 0, 0)
    stage.push()
    assert len(stage.live()) == 1


def test_a_late_answer_is_noted_and_moves_nothing(stage: Stage) -> None:
    """Who answers after its lease ran out is heard by the audit log alone."""
    stage.run(stage.search(), SITES[0])
    stage.match()
    plain = stage.target.connector.push

    def slow(items: Sequence[PushItem]) -> Sequence[Outcome]:
        outcomes = plain(items)
        stage.clock.advance(timedelta(minutes=6))
        rescue_expired(stage.replica("two"))
        return outcomes

    stage.target.connector.push = slow  # type: ignore[method-assign]
    stage.push()
    assert states(stage) == {PushState.UNKNOWN}
    (late,) = stage.events("push.answered_late")
    assert late["outcome"] == "created"
    stage.target.connector.push = plain  # type: ignore[method-assign]
    assert resolve(stage) == (1, 0, 0)
    assert len(stage.live()) == 1


def test_what_the_mirror_has_read_of_our_record_outlives_its_adoption(stage: Stage) -> None:
    """A lost reply is settled after the mirror saw the record edited: the edit stays known."""
    stage.run(stage.search(), "https://acme.com")
    doubtful(stage, arrives=True)
    stage.deliver()
    well(stage)
    (ours,) = stage.live()
    websites = ("https://acme.com", "https://acme.io")
    stage.crm.person_edits(ours, stage.clock.now(), websites=websites)
    stage.sweep()
    assert resolve(stage) == (1, 0, 0)
    with stage.store.reading(now=stage.clock.now()) as unit:
        held = unit.mirror.holders(["crm"], ["acme.io"])
    assert [record.record_id for record in held["acme.io"]] == [ours]


def test_two_replicas_share_one_limit(store: Store, clock: VirtualClock) -> None:
    """What one replica is sending counts for the other, before its outcome is known."""
    stage = Stage(store, clock, traits=MemoryTraits(batch_size=2))
    stage.run(stage.search(), *SITES)
    stage.match()
    policy = PushPolicy(max_new_per_run=3)
    plain = stage.target.connector.push

    def between(items: Sequence[PushItem]) -> Sequence[Outcome]:
        stage.target.connector.push = plain  # type: ignore[method-assign]
        PushCompanies(stage.replica("two"), stage.target, lambda: policy).run_once()
        return plain(items)

    stage.target.connector.push = between  # type: ignore[method-assign]
    PushCompanies(stage.context, stage.target, lambda: policy).run_once()
    assert len(stage.live()) == 3
