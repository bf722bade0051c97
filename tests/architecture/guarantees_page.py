"""The promises of ``docs/guarantees.md``, from the connectors and the tests that hold them.

``python -m tests.architecture.guarantees_page`` writes them into the page.
"""

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connectors.registry import load_plugins
from connectors.sdk.capabilities import Capabilities, Uniqueness
from connectors.sdk.conformance.laws import LAWS
from connectors.sdk.conformance.stage import play
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.sdk.conformance.verdict import DoesNotApply
from connectors.sdk.protocol import ConnectorPlugin
from tests.architecture.generated import DOCS, rewrite

PAGE = DOCS / "guarantees.md"
ROOT = DOCS.parent
FOR_TESTS_ONLY = frozenset({"hostile"})
STOPPED = {
    Uniqueness.ALL_WRITERS: "every writer, people too",
    Uniqueness.OWN_KEY: "every writer of our key",
    Uniqueness.NONE: "nobody",
}
SENTENCES = (
    ("Unique key", "key"),
    ("Killed mid-write", "killed_mid_write"),
    ("Two replicas race", "replicas_race"),
    ("A person races", "person_races"),
    ("Found and repaired", "repaired"),
)
HERE = "tests/guarantees/test_reconciliation.py::"
PEOPLE = "tests/guarantees/test_people.py::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A column of the table: the law that each connector is to keep in it.

    ``otherwise`` are tests of the daemon that hold where the law does not apply, the one for CRMs
    that can merge first.
    """

    title: str
    law: str
    otherwise: tuple[str, str] = ("", "")


SITUATIONS = (
    Situation(title="Reply lost, killed mid-write", law="a_lost_reply_makes_no_second_record"),
    Situation(title="Request lost", law="a_lost_request_loses_no_company"),
    Situation(
        title="Two replicas race",
        law="two_pushers_take_turns",
        otherwise=(f"{HERE}test_a_slow_sender_whose_lease_ran_out_sends_nothing",) * 2,
    ),
    Situation(
        title="A person races",
        law="a_person_is_not_doubled",
        otherwise=(
            f"{HERE}test_our_untouched_record_goes_into_the_one_of_the_person",
            f"{HERE}test_where_the_crm_cannot_merge_the_pair_waits_for_a_person",
        ),
    ),
    Situation(
        title="A person changed it",
        law="push_keeps_what_people_changed",
        otherwise=(f"{PEOPLE}test_what_a_person_changed_stays_as_it_is",) * 2,
    ),
    Situation(
        title="A person deleted it",
        law="push_leaves_deleted_companies_deleted",
        otherwise=(f"{PEOPLE}test_a_deleted_company_is_not_created_again",) * 2,
    ),
    Situation(
        title="A person merged it away",
        law="push_meets_merged_companies",
        otherwise=(f"{PEOPLE}test_a_company_that_was_merged_away_is_not_created_again",) * 2,
    ),
)

OWN = {
    ("hubspot", "A person races"): (
        "tests/guarantees/test_hubspot_twins.py::"
        "test_a_persons_twin_of_the_same_moment_becomes_the_one_record"
    ),
}
"""Tests of a situation that run the daemon against the connector's own simulator."""


def render() -> str:
    """The generated part of the page."""
    return "\n".join([*_promises(), *_table()])


def _plugins() -> dict[str, ConnectorPlugin[Any]]:
    found = load_plugins().plugins
    ours = {
        name: one for name, one in found.items() if one.open.__module__.startswith("connectors.")
    }
    return {name: ours[name] for name in sorted(ours) if name not in FOR_TESTS_ONLY}


def _promises() -> Iterator[str]:
    yield "## The promise for each CRM\n"
    for name, plugin in _plugins().items():
        facts = plugin.capabilities
        yield f"### {name}\n"
        yield "| | |\n|---|---|"
        yield f"| Its constraint stops | {STOPPED[facts.uniqueness]} |"
        for title, attribute in SENTENCES:
            yield f"| {title} | {_sentence(getattr(plugin.guarantee, attribute))} |"
        yield f"| Settling time | {_seconds(facts)} |"
        yield f"| Merges by program | {'yes' if facts.can_merge else 'no'} |\n"


def _sentence(text: str) -> str:
    whole = " ".join(text.split()).replace("|", "\\|")
    return f"{whole[0].upper()}{whole[1:]}{'' if whole.endswith('.') else '.'}"


def _seconds(facts: Capabilities) -> str:
    return f"{facts.settling.total_seconds():g} s"


def _table() -> Iterator[str]:
    yield "## The test behind each cell\n"
    yield (
        "The short names are laws of the conformance suite, which run against the connector over a "
        "simulator of its CRM; the others run the daemon's services against a CRM in memory of "
        "each kind. A dash: there is nothing to hold, and the promise above says so.\n"
    )
    for situation in SITUATIONS:
        yield f"### {situation.title}\n"
        yield "| CRM | Test |\n|---|---|"
        for name, plugin in _plugins().items():
            yield f"| {name} | {cell(name, plugin, situation)} |"
        yield ""


def cell(name: str, plugin: ConnectorPlugin[Any], situation: Situation) -> str:
    """The test that holds for this connector in this situation."""
    suite = suite_of(name)
    if keeps(name, situation.law):
        path = Path(inspect.getfile(suite)).relative_to(ROOT)
        return f"`{situation.law}` in `{path.as_posix()}::{suite.__name__}`"
    merging, other = situation.otherwise
    test = merging if plugin.capabilities.can_merge else other
    test = OWN.get((name, situation.title), test)
    return f"`{test}`" if test and plugin.capabilities.mirrors else "-"


@cache
def suite_of(name: str) -> type[ConformanceSuite]:
    """The connector's own run of the conformance suite, the first in its file."""
    module = importlib.import_module(f"tests.connectors.{name}.test_{name}_conformance")
    return next(
        one
        for one in vars(module).values()
        if inspect.isclass(one)
        and issubclass(one, ConformanceSuite)
        and one is not ConformanceSuite
    )


@cache
def keeps(name: str, law: str) -> bool:
    """Whether the law applies to the connector, and it keeps it."""
    suite = suite_of(name)
    if law in suite.waived:
        return False
    try:
        play(next(one for one in LAWS if one.__name__ == law), suite.harness)
    except DoesNotApply:
        return False
    return True


if __name__ == "__main__":
    rewrite(PAGE, render())
