"""``prospectd connectors``: which there are, what each promises, and a start for a new one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.skeleton import write_skeleton
from daemon.cli.output import complain, print_json, print_table, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of

app = typer.Typer(help="The connectors that are installed.", invoke_without_command=True)


@app.callback()
def list_connectors(context: typer.Context, *, as_json: Json = False) -> None:
    """List the connectors that are installed, with what each promises; needs no configuration."""
    if context.invoked_subcommand is not None:
        return
    registry = session_of(context).registry
    rows = [_row(plugin) for _, plugin in sorted(registry.plugins.items())]
    if as_json:
        broken = [{"name": one.name, "reason": one.reason} for one in registry.broken]
        print_json({"connectors": rows, "broken": broken})
        return
    print_table(
        [[row["name"], row["version"], row["guarantee"]["key"]] for row in rows],
        ("type", "version", "what makes a company unique there"),
    )
    for one in registry.broken:
        complain(f"{one.name} cannot be used: {one.reason}")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What `type` will be in config.toml.")],
    *,
    folder: Annotated[Path, typer.Option(help="Where the new package goes.")] = Path(),
) -> None:
    """Write the package of a new connector, which passes the conformance suite as it is."""
    try:
        written = write_skeleton(name, folder)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except FileExistsError as error:
        raise typer.BadParameter(f"{error.filename} is there already") from error
    for path in written:
        say(str(path))


def _row(plugin: ConnectorPlugin[Any]) -> dict[str, Any]:
    promise = plugin.guarantee
    return {
        "name": plugin.name,
        "version": plugin.version,
        "mirrors": plugin.capabilities.mirrors,
        "pushes": plugin.capabilities.pushes,
        "guarantee": {
            "key": promise.key,
            "killed_mid_write": promise.killed_mid_write,
            "replicas_race": promise.replicas_race,
            "person_races": promise.person_races,
            "repaired": promise.repaired,
        },
    }
