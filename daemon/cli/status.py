"""``prospectd status``: what moves, what waits, what is held, on one screen."""

from typing import Any

import typer

from daemon.cli.output import print_json, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.db.audit import moment_text
from daemon.db.store import Transaction


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(status)


def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Show what moves, what waits and what is held."""
    session = session_of(context)
    now = session.now()
    with session.store() as store, store.reading(now=now) as unit:
        facts = _facts(unit, unit.overview.work_left(now=now))
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        say(f"{name.replace('_', ' ')}: {_line(value)}")


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {key}" for key, number in value.items()) or "none"
    if isinstance(value, list):
        return (
            "; ".join(" - ".join(map(str, filter(None, one.values()))) for one in value) or "none"
        )
    return str(value)


def _facts(unit: Transaction, left: Any) -> dict[str, Any]:
    pushes: dict[str, int] = {}
    for (_, state), number in unit.pushes.count_by_state().items():
        pushes[state] = pushes.get(state, 0) + number
    return {
        "slots_at_work": left.slots,
        "tasks": unit.tasks.count_by_state(),
        "results_to_match": left.to_match,
        "pushes": pushes,
        "held_pushes": unit.pushes.held_by_reason(),
        "held_slots": [
            {"search": slot.search, "code": slot.code, "text": slot.text}
            for slot in left.held_slots
        ],
        "blocked_pushes": [
            {"connector": one.name, "code": one.code, "text": one.text} for one in left.blocked
        ],
        "paused_vendors": [
            {
                "name": vendor.name,
                "code": vendor.code,
                "until": moment_text(vendor.until),
                "reason": vendor.reason,
            }
            for vendor in left.paused
        ],
    }
