"""``prospectd db``: the store's schema."""

import typer

from daemon.bootstrap import Surroundings, open_store
from daemon.cli.output import say
from daemon.cli.session import session_of
from daemon.db import schema

app = typer.Typer(help="The store's schema.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Change the store's schema."""


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store's schema up to date; replicas that do so together wait for each other."""
    session = session_of(context)
    store = open_store(session.config, Surroundings(env=session.env))
    try:
        before = schema.current_revision(store.engine)
        schema.upgrade(store.engine)
    finally:
        store.close()
    after = schema.newest_revision()
    say(
        f"The store has schema {after} already."
        if before == after
        else f"The store went from schema {before or 'none'} to {after}."
    )
