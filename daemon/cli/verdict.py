"""``prospectd verdict``: a person says whether two companies are the same."""

from typing import Annotated

import typer

from daemon.cli.output import say
from daemon.cli.session import session_of
from daemon.domain.matching import Verdict
from daemon.services.give_verdict import give_verdict


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(verdict)


def verdict(
    context: typer.Context,
    said: Annotated[Verdict, typer.Argument(metavar="same|different")],
    one: Annotated[str, typer.Argument(help="A domain, or a key as `prospectd companies` shows.")],
    other: Annotated[str, typer.Argument(help="The other one's.")],
) -> None:
    """Remember that two companies are the same, or are not; it beats every rule."""
    session = session_of(context)
    with session.context() as service:
        first, second = give_verdict(service, said, one, other, actor="person")
    are = "are the same company" if said is Verdict.SAME else "are different companies"
    say(f"{first} and {second} {are} from now on.")
