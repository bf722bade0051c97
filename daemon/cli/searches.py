"""``prospectd searches``: list, pause, resume, run now."""

from typing import Annotated

import typer

from daemon.bootstrap import Surroundings
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
    session = session_of(context)
    with session.app(Surroundings(env=session.env)) as wired:
        made = schedule_now(wired.context, [name])
        with wired.store.reading(now=session.now()) as unit:
            known = unit.searches.get(name) is not None
    if not known:
        raise ProspectdError(f"No search is called {name}. `prospectd searches` lists them all.")
    say(f"{name} is due now." if made.due else f"{name} is at work already.")


def _set_paused(context: typer.Context, name: str, *, paused: bool) -> None:
    session = session_of(context)
    with session.app(Surroundings(env=session.env)) as wired:
        if not pause_search(wired.context, name, paused=paused, actor="person"):
            raise ProspectdError(
                f"No search is called {name}. `prospectd searches` lists them all."
            )
    say(f"{name} is {'paused' if paused else 'active'}.")
