"""``prospectd crm``: the mirrors of the CRMs."""

from typing import Annotated

import typer

from daemon.app import App
from daemon.cli import duplicates
from daemon.cli.output import complain, print_rows, progress_lines, say
from daemon.cli.run import check_secrets
from daemon.cli.searches import Json
from daemon.cli.session import Session, session_of
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
    names: Annotated[list[str] | None, typer.Argument(metavar="CONNECTOR")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="A full sweep, not only changes.")] = False,
) -> int:
    """Bring the mirrors up to date now."""
    session = session_of(context)
    check_secrets(session)
    chosen = _chosen(session, names or [])
    with session.app(upgrade=True) as wired:
        closed = {one.name: one.reason for one in wired.closed_targets}
        failed = [
            problem
            for name in chosen
            if (problem := closed.get(name) or _sync_one(wired, wired.targets[name], full=full))
        ]
    for problem in failed:
        complain(problem)
    return 1 if failed else 0


@app.command()
def accept(context: typer.Context, name: str) -> None:
    """Believe the next sweep of this CRM, however many records are gone."""
    with session_of(context).context() as service:
        accept_shrink(service, name)
    say(f"The next sweep of {name} will be believed.")


def _chosen(session: Session, names: list[str]) -> list[str]:
    known = list(session.config.connectors)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise typer.BadParameter(
            f"no connector is called {', '.join(unknown)}; the configuration has: "
            f"{', '.join(known) or 'none'}"
        )
    return names or known


def _sync_one(wired: App, target: Target, *, full: bool) -> str:
    """Mirror one CRM; gives the sentence that says why not, or nothing."""
    name = target.name
    if not target.connector.capabilities.mirrors:
        say(f"{name}: it cannot be read, so there is nothing to mirror.")
        return ""
    mirror = MirrorCrm(wired.context, target.connector, name=name, options=target.options)
    pages = records = new = changed = gone = 0
    with progress_lines() as progress:
        result = mirror.run_once(changes_now=True, sweep_now=full)
        while True:
            pages, records = pages + result.pages, records + result.records
            new, changed, gone = new + result.new, changed + result.changed, gone + result.gone
            progress.show(f"{name} records", records)
            if not result.more:
                break
            result = mirror.run_once()
    if result.fault is not None:
        return f"{name}: {result.fault.message}"
    if not pages:
        return _left_alone(wired, name)
    say(f"{name}: {records} read, {new} new, {changed} changed, {gone} gone.")
    return ""


def _left_alone(wired: App, name: str) -> str:
    now = wired.context.now()
    with wired.store.reading(now=now) as unit:
        vendor = unit.vendors.get(name)
    if vendor.paused_until is not None and vendor.paused_until > now:
        until = f"{vendor.paused_until:%Y-%m-%d %H:%M} UTC"
        return f"{name} is left alone until {until}: {vendor.reason}"
    return f"{name} is being read by a running prospectd just now; nothing was done."
