"""The command line: one file a group of commands; thin."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli import (
    audit,
    check,
    companies,
    connectors,
    crm,
    demo,
    explain,
    plan,
    pushes,
    run,
    sandbox,
    searches,
    spend,
    status,
    tasks,
    verdict,
)
from daemon.cli import db as store
from daemon.cli.session import Session


def end(code: int | None, **_: object) -> None:
    """What a command gives is the exit code."""
    raise typer.Exit(code or 0)


app = typer.Typer(
    name="prospectd",
    result_callback=end,
    help="Keeps a CRM supplied with new companies from Extruct Deep Search: each once, none twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (run, check, companies, explain, plan, spend, verdict, status, sandbox, demo):
    group.register(app)
for name, module in (
    ("searches", searches),
    ("tasks", tasks),
    ("pushes", pushes),
    ("crm", crm),
    ("connectors", connectors),
    ("audit", audit),
    ("db", store),
):
    app.add_typer(module.app, name=name)


def tell_version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        typer.echo(f"prospectd {version('prospectd')}")
        raise typer.Exit


@app.callback()
def begin(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option("-c", "--config", envvar="PROSPECTD_CONFIG", help="The configuration file."),
    ] = Path("config.toml"),
    _version: Annotated[
        bool,
        typer.Option("--version", callback=tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Keep a CRM supplied with new companies: each once, none twice."""
    context.obj = Session(config)
