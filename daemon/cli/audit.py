"""``prospectd audit``: the log of every decision."""

from typing import Annotated

import typer

from daemon.cli.output import print_rows
from daemon.cli.searches import Json
from daemon.cli.session import session_of

app = typer.Typer(help="The log of every decision.", invoke_without_command=True)
COLUMNS = ("seq", "at", "event", "subject", "reason")


@app.callback()
def list_audit(
    context: typer.Context,
    *,
    event: Annotated[str | None, typer.Option(help="Only this event; `push.*` for a kind.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only this company, search or CRM.")] = None,
    after: Annotated[int | None, typer.Option(help="Only rows after this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Show the last rows of the audit log, or those after a number."""
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.audit(event=event, subject=subject, after=after, limit=limit)
    print_rows(rows, COLUMNS, as_json=as_json, empty="Nothing has happened yet.")
