"""``prospectd crm``: the mirrors of the CRMs."""

from typing import Annotated

import typer

from daemon.cli import duplicates
from daemon.cli.output import print_rows, progress_lines, say
from daemon.cli.run import check_secrets
from daemon.cli.searches import Json
from daemon.cli.session import Session, session_of
from daemon.errors import ProspectdError
from daemon.services.accept_shrink import accept_shrink
from daemon.services.guards import Target
from daemon.services.mirror_crm import MirrorCrm

app = typer.Typer(help="Mirrors of the CRMs.", no_args_is_help=True)
duplicates.register(app)
COLUMNS = (
    "connector",
    "records",
    "refreshed_at",
    "swept_at",
    "sweeping_since",
    "held",
    "paused_because",
)


@app.command()
def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Show how many records each mirror has, how fresh it is, and what holds it."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = unit.listings.crm()
    print_rows(rows, COLUMNS, as_json=as_json, empty="No CRM was mirrored yet.")


@app.command()
def sync(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[CONNECTOR]...")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="A full sweep, not only changes.")] = False,
) -> int:
    """Bring the mirrors up to date now."""
    session = session_of(context)
    check_secrets(session)
    failed = 0
    with session.app(upgrade=True) as wired:
        for target in _chosen(session, dict(wired.targets), names or []):
            mirror = MirrorCrm(
                wired.context, target.connector, name=target.name, options=target.options
            )
            failed += _sync_one(mirror, target.name, full=full)
    return 1 if failed else 0


@app.command()
def accept(context: typer.Context, name: str) -> None:
    """Believe the next sweep of this CRM, however many records are gone."""
    session = session_of(context)
    with session.app() as wired:
        accept_shrink(wired.context, name)
    say(f"The next sweep of {name} will be believed.")


def _chosen(session: Session, targets: dict[str, Target], names: list[str]) -> list[Target]:
    unknown = [name for name in names if name not in session.config.connectors]
    if unknown:
        raise typer.BadParameter(f"no connector is called {', '.join(unknown)}")
    return [target for name, target in targets.items() if not names or name in names]


def _sync_one(mirror: MirrorCrm, name: str, *, full: bool) -> int:
    records = new = changed = gone = 0
    with progress_lines() as progress:
        result = mirror.run_once(changes_now=True, sweep_now=full)
        while True:
            records += result.records
            new, changed, gone = new + result.new, changed + result.changed, gone + result.gone
            progress.show(f"{name} records", records)
            if not result.more:
                break
            result = mirror.run_once()
    if result.fault is not None:
        raise ProspectdError(f"{name}: {result.fault.message}")
    say(f"{name}: {records} read, {new} new, {changed} changed, {gone} gone.")
    return 0
