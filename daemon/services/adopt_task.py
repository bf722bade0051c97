"""Bring in a task that was made, or let go on, elsewhere: in the vendor's app, say."""

from typing import Any

from daemon.config.definitions import definition_from_json
from daemon.db.rows import SearchRow, TaskRow
from daemon.db.store import Transaction
from daemon.domain.segments import WHOLE, in_segment, segments_of
from daemon.domain.task_states import TASKS, TaskState
from daemon.errors import ProspectdError
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskSnapshot
from daemon.services.context import ServiceContext


def adopt_task(
    context: ServiceContext, client: ExtructClient, extruct_id: str, *, search: str | None
) -> str:
    """Let the task's results go the way of all others; gives the search that it counts for.

    Raises:
        ProspectdError: the task is ours and has found nothing more, or no search is named and none
            asks the same.
        Fault: the vendor does not answer, or does not know the task.
    """
    snapshot = client.get_task(extruct_id)
    with context.store.transaction("task.adopt", now=context.now(), actor="person") as unit:
        known = unit.tasks.by_extruct_id(snapshot.id)
        if known is None:
            row = _search_for(unit, snapshot, search)
            values = _made_elsewhere(row, snapshot)
        else:
            row = unit.searches.by_id(known.search_id)
            values = _continued_elsewhere(unit, known, snapshot)
        now = context.now()
        task_id = unit.tasks.add(
            search_id=row.id,
            state=TaskState.RUNNING,
            request={"query": snapshot.query},
            resolved_exclusions=list(snapshot.exclude_domains),
            vendor_status=snapshot.status,
            counters={},
            adopted=True,
            created_at=now,
            started_at=now if known else snapshot.created_at or now,
            **values,
        )
        unit.audit.write(
            "task.adopted",
            subject=row.name,
            task=task_id,
            extruct_id=snapshot.id,
            reason="a person asked for it",
        )
    return row.name


def _made_elsewhere(row: SearchRow, snapshot: TaskSnapshot) -> dict[str, Any]:
    return {
        "search_version": row.version,
        "extruct_id": snapshot.id,
        "segment": _queries(row).get(snapshot.query, WHOLE),
        "desired": snapshot.desired_num_results,
    }


def _continued_elsewhere(
    unit: Transaction, known: TaskRow, snapshot: TaskSnapshot
) -> dict[str, Any]:
    """What a person, or a store of which this is an older copy, let our task find beyond ours."""
    chain = unit.tasks.chain(known.id)
    ended = all(task.state in TASKS.terminal for task in chain)
    before = max(int(task.counters.get("results", 0)) for task in chain)
    if not ended or snapshot.results <= before:
        raise ProspectdError(
            f"Task {snapshot.id} is known already, and so is all that it found: "
            "`prospectd tasks` shows it."
        )
    asked = sum(task.desired for task in chain)
    return {
        "search_version": known.search_version,
        "segment": known.segment,
        "continues_id": known.id,
        "results_before": before,
        "desired_before": asked,
        "desired": max(snapshot.desired_num_results - asked, snapshot.results - before),
    }


def _queries(row: SearchRow) -> dict[str, str]:
    """What a search asks, with the segment that each is for."""
    definition = definition_from_json(row.definition)
    segments = segments_of(definition)
    return {in_segment(definition, segment).query: segment for segment in segments}


def _search_for(unit: Transaction, snapshot: TaskSnapshot, name: str | None) -> SearchRow:
    if name is not None:
        row = unit.searches.get(name)
        if row is None:
            raise ProspectdError(
                f"No search is called {name}. `prospectd searches` lists them all."
            )
        return row
    asking = [row for row in unit.searches.all() if snapshot.query in _queries(row)]
    if len(asking) != 1:
        raise ProspectdError(
            f"{len(asking) or 'No'} searches ask what task {snapshot.id} asks. "
            "Say with --search for which one its results count."
        )
    return asking[0]
