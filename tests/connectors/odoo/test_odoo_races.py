"""Eight replicas push one company in the same moment, interleaved in every way."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import httpx
import pytest

from connectors.odoo.harness import HOST, OdooHarness, OdooJson2Harness, OdooOrdinaryUserHarness
from connectors.odoo.simulator import OdooSimulator
from connectors.sdk.conformance.harness import Harness
from connectors.sdk.conformance.stage import Stage, company_item
from connectors.sdk.faults import Ambiguous
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.protocol import Connector, ConnectorContext
from connectors.sdk.simulator import LostConnection, SimulatorTransport
from tests.connectors.odoo.stages import new_stage, odoo_of

PUSHERS = 8
KINDS = (OdooHarness, OdooJson2Harness, OdooOrdinaryUserHarness)


class Crowd:
    """Odoo as rivals meet in it: whenever one is about to load, the next one pushes first.

    ``overlap`` tells whether the waiting transaction had begun before the others committed, so that
    it loses against them; ``lose`` whether its reply gets lost.
    """

    def __init__(
        self,
        odoo: OdooSimulator,
        *,
        overlap: Callable[[], bool],
        lose: Callable[[], bool] = lambda: False,
    ) -> None:
        self.odoo = odoo
        self.overlap = overlap
        self.lose = lose
        self.rivals: list[Callable[[], object]] = []
        self.loads = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as Odoo does, after the rivals had their turn."""
        if not is_load(request):
            return self.odoo.handle(request)
        self.loads += 1
        began = self.odoo.orm.tables.commits
        if self.rivals:
            self.rivals.pop()()
        if not self.overlap():
            began = self.odoo.orm.tables.commits
        with self.odoo.overlapping(began):
            response = self.odoo.handle(request)
        if self.lose():
            raise LostConnection(processed=True)
        return response


def is_load(request: httpx.Request) -> bool:
    """Whether this request creates contacts, on either interface."""
    return request.url.path.endswith("/load") or b'"load"' in request.content


def rival(stage: Stage, crowd: Crowd) -> Connector:
    """A replica of its own."""
    harness = stage.harness
    context = ConnectorContext(
        name="crm",
        secrets=harness.secrets,
        transport=SimulatorTransport({HOST: crowd}),
        clock=stage.clock,
        random=harness.random,
    )
    opened: Connector = harness.plugin.open(
        harness.plugin.options.model_validate(dict(harness.options)), context
    )
    return opened


def race(stage: Stage, crowd: Crowd, numbers: range) -> list[list[Outcome]]:
    """All push the same companies; gives everybody's outcomes."""
    told: list[list[Outcome]] = []

    def push(connector: Connector) -> None:
        items = [stage.sent(company_item(number)) for number in numbers]
        try:
            told.append(list(connector.push(items)))
        except Ambiguous as doubt:
            told.append([Outcome.unknown(doubt.message)] * len(items))

    rivals = [rival(stage, crowd) for _ in range(PUSHERS)]
    for connector in rivals:
        connector.ensure_schema()
    crowd.rivals = [partial(push, each) for each in rivals[1:]]
    push(rivals[0])
    for connector in rivals:
        connector.close()
    return told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("overlapping", [True, False])
def test_eight_at_once_make_one_record(
    stages: list[Stage], kind: type[Harness], *, overlapping: bool
) -> None:
    """Whether they overlap or queue up, there is one record and everybody names it."""
    stage = new_stage(stages, kind)
    crowd = Crowd(odoo_of(stage), overlap=lambda: overlapping)
    told = race(stage, crowd, range(1, 2))
    (held,) = stage.harness.live()
    assert len(told) == PUSHERS
    assert {outcome.record_id for (outcome,) in told} == {held.record_id}
    assert crowd.loads >= PUSHERS


def test_the_losers_of_a_race_are_told_that_it_existed(stage: Stage) -> None:
    """One creates; whom the database turned away looks again and finds the record."""
    told = race(stage, Crowd(odoo_of(stage), overlap=lambda: True), range(1, 2))
    kinds = sorted(outcome.kind.value for (outcome,) in told)
    assert kinds == ["created"] + ["existed"] * (PUSHERS - 1)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("kind", KINDS)
def test_batches_race_with_replies_lost(
    stages: list[Stage], kind: type[Harness], seed: int
) -> None:
    """Overlaps and lost replies by chance: one record each, and nobody names another one."""
    stage, dice = new_stage(stages, kind), Random(seed)
    crowd = Crowd(
        odoo_of(stage),
        overlap=lambda: dice.random() < 0.5,
        lose=lambda: dice.random() < 0.3,
    )
    items = [company_item(number) for number in range(4)]
    told = race(stage, crowd, range(4))
    held = {record.websites[0]: record.record_id for record in stage.harness.live()}
    assert len(held) == len(stage.harness.live()) <= len(items)
    for outcomes in told:
        for item, outcome in zip(items, outcomes, strict=True):
            assert outcome.kind is not OutcomeKind.REJECTED
            if outcome.record_id is not None:
                assert outcome.record_id == held[str(item.fields["website"])]
    crowd.lose = lambda: False
    last: Any = rival(stage, crowd)
    settled = last.push(items)
    assert [outcome.record_id for outcome in settled] == [
        record.record_id for item in items for record in stage.records_of(item)
    ]
