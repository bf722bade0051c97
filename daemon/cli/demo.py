"""``prospectd demo``: the whole job against a local Extruct and a local HubSpot, in a minute."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from connectors.sdk.clock import SystemClock
from daemon.bootstrap import Surroundings
from daemon.cli.output import ProgressLines, complain, print_json, print_table, progress_lines
from daemon.cli.session import Session
from daemon.db.overview import WorkLeft
from daemon.domain.hostnames import domain_keys
from daemon.once import OncePass, OnceResult
from daemon.summary import Summary, summarise


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(demo)


def demo(
    *,
    faults: Annotated[
        float, typer.Option(min=0, max=1, help="Share of requests that go wrong.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 7,
    crm: Annotated[int, typer.Option(min=0, help="How many records HubSpot holds.")] = 3_000,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> int:
    """Do the whole job on the bundled campaigns against a sandbox, and sum it up."""
    from daemon.sandbox.launch import (  # noqa: PLC0415 - the daemon does without a sandbox
        Sandbox,
        SandboxOptions,
    )

    options = SandboxOptions(
        seed=seed, faults=faults, crm=crm, task_seconds=6, index_lag=0.5, slow_seconds=0.2
    )
    with _session() as session, Sandbox(options) as sandbox:
        session.env = {**session.env, **_addresses(sandbox.describe())}
        complain(f"A local Extruct and a local HubSpot with {crm} companies are up.")
        with progress_lines() as progress:
            first, after_first = _pass(session, progress, "first run")
            again, summary = _pass(session, progress, "second run")
        held = _held_twice(sandbox.simulators.hubspot.companies())
    problems = (*first.problems, *again.problems)
    for problem in problems:
        complain(problem)
    facts = {
        **summary.as_dict(),
        "known_first_run": after_first.known,
        "known_second_run": summary.known - after_first.known,
        "held_twice_by_us": held,
    }
    if as_json:
        print_json(facts)
    else:
        _print(facts)
    return 1 if held or problems else 0


@contextmanager
def _session() -> Iterator[Session]:
    bundled = files("daemon.sandbox") / "campaigns" / "demo.toml"
    with as_file(bundled) as path, TemporaryDirectory(prefix="prospectd-demo-") as folder:
        store = f"sqlite:///{Path(folder) / 'demo.db'}"
        kept = {name: value for name, value in os.environ.items() if "PROSPECTD" not in name}
        yield Session(path, {**kept, "PROSPECTD_STORE__URL": store})


def _addresses(sandbox: Mapping[str, Any]) -> dict[str, str]:
    return {
        "PROSPECTD_EXTRUCT__BASE_URL": sandbox["extruct"]["url"],
        "PROSPECTD_CONNECTORS__CRM__BASE_URL": sandbox["hubspot"]["url"],
        "EXTRUCT_API_TOKEN": sandbox["extruct"]["token"],
        "HUBSPOT_TOKEN": sandbox["hubspot"]["token"],
    }


def _pass(session: Session, progress: ProgressLines, title: str) -> tuple[OnceResult, Summary]:
    around = Surroundings(env=session.env, clock=SystemClock())
    with session.app(around, upgrade=True) as app:

        def watch(left: WorkLeft) -> None:
            with app.store.reading(now=session.now()) as unit:
                found = unit.summary.found()
            progress.show(f"{title}: results found", found)
            progress.show(f"{title}: companies to push", left.pushes)

        result = OncePass(app, watch=watch).run(now=True)
        with app.store.reading(now=session.now()) as unit:
            return result, summarise(unit)


def _held_twice(records: list[dict[str, Any]]) -> int:
    """How many domains that we have pushed more than one record of the CRM has."""
    holders: Counter[str] = Counter()
    ours: set[str] = set()
    for record in records:
        properties = record["properties"]
        texts = [properties.get("domain"), properties.get("website")]
        texts += (properties.get("hs_additional_domains") or "").split(";")
        keys = domain_keys([text for text in texts if text])
        holders.update(keys)
        if properties.get("prospectd_key"):
            ours.update(keys)
    return sum(1 for key in ours if holders[key] > 1)


LINES = (
    ("found", "companies found by Extruct"),
    ("known_first_run", "of the first run's were in the CRM already: kept out"),
    ("known_second_run", "of the second run's, after it had learned what to exclude"),
    ("seen_twice", "found by more than one search: pushed once"),
    ("below", "below the thresholds"),
    ("held", "held for a person"),
    ("pushed", "new companies pushed to the CRM"),
    ("held_twice_by_us", "companies that the CRM now holds twice through us"),
    ("duplicates_prevented", "duplicates prevented"),
    ("exclusions_sent", "known domains sent as exclusions"),
    ("credits_saved", "credits saved by them, at the least"),
    ("audit_rows", "decisions and requests in the audit log"),
)


def _print(facts: Mapping[str, Any]) -> None:
    print_table(
        [[f"{facts[name]:>6}", text] for name, text in LINES], title="What happened, in two runs"
    )
