"""Find the vendor's task that the next task of a search had better continue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from daemon.db.rows import TaskRow
from daemon.db.store import Transaction
from daemon.domain.continuations import TaskEnd, VendorsWord, is_better_continued, may_go_on
from daemon.domain.exclusions import Exclusion, ExclusionReason, probability_of
from daemon.domain.segments import WHOLE
from daemon.domain.task_states import TaskState
from daemon.extruct.payloads import TaskSnapshot
from daemon.services.plan_exclusions import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """The task to continue, with what it had come to, and what it goes on to leave out."""

    task_id: int
    results: int
    desired: int
    planned: Planned


def find_continuation(
    unit: Transaction, search_id: int, version: int, planned: Planned, *, segment: str = WHOLE
) -> Continuation | None:
    """The task that had better be continued than ``planned`` be sent; None: send it."""
    begun = unit.tasks.newest_begun(search_id, version, segment)
    chain = [] if begun is None else unit.tasks.chain(begun)
    if not chain or not may_go_on(_end_of(chain), now=unit.now):
        return None
    left_out = unit.tasks.left_out_by(chain[0].id)
    found = unit.tasks.domains_found([task.id for task in chain])
    continued = _continued(planned, left_out, found)
    if not is_better_continued(anew=planned.expected_misses, continued=continued.expected_misses):
        return None
    return Continuation(
        task_id=chain[0].id,
        results=int(chain[-1].counters.get("results", 0)),
        desired=sum(task.desired for task in chain),
        planned=continued,
    )


def word_of(snapshot: TaskSnapshot) -> VendorsWord:
    """A snapshot, as far as it tells whether a task goes on."""
    return VendorsWord(
        ended=snapshot.is_terminal,
        exhausted=snapshot.is_exhausted,
        results=snapshot.results,
        desired=snapshot.desired_num_results,
    )


def _end_of(chain: Sequence[TaskRow]) -> TaskEnd:
    last = chain[-1]
    return TaskEnd(
        done=all(task.state is TaskState.DONE for task in chain),
        exhausted=last.is_exhausted,
        ended_at=last.ended_at,
    )


def _continued(planned: Planned, left_out: Sequence[Exclusion], found: frozenset[str]) -> Planned:
    """The same knowledge, with what the vendor leaves out of the task when it goes on."""
    excluded = {one.domain for one in left_out}
    chances = {one.domain: one for one in planned.candidates if one.domain in found}
    own = [
        Exclusion(
            domain=domain,
            rank=len(left_out) + place,
            reason=ExclusionReason.FOUND,
            score=probability_of(chances[domain], planned.policy) if domain in chances else 1.0,
        )
        for place, domain in enumerate(sorted(found - excluded), start=1)
    ]
    plan = replace(
        planned.plan,
        entries=(*left_out, *own),
        left_out=planned.plan.considered - len(left_out) - len(own),
    )
    return replace(planned, plan=plan)
