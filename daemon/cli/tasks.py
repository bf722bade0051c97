"""``prospectd tasks``: list, adopt."""

from typing import Annotated

import typer

from daemon.cli.output import print_rows, say
from daemon.cli.run import check_secrets
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.services.adopt_task import adopt_task

app = typer.Typer(help="Deep Search tasks.", invoke_without_command=True)
COLUMNS = (
    "id",
    "search",
    "wave",
    "country",
    "state",
    "desired",
    "counters",
    "extruct_id",
    "started_at",
    "error",
)


@app.callback()
def list_tasks(
    context: typer.Context,
    *,
    search: Annotated[str | None, typer.Option(help="Only of this search.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List tasks, the newest first."""
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.tasks(search=search, limit=limit)
    print_rows(rows, COLUMNS, as_json=as_json, empty="No task was started yet.")


@app.command()
def adopt(
    context: typer.Context,
    extruct_id: Annotated[str, typer.Argument(metavar="ID", help="The task's id at Extruct.")],
    *,
    search: Annotated[
        str | None, typer.Option(help="The search that it counts for; by default the one it asks.")
    ] = None,
) -> None:
    """Bring in a task that was made elsewhere; its results go the same way as all others."""
    session = session_of(context)
    check_secrets(session)
    with session.app() as wired:
        name = adopt_task(wired.context, wired.client, extruct_id, search=search)
    say(f"Task {extruct_id} now counts for {name}; its results come in as usual.")
