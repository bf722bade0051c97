"""``prospectd companies``: what was found, and what was decided of it."""

from typing import Annotated

import typer

from daemon.cli.output import print_rows
from daemon.cli.searches import Json
from daemon.cli.session import session_of

COLUMNS = ("key", "name", "country", "search", "relevance", "connector", "decision", "rule", "push")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(companies)


def companies(
    context: typer.Context,
    *,
    search: Annotated[str | None, typer.Option(help="Only of this search.")] = None,
    decision: Annotated[str | None, typer.Option(help="Only with this decision.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List the companies that were found and what was decided of each, the newest first."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.companies(search=search, decision=decision, limit=limit)
    print_rows(rows, COLUMNS, as_json=as_json, empty="No company was found yet.")
