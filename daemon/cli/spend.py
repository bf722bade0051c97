"""``prospectd spend``: what was paid for, and how much of it was of use."""

from typing import Annotated, Any

import typer

from daemon.cli.output import print_json, print_rows, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.services.report_spending import report_spending

COLUMNS = (
    "month",
    "search",
    "paid",
    "new",
    "below",
    "wasted",
    "why",
    "credits",
    "credits_per_new",
    "saved_results",
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(spend)


def spend(
    context: typer.Context,
    search: Annotated[str | None, typer.Argument(help="Only of this search.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show paid, new and wasted results by search and month, and what the exclusions saved."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        cost = unit.spending.cost_of_result()
        months = [dict(month.as_dict(cost)) for month in report_spending(unit, search=search)]
    facts: dict[str, Any] = {"credits_per_result": cost, "months": months}
    if as_json:
        print_json(facts)
        return
    print_rows(months, COLUMNS, as_json=False, empty="Nothing was paid for yet.")
    if months:
        learned = "not known yet" if cost is None else f"{cost:.2f} credits, learned from the tasks"
        say(f"A result costs: {learned}. What was saved is an estimate.")
