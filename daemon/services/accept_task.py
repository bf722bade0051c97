"""Note that the vendor has a task, or has let one go on."""

from daemon.db.moves import NO_LEASE
from daemon.db.rows import TaskRow
from daemon.db.store import Transaction
from daemon.domain.task_states import TaskEvent
from daemon.extruct.payloads import TaskSnapshot

_ACCEPTED = {
    (TaskEvent.ACCEPTED, False): "task.created",
    (TaskEvent.ACCEPTED, True): "task.continued",
    (TaskEvent.ADOPTED, False): "task.adopted",
    (TaskEvent.ADOPTED, True): "task.adopted",
}


def accept(
    unit: Transaction,
    task: TaskRow,
    snapshot: TaskSnapshot,
    event: TaskEvent,
    *,
    requests: list[dict[str, object]] | None = None,
) -> None:
    """The vendor has the task: made or let go on just now, or found in its list after a doubt."""
    goes_on = task.continues_id is not None
    unit.tasks.move(
        task,
        event,
        # A vendor's task belongs to the row that created it.
        extruct_id=None if goes_on else snapshot.id,
        vendor_status=snapshot.status,
        resolved_exclusions=list(snapshot.exclude_domains),
        started_at=unit.now,
        next_attempt_at=None,
        error="",
        **NO_LEASE,
    )
    unit.audit.write(
        _ACCEPTED[event, goes_on],
        subject=unit.searches.by_id(task.search_id).name,
        task=task.id,
        extruct_id=snapshot.id,
        excluded=len(snapshot.exclude_domains),
        requests=requests,
    )
