"""Everything that a daemon asks of a connector, once, and what it got."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.sdk.capabilities import Incremental
from connectors.sdk.conformance.mirror import read_changes, read_scan
from connectors.sdk.conformance.stage import Opened, Stage, company_item
from connectors.sdk.faults import Fault


@dataclass(slots=True)
class Journal:
    """What each step of a tour gave: a text of its result, or its fault."""

    results: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)

    def note(self, step: str, act: Callable[[], object]) -> None:
        """Take a step and keep what it gives."""
        try:
            self.results[step] = repr(act())
        except Fault as fault:
            self.faults[step] = fault


def tour(stage: Stage, opened: Opened) -> Journal:
    """Take every step of the contract that the capabilities allow, whatever the others gave."""
    connector, known = opened.connector, opened.capabilities
    items = [stage.sent(company_item(number)) for number in range(min(2, known.batch_size))]
    moment = stage.clock.now()
    journal = Journal()
    journal.note("probe", connector.probe)
    journal.note("ensure_schema", connector.ensure_schema)
    if known.pushes:
        journal.note("push", lambda: connector.push(items))
        stage.settle(opened)
        journal.note("resolve", lambda: connector.resolve(items))
        journal.note("push again", lambda: connector.push(items))
        stage.settle(opened)
    if known.mirrors:
        journal.note("scan", lambda: read_scan(opened))
        companies = [item.company for item in items]
        journal.note("lookup", lambda: connector.lookup(companies))
        journal.note("read", lambda: connector.read(sorted(stage.live_ids())))
        if known.incremental is not Incremental.NONE:
            journal.note("changes", lambda: read_changes(opened, connector.changes_from(moment)))
    return journal
