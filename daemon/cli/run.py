"""``prospectd run``: the daemon in the foreground, or one whole pass."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Annotated

import typer

from connectors.sdk.clock import SystemClock
from daemon.ahead import read_ahead
from daemon.bootstrap import Surroundings
from daemon.cli.dry_run import tell_dry_run
from daemon.cli.output import complain, print_json, progress_lines, say
from daemon.cli.session import Session, session_of
from daemon.clock import StoppableClock
from daemon.config.problems import ConfigProblems
from daemon.config.secrets import known_secrets, missing_secrets
from daemon.db.exclusive import exclusive_use
from daemon.db.overview import WorkLeft
from daemon.lifecycle import Daemon, Sources
from daemon.once import OncePass, OnceResult
from daemon.telemetry import Telemetry


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(run)


def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SEARCH", help="Only these searches.")
    ] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="One whole pass, then exit.")] = False,
    now: Annotated[
        bool, typer.Option("--now", help="With --once: start every active search now.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --once: tell what would be done; do nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --once: the result as JSON.")
    ] = False,
) -> int:
    """Run the daemon in the foreground, or one pass with --once."""
    session = session_of(context)
    if not once and (names or now or dry_run or as_json):
        raise typer.BadParameter("SEARCH, --now, --dry-run and --json go with --once")
    check_secrets(session)
    _check_names(session, names or [])
    if dry_run:
        return tell_dry_run(session, names or [], now=now, as_json=as_json)
    return _once(session, names or [], now=now, as_json=as_json) if once else _daemon(session)


def check_secrets(session: Session) -> None:
    """Refuse to start without a secret that the configuration names.

    Raises:
        ConfigProblems: with every secret that is missing.
    """
    missing = missing_secrets(session.config, session.env, session.plugins)
    if missing:
        raise ConfigProblems(missing)


def _check_names(session: Session, names: list[str]) -> None:
    unknown = [name for name in names if name not in session.config.searches]
    if unknown:
        known = ", ".join(sorted(session.config.searches)) or "none"
        raise typer.BadParameter(
            f"no search is called {', '.join(unknown)}; the configuration has: {known}"
        )


def telemetry_of(session: Session, *, quiet_stdout: bool = False) -> Telemetry:
    """Logging and metrics for this process, with every known secret kept out of them.

    ``quiet_stdout`` leaves stdout to the command's own answer: the log goes to stderr.
    """
    secrets = known_secrets(session.config, session.env, session.plugins)
    stream = sys.stderr if quiet_stdout else None
    return Telemetry(session.config, secrets, SystemClock(), stream=stream)


def _daemon(session: Session) -> int:
    sources = Sources(load=session.load, registry=session.registry, env=session.env)
    return Daemon(sources, telemetry_of(session)).run(session.config)


def _once(session: Session, names: list[str], *, now: bool, as_json: bool) -> int:
    telemetry = telemetry_of(session, quiet_stdout=as_json)
    stop = threading.Event()
    around = Surroundings(
        env=session.env,
        clock=StoppableClock(stop),
        emit=telemetry.emit,
        observe=telemetry.observe,
        stopping=stop.is_set,
        ahead=read_ahead,
    )
    with (
        stopped_by_signal(stop),
        session.app(around, upgrade=True) as app,
        exclusive_use(app.store.engine),
        progress_lines() as progress,
    ):

        def watch(left: WorkLeft) -> None:
            progress.show("tasks running", left.tasks)
            progress.show("results to match", left.to_match)
            progress.show("pushes to send", left.pushes)

        result = OncePass(app, watch=watch).run(names, now=now)
        closed = [f"{one.name} was not opened: {one.reason}" for one in app.closed_targets]
    telemetry.close()
    result = replace(result, problems=(*closed, *result.problems))
    return report(result, as_json=as_json)


@contextmanager
def stopped_by_signal(stop: threading.Event) -> Iterator[None]:
    """Set ``stop`` at SIGTERM or SIGINT: what is in flight finishes, and the rest is left."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = {one: signal.signal(one, on_signal) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def report(result: OnceResult, *, as_json: bool) -> int:
    """Say how the pass ended; gives the exit code."""
    if as_json:
        print_json(
            {
                "started": list(result.due),
                "problems": list(result.problems),
                "left": {
                    "slots": result.left.slots,
                    "tasks": result.left.tasks,
                    "results": result.left.to_match,
                    "pushes": result.left.pushes,
                },
            }
        )
    else:
        started = ", ".join(result.due) or "nothing was due"
        rest = "nothing is left" if result.left.is_idle else "the rest is left for the next run"
        say(f"Started: {started}; {rest}.")
    for problem in result.problems:
        complain(problem)
    return 1 if result.problems else 0
