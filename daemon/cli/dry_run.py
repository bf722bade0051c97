"""``prospectd run --once --dry-run``: everything but what changes something, on a copy."""

from collections.abc import Sequence
from typing import Any

from daemon.bootstrap import Surroundings, build_app, open_store
from daemon.cli.output import complain, print_json, say
from daemon.cli.session import Session
from daemon.db.copying import throwaway_copy
from daemon.preview import Preview, preview_pass


def tell_dry_run(session: Session, names: Sequence[str], *, now: bool, as_json: bool) -> int:
    """Say what a pass would start and push, with reasons; gives the exit code."""
    around = Surroundings(env=session.env)
    original = open_store(session.config, around)
    with throwaway_copy(original.engine) as copy:
        original.close()
        app = build_app(session.config, session.plugins, around, store=copy)
        app.load()
        preview = preview_pass(app, names, now=now)
        app.close()
    if as_json:
        print_json(preview.as_dict())
    else:
        _print(preview)
    for problem in preview.problems:
        complain(problem)
    return 1 if preview.problems else 0


def _print(preview: Preview) -> None:
    for start in preview.starts:
        reasons = ", ".join(f"{number} {reason}" for reason, number in start["reasons"].items())
        where = f" in {start['country']}" if start["country"] else ""
        _say(
            f"would start {start['search']}{where}: {start['desired']} results, "
            f"{start['exclusions']} domains excluded ({reasons or 'none'}), "
            f"{start['left_out']} more known ones left to the local filter"
        )
    for held in preview.held:
        _say(f"would not start {held['search']}: {held['text']}")
    for push in preview.pushes:
        _say(_push_line(push))
    if not (preview.starts or preview.held or preview.pushes):
        _say("Nothing is due and nothing waits to be pushed.")


def _push_line(push: dict[str, Any]) -> str:
    verdict = "would push" if push["would_push"] else "would not push"
    return f"{verdict} {push['company']} to {push['connector']}: {push['reason']}"


def _say(line: str) -> None:
    say(line)
