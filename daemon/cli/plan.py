"""``prospectd plan``: which domains the next task of a search would exclude, and why."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from daemon.cli.output import print_json, print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.config.definitions import definition_from_json
from daemon.domain.exclusions import Exclusion
from daemon.domain.segments import WHOLE, SegmentFacts, next_share
from daemon.errors import ProspectdError
from daemon.services.continuations import find_continuation
from daemon.services.plan_exclusions import Planned, plan_task
from daemon.services.wave_policy import segment_facts

WORTH_DIVIDING = 0.1
"""Where more than this share of a run may be known companies, that is said."""
_NONE = {
    "country": "all at once",
    "continues": "none: a new task would be created",
}
COLUMNS = ("rank", "domain", "reason", "chance")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(plan)


def plan(
    context: typer.Context,
    search: Annotated[str, typer.Argument(help="The search's name.")],
    *,
    country: Annotated[
        str | None,
        typer.Option(help="Of a search that asks country by country; by default the next one."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Show what the next task of a search would exclude: ranked, with reasons. Sends nothing."""
    session = session_of(context)
    limits = session.config.extruct
    with session.store() as store, store.reading(now=session.now()) as unit:
        row = unit.searches.get(search)
        if row is None:
            raise ProspectdError(
                f"There is no search {search!r} in the store. `prospectd searches list` shows them."
            )
        definition = definition_from_json(row.definition)
        segment = _segment(segment_facts(unit, row.id, definition), country)
        planned = plan_task(unit, row.id, definition, cap=limits.max_exclusions, segment=segment)
        onward = (
            find_continuation(unit, row.id, row.version, planned, segment=segment)
            if limits.continue_tasks
            else None
        )
        continues = None if onward is None else unit.tasks.get(onward.task_id).extruct_id
    if onward is not None:
        planned = onward.planned
    facts = {"country": segment or None, "continues": continues, **_facts(planned)}
    entries = [_told(entry) for entry in planned.plan.entries]
    if as_json:
        print_json({"search": search, **facts, "exclusions": entries})
        return
    print_rows(entries[:limit], COLUMNS, as_json=False, empty="There is nothing to exclude yet.")
    for name, value in facts.items():
        say(f"{name.replace('_', ' ')}: {_line(name, value)}")
    if not segment and planned.expected_misses > WORTH_DIVIDING * definition.desired_num_results:
        say(
            "The cap leaves out companies that are likely to come back and cost money. A query with"
            " {country}, and the search's countries, gives each country exclusions of its own."
        )


def _told(entry: Exclusion) -> dict[str, Any]:
    return {
        "rank": entry.rank,
        "domain": entry.domain,
        "reason": entry.reason.value,
        "chance": round(entry.score, 4),
    }


def _segment(segments: Sequence[SegmentFacts], country: str | None) -> str:
    if country is None:
        return next_share(1, segments)[0]
    known = {one.segment for one in segments} - {WHOLE}
    if country not in known:
        told = ", ".join(sorted(known)) or "it asks for all at once"
        raise ProspectdError(f"The search does not ask for {country!r} by itself: {told}.")
    return country


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


def _line(name: str, value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items()) or "none"
    if value is None:
        return _NONE[name]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)
