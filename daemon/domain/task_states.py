"""What a task and its slot go through; each state's comment says who moves it on."""

from enum import StrEnum

from daemon.domain.transitions import Machine


class TaskState(StrEnum):
    """Where one paid Deep Search task stands."""

    PLANNED = "planned"  # intent written, nothing sent; start_tasks sends it
    SUBMITTING = "submitting"  # being sent under a lease; after a crash rescue_expired doubts it
    IN_DOUBT = "in_doubt"  # may exist at the vendor; resolve_unknown looks for it in the task list
    RUNNING = "running"  # exists at the vendor; collect_results reads it
    DRAINING = "draining"  # ended at the vendor; collect_results reads until nothing is new
    DONE = "done"
    FAILED = "failed"


class TaskEvent(StrEnum):
    """What can happen to a task."""

    SUBMIT = "submit"
    ACCEPTED = "accepted"
    NOT_PROCESSED = "not_processed"
    REPLY_LOST = "reply_lost"
    REFUSED = "refused"
    ADOPTED = "adopted"
    PROVED_ABSENT = "proved_absent"
    ENDED = "ended"
    DRAINED = "drained"
    DRAINED_FAILED = "drained_failed"
    VANISHED = "vanished"
    CANCELLED = "cancelled"


TASKS = Machine(
    name="task",
    initial=frozenset({TaskState.PLANNED, TaskState.RUNNING}),
    table={
        (TaskState.PLANNED, TaskEvent.SUBMIT): TaskState.SUBMITTING,
        (TaskState.PLANNED, TaskEvent.CANCELLED): TaskState.FAILED,
        (TaskState.SUBMITTING, TaskEvent.ACCEPTED): TaskState.RUNNING,
        (TaskState.SUBMITTING, TaskEvent.NOT_PROCESSED): TaskState.PLANNED,
        (TaskState.SUBMITTING, TaskEvent.REFUSED): TaskState.FAILED,
        (TaskState.SUBMITTING, TaskEvent.REPLY_LOST): TaskState.IN_DOUBT,
        (TaskState.IN_DOUBT, TaskEvent.ADOPTED): TaskState.RUNNING,
        (TaskState.IN_DOUBT, TaskEvent.PROVED_ABSENT): TaskState.PLANNED,
        (TaskState.RUNNING, TaskEvent.ENDED): TaskState.DRAINING,
        (TaskState.RUNNING, TaskEvent.VANISHED): TaskState.FAILED,
        (TaskState.DRAINING, TaskEvent.DRAINED): TaskState.DONE,
        (TaskState.DRAINING, TaskEvent.DRAINED_FAILED): TaskState.FAILED,
        (TaskState.DRAINING, TaskEvent.VANISHED): TaskState.FAILED,
    },
)


class SlotState(StrEnum):
    """Where one due time of a search stands."""

    DUE = "due"  # start_tasks plans its first task, or says why it is held
    ACTIVE = "active"  # it has tasks; start_tasks plans the next wave or ends it
    DONE = "done"
    SKIPPED = "skipped"


class SlotEvent(StrEnum):
    """What can happen to a slot."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"


SLOTS = Machine(
    name="slot",
    initial=frozenset({SlotState.DUE}),
    table={
        (SlotState.DUE, SlotEvent.STARTED): SlotState.ACTIVE,
        (SlotState.DUE, SlotEvent.SKIPPED): SlotState.SKIPPED,
        (SlotState.ACTIVE, SlotEvent.FINISHED): SlotState.DONE,
    },
)
