"""``prospectd crm duplicates``, ``merge`` and ``dismiss``: what a CRM holds twice."""

import csv
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from daemon.cli.output import print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.errors import ProspectdError
from daemon.services.list_duplicates import list_duplicates
from daemon.services.merge_records import (
    MergeRecords,
    choose_survivor,
    dismiss_pair,
    find_pair,
)

COLUMNS = (
    "connector",
    "domain",
    "record_id",
    "name",
    "created_at",
    "ours",
    "pair",
    "state",
    "survivor_id",
    "rule",
)
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""
PairId = Annotated[int, typer.Argument(metavar="ID", help="The pair's number.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``prospectd crm``."""
    for command in (duplicates, merge, dismiss):
        app.command()(command)


def duplicates(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[CONNECTOR]")] = None,
    *,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV on stdout.")] = False,
) -> None:
    """List records of one CRM that share a domain, and the pairs that wait for a word."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        rows = list_duplicates(unit, connector=name)
    if as_csv:
        _print_csv(rows)
    else:
        print_rows(rows, COLUMNS, as_json=as_json, empty="No CRM holds a domain twice.")


def merge(
    context: typer.Context,
    pair: PairId,
    *,
    keep: Annotated[
        str | None, typer.Option(help="The record that survives; default: as proposed.")
    ] = None,
) -> None:
    """Merge a pair in the CRM. This cannot be undone."""
    session = session_of(context)
    with session.app() as wired:
        found = find_pair(wired.context, pair)
        target = wired.targets.get(found.connector)
        if target is None:
            raise ProspectdError(f"{found.connector} is not configured, or did not open.")
        if not target.connector.capabilities.can_merge:
            raise ProspectdError(
                f"{found.connector} offers programs no merging: merge {found.record_id} and "
                f"{found.other_id} there by hand. The next sweep sees it and closes the pair."
            )
        if keep is not None:
            found = choose_survivor(wired.context, found, keep, actor="person")
        done = MergeRecords(wired.context, target).merge(found, actor="person")
    say(f"Merged: {done.lost_id} went into {done.survivor_id}.")


def dismiss(context: typer.Context, pair: PairId) -> None:
    """Say that a pair is two companies: it is left alone from now on."""
    session = session_of(context)
    with session.app() as wired:
        done = dismiss_pair(wired.context, pair, actor="person")
    say(f"Left alone: {done.record_id} and {done.other_id}.")


def _print_csv(rows: Sequence[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[column]) for column in COLUMNS] for row in rows)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) else text
