"""``prospectd plan``: which domains the next task of a search would exclude, and why."""

from typing import Annotated, Any

import typer

from daemon.cli.output import print_json, print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.config.definitions import definition_from_json
from daemon.errors import ProspectdError
from daemon.services.continuations import find_continuation
from daemon.services.plan_exclusions import Planned, plan_task

COLUMNS = ("rank", "domain", "reason", "chance")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(plan)


def plan(
    context: typer.Context,
    search: Annotated[str, typer.Argument(help="The search's name.")],
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Show what the next task of a search would exclude: ranked, with reasons. Sends nothing."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        row = unit.searches.get(search)
        if row is None:
            raise ProspectdError(
                f"There is no search {search!r} in the store. `prospectd searches list` shows them."
            )
        planned = plan_task(
            unit,
            row.id,
            definition_from_json(row.definition),
            cap=session.config.extruct.max_exclusions,
        )
        onward = (
            find_continuation(unit, row.id, row.version, planned)
            if session.config.extruct.continue_tasks
            else None
        )
        continues = None if onward is None else unit.tasks.get(onward.task_id).extruct_id
    if onward is not None:
        planned = onward.planned
    facts = {"continues": continues, **_facts(planned)}
    entries = [
        {
            "rank": entry.rank,
            "domain": entry.domain,
            "reason": entry.reason.value,
            "chance": round(entry.score, 4),
        }
        for entry in planned.plan.entries
    ]
    if as_json:
        print_json({"search": search, **facts, "exclusions": entries})
        return
    print_rows(entries[:limit], COLUMNS, as_json=False, empty="There is nothing to exclude yet.")
    for name, value in facts.items():
        text = f"{name.replace('_', ' ')}: {_line(value)}"
        say(text)


def _facts(planned: Planned) -> dict[str, Any]:
    plan = planned.plan
    reasons: dict[str, int] = {}
    for entry in plan.entries:
        reasons[entry.reason.value] = reasons.get(entry.reason.value, 0) + 1
    return {
        "planned": len(plan.entries),
        "reasons": reasons,
        "records_held": planned.mirrored,
        "candidates": plan.considered,
        "left_out_by_the_cap": plan.left_out,
        "duplicates_avoided": round(plan.expected_hits, 1),
        "duplicates_expected": round(planned.expected_misses, 1),
        "looked_for": list(dict.fromkeys(term.word for term in planned.terms)),
        "weights": "the program's own"
        if planned.weights_version == 0
        else f"fitted, version {planned.weights_version}",
    }


def _line(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items()) or "none"
    if value is None:
        return "none: a new task would be created"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)
