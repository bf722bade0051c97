"""``prospectd check``: is the configuration right, and (``--online``) do the vendors agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from connectors.sdk.faults import Fault
from connectors.sdk.protocol import Finding, Level
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app, open_store
from daemon.cli.output import complain, print_json, say
from daemon.cli.searches import Json
from daemon.cli.session import Session, session_of
from daemon.config.secrets import missing_secrets
from daemon.db import schema
from daemon.db.engine import open_engine
from daemon.db.store import Store
from daemon.domain.cadence import explain_cadence, parse_cadence
from daemon.errors import StoreUnavailable

MARKS = {Level.OK: "ok", Level.WARNING: "warning"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(check)


def check(
    context: typer.Context,
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the vendors; changes nothing.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Check the configuration, the secrets and, with --online, what the vendors say."""
    session = session_of(context)
    findings = [("config", finding) for finding in _offline(session)]
    missing = missing_secrets(session.config, session.env, session.plugins)
    if online and not missing:
        findings.append(("store", _store(session)))
        with _wired(session) as wired:
            findings += list(_online(session, wired))
    if as_json:
        print_json([_row(place, finding) for place, finding in findings])
    for place, finding in findings:
        remedy = f" ({finding.remedy})" if finding.remedy else ""
        if finding.level is Level.PROBLEM:
            complain(f"{place}: {finding.text}{remedy}")
        elif not as_json:
            say(f"{MARKS[finding.level]:8} {place}: {finding.text}{remedy}")
    if missing:
        return 2
    return 1 if any(finding.level is Level.PROBLEM for _, finding in findings) else 0


@contextmanager
def _wired(session: Session) -> Iterator[App]:
    """The program on an empty store of its own: whoever only asks changes nothing."""
    store = Store(open_engine("sqlite://"))
    around = Surroundings(env=session.env)
    app = build_app(session.config, session.plugins, around, store=store)
    try:
        yield app
    finally:
        app.close()


def _store(session: Session) -> Finding:
    store = open_store(session.config, Surroundings(env=session.env))
    try:
        current = schema.current_revision(store.engine)
    except StoreUnavailable as error:
        return Finding(level=Level.PROBLEM, text=str(error))
    finally:
        store.close()
    newest = schema.newest_revision()
    if current is not None and current not in schema.known_revisions():
        text = f"it has schema {current}, written by a newer prospectd"
        return Finding(level=Level.PROBLEM, text=text)
    if current == newest:
        return Finding(level=Level.OK, text=f"reachable, with schema {newest}")
    have = "no tables yet" if current is None else f"schema {current}"
    text = f"reachable, with {have}; the daemon brings it to {newest} when it starts"
    return Finding(level=Level.OK, text=text)


def _offline(session: Session) -> Iterator[Finding]:
    config = session.config
    files = ", ".join(str(path) for path in config.files)
    yield Finding(level=Level.OK, text=f"{files}: {len(config.searches)} searches are in order")
    for name, search in config.searches.items():
        cadence = explain_cadence(parse_cadence(search.schedule, search.timezone))
        yield Finding(level=Level.OK, text=f"search {name}: {cadence}")
    for broken in session.registry.broken:
        yield Finding(level=Level.WARNING, text=f"plugin {broken.name}: {broken.reason}")
    for problem in missing_secrets(config, session.env, session.plugins):
        yield Finding(level=Level.PROBLEM, text=str(problem))


def _online(session: Session, wired: App) -> Iterator[tuple[str, Finding]]:
    yield "extruct", _account(wired)
    for closed in wired.closed_targets:
        yield closed.name, Finding(level=Level.PROBLEM, text=closed.reason)
    for name, target in wired.targets.items():
        try:
            yield from ((name, finding) for finding in target.connector.probe())
        except Fault as fault:
            yield name, Finding(level=Level.PROBLEM, text=fault.message)
        plugin = session.plugins[target.options.type]
        promise = plugin.guarantee
        for title, text in (
            ("unique key", promise.key),
            ("killed mid-write", promise.killed_mid_write),
            ("two replicas race", promise.replicas_race),
            ("a person races", promise.person_races),
            ("repaired", promise.repaired),
        ):
            yield name, Finding(level=Level.OK, text=f"{title}: {text}")


def _account(wired: App) -> Finding:
    try:
        account = wired.client.account()
    except Fault as fault:
        return Finding(level=Level.PROBLEM, text=fault.message)
    whose = account.organization_name or account.email or "an account without a name"
    return Finding(
        level=Level.OK, text=f"the token is good for {whose}; {account.available_credits} credits"
    )


def _row(place: str, finding: Finding) -> dict[str, Any]:
    return {
        "place": place,
        "level": finding.level.value,
        "text": finding.text,
        "remedy": finding.remedy,
    }
