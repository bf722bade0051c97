"""``prospectd searches``: list, pause, resume, run now."""

from typing import Annotated

import typer

from daemon.cli.output import print_rows, say
from daemon.cli.session import session_of
from daemon.errors import ProspectdError
from daemon.services.load_campaigns import pause_search
from daemon.services.schedule_slots import schedule_now

app = typer.Typer(help="Saved searches.", invoke_without_command=True)
COLUMNS = ("name", "state", "schedule", "push", "last_due_at", "slot_state", "results", "held")
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.callback()
def list_searches(context: typer.Context, *, as_json: Json = False) -> None:
    """List every search, its schedule, its latest slot and how much it has found."""
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.searches()
    print_rows(rows, COLUMNS, as_json=as_json, empty="No search was loaded yet.")


@app.command()
def pause(context: typer.Context, name: str) -> None:
    """Start nothing for this search until it is resumed."""
    _set_paused(context, name, paused=True)


@app.command()
def resume(context: typer.Context, name: str) -> None:
    """Let this search's schedule count again."""
    _set_paused(context, name, paused=False)


@app.command("run")
def run_now(context: typer.Context, name: str) -> None:
    """Make this search due now; a running daemon starts it within seconds."""
    with session_of(context).context() as service:
        with service.store.reading(now=service.now()) as unit:
            row = unit.searches.get(name)
        if row is None or row.retired:
            raise ProspectdError(_unknown(name) if row is None else _retired(name))
        made = schedule_now(service, [name])
    say(f"{name} is due now." if made.due else f"{name} is at work already.")


def _set_paused(context: typer.Context, name: str, *, paused: bool) -> None:
    with session_of(context).context() as service:
        if not pause_search(service, name, paused=paused, actor="person"):
            raise ProspectdError(_unknown(name))
    say(f"{name} is {'paused' if paused else 'active'}.")


def _unknown(name: str) -> str:
    return f"No search is called {name}. `prospectd searches` lists them all."


def _retired(name: str) -> str:
    return f"{name} is retired: the configuration has it no more. Add it again to run it."
