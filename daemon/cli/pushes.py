"""``prospectd pushes``: list the outbox; approve or decline what is held."""

from typing import Annotated

import typer

from daemon.cli.output import print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.domain.push_states import PushEvent, PushState
from daemon.services.review import review_pushes

app = typer.Typer(help="The outbox to the CRMs.", invoke_without_command=True)
COLUMNS = (
    "id",
    "connector",
    "key",
    "name",
    "search",
    "state",
    "hold_reason",
    "record_id",
    "reason",
)
Ids = Annotated[list[int], typer.Argument(metavar="ID", help="Numbers of pushes.")]


@app.callback()
def list_pushes(
    context: typer.Context,
    *,
    state: Annotated[PushState | None, typer.Option(help="Only in this state.")] = None,
    connector: Annotated[str | None, typer.Option(help="Only to this connector.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List pushes, the newest first."""
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.pushes(state=state, connector=connector, limit=limit)
    print_rows(rows, COLUMNS, as_json=as_json, empty="Nothing was pushed yet.")


@app.command()
def approve(context: typer.Context, ids: Ids) -> None:
    """Send what was held, rejected or declined."""
    _review(context, ids, PushEvent.APPROVED)


@app.command()
def decline(context: typer.Context, ids: Ids) -> None:
    """Never send what is held."""
    _review(context, ids, PushEvent.DECLINED)


def _review(context: typer.Context, ids: list[int], event: PushEvent) -> None:
    with session_of(context).context() as service:
        done = review_pushes(service, ids, event, actor="person")
    say(f"{len(done)} {event.value}.")
