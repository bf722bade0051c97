"""``prospectd sandbox``: a local Extruct and a local HubSpot, for trying without spending."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(sandbox)


def sandbox(
    *,
    faults: Annotated[
        float, typer.Option(min=0, max=1, help="Share of requests that go wrong.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 7,
    companies: Annotated[int, typer.Option(min=1, help="How many can be found.")] = 2_000,
    crm: Annotated[int, typer.Option(min=0, help="How many records HubSpot holds.")] = 1_000,
    extruct_port: Annotated[int, typer.Option(min=0, max=65535, help="0: any.")] = 0,
    hubspot_port: Annotated[int, typer.Option(min=0, max=65535, help="0: any.")] = 0,
    task_seconds: Annotated[float, typer.Option(min=0, help="How long a search takes.")] = 20.0,
) -> None:
    """Serve a local Extruct and a local HubSpot until stopped; prints one JSON line when ready."""
    from daemon.sandbox.launch import (  # noqa: PLC0415 - the daemon does without a sandbox
        SandboxOptions,
        serve_sandbox,
    )

    serve_sandbox(
        SandboxOptions(
            faults=faults,
            seed=seed,
            companies=companies,
            crm=crm,
            extruct_port=extruct_port,
            hubspot_port=hubspot_port,
            task_seconds=task_seconds,
        )
    )
