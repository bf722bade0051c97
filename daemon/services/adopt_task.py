"""Bring in a task that was made elsewhere, in the vendor's app, say."""

from daemon.db.rows import SearchRow
from daemon.db.store import Transaction
from daemon.domain.task_states import TaskState
from daemon.errors import ProspectdError
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskSnapshot
from daemon.services.context import ServiceContext


def adopt_task(
    context: ServiceContext, client: ExtructClient, extruct_id: str, *, search: str | None
) -> str:
    """Let the task's results go the way of all others; gives the search that it counts for.

    Raises:
        ProspectdError: the task is ours already, or no search is named and none asks the same.
        Fault: the vendor does not answer, or does not know the task.
    """
    snapshot = client.get_task(extruct_id)
    with context.store.transaction("task.adopt", now=context.now(), actor="person") as unit:
        if unit.tasks.by_extruct_id(snapshot.id) is not None:
            raise ProspectdError(f"Task {extruct_id} is known already: `prospectd tasks` shows it.")
        row = _search_for(unit, snapshot, search)
        task_id = unit.tasks.add(
            search_id=row.id,
            search_version=row.version,
            state=TaskState.RUNNING,
            extruct_id=snapshot.id,
            request={"query": snapshot.query},
            desired=snapshot.desired_num_results,
            resolved_exclusions=list(snapshot.exclude_domains),
            vendor_status=snapshot.status,
            counters={},
            adopted=True,
            created_at=context.now(),
            started_at=snapshot.created_at or context.now(),
        )
        unit.audit.write(
            "task.adopted",
            subject=row.name,
            task=task_id,
            extruct_id=snapshot.id,
            reason="a person asked for it",
        )
    return row.name


def _search_for(unit: Transaction, snapshot: TaskSnapshot, name: str | None) -> SearchRow:
    if name is not None:
        row = unit.searches.get(name)
        if row is None:
            raise ProspectdError(
                f"No search is called {name}. `prospectd searches` lists them all."
            )
        return row
    asking = [row for row in unit.searches.all() if row.definition["query"] == snapshot.query]
    if len(asking) != 1:
        raise ProspectdError(
            f"{len(asking) or 'No'} searches ask what task {snapshot.id} asks. "
            "Say with --search for which one its results count."
        )
    return asking[0]
