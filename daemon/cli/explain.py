"""``prospectd explain``: the whole story of one company."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from daemon.cli.output import print_json, say
from daemon.cli.searches import Json
from daemon.cli.session import session_of
from daemon.db.audit import moment_text
from daemon.services.explain import Explanation, explain_company

SECTIONS = (
    ("found", "found by"),
    ("excluded", "excluded from"),
    ("decided", "decided"),
    ("pushed", "pushed"),
    ("crm", "in the CRM"),
    ("pairs", "second records"),
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(explain)


def explain(
    context: typer.Context,
    company: Annotated[str, typer.Argument(help="Its website, in any spelling, or its key.")],
    *,
    as_json: Json = False,
) -> int:
    """Tell everything about one company: who found it, what was decided, and what was sent."""
    session = session_of(context)
    with session.store() as store, store.reading(now=session.now()) as unit:
        told = explain_company(unit, company)
    if as_json:
        print_json({**_plain(asdict(told)), "known": not told.is_empty})
    elif told.is_empty:
        say(f"{told.key}: nothing is known of it. No task found or excluded it, no CRM holds it.")
    else:
        for line in lines_of(told):
            say(line)
    return 1 if told.is_empty else 0


def lines_of(told: Explanation) -> list[str]:
    """The story for a person, a line a fact."""
    names = ", ".join(dict.fromkeys(row["name"] for row in told.company)) or "never found"
    lines = [f"{told.key} ({names})"]
    for section, title in SECTIONS:
        rows: Sequence[Mapping[str, Any]] = getattr(told, section)
        lines += [f"{title}: {_line(row)}" for row in rows] or [f"{title}: -"]
    if told.refused_as_exclusion:
        lines.append(f"the vendor refused it as an exclusion: {told.refused_as_exclusion}")
    return lines + [f"history: {_event(row)}" for row in told.history]


def _event(row: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in row.items() if key not in {"seq", "at", "event"}}
    requests = rest.pop("requests", ())
    rest.pop("subject", None)
    sent = "".join(f" [{one['method']} {one['path']} -> {one['status']}]" for one in requests)
    return f"{row['at'][:19]}Z {row['event']} {_line(rest)}{sent}"


def _line(row: Mapping[str, Any]) -> str:
    told = {key: value for key, value in _plain(row).items() if value not in (None, "", {}, [])}
    return ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_value(inner)}" for key, inner in value.items()) + ")"
    if isinstance(value, list):
        return " ".join(map(_value, value))
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
