"""What was being sent when its sender died may have arrived: hand it to the resolver."""

from dataclasses import dataclass

from daemon.db.moves import NO_LEASE
from daemon.domain.push_states import PushEvent
from daemon.domain.task_states import TaskEvent, TaskState
from daemon.services.context import ServiceContext

REASON = "its sender did not come back in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueResult:
    """How many were handed to the resolver."""

    tasks: int = 0
    pushes: int = 0


def rescue_expired(context: ServiceContext) -> RescueResult:
    """Doubt every task and push whose lease ran out while it was being sent."""
    now = context.now()
    with context.store.transaction("rescue", now=now) as unit:
        tasks = unit.tasks.expired(TaskState.SUBMITTING, now=now)
        for task in tasks:
            unit.tasks.move(task, TaskEvent.REPLY_LOST, error=REASON, **NO_LEASE)
            name = unit.searches.by_id(task.search_id).name
            unit.audit.write("task.doubted", subject=name, task=task.id, reason=REASON)
        pushes = unit.pushes.expired(now=now)
        for push in pushes:
            unit.pushes.move(push, PushEvent.REPLY_LOST, reason=REASON, **NO_LEASE)
            unit.audit.write(
                "push.doubted",
                subject=push.company_key,
                push=push.id,
                connector=push.connector,
                reason=REASON,
            )
    return RescueResult(tasks=len(tasks), pushes=len(pushes))
