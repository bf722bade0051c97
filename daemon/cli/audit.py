"""``prospectd audit``: the log of every decision."""

from dataclasses import asdict
from typing import Annotated

import typer

from daemon.cli.output import print_json, print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.db.audit_chain import ChainReport, verify_chain

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


@app.command()
def verify(context: typer.Context, *, as_json: Json = False) -> int:
    """Check that no row was edited, deleted or moved; exit code 1 where one was."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        report = verify_chain(unit.connection)
    if as_json:
        print_json({"whole": report.broken is None, **asdict(report)})
    else:
        say(_told(report))
    return 0 if report.broken is None else 1


def _told(report: ChainReport) -> str:
    if report.broken is not None:
        return (
            f"The audit log is not as it was written, from row {report.broken.seq} on "
            f"({report.broken.kind.value}): {report.broken.text}. Rows before it are in order. "
            "Compare with a backup, or with the JSON lines of [audit] file."
        )
    pruned = f"; rows up to {report.pruned} were pruned by age" if report.pruned else ""
    return (
        f"The audit log is whole: {report.rows} rows, {report.first} to {report.last}{pruned}. "
        f"Hash of the last row: {report.hash}. Noted elsewhere, it proves later that nobody "
        "wrote the log anew."
    )
