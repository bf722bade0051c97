"""What the daemon does with a connector's outcomes, for tests of bad lines and of rivals."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from connectors.sdk.faults import Fault
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.protocol import Connector
from connectors.sdk.records import PushItem

_ROUNDS = 200


@dataclass
class Delivery:
    """What the daemon does with outcomes: resolve the unknown, send again what is not there."""

    crm: Connector
    items: Sequence[PushItem]
    waiting: list[PushItem] = field(init=False)
    doubtful: list[PushItem] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = list(self.items)

    def run(self) -> dict[str, str]:
        """Go on until each company has a record; gives the records' ids by key."""
        for _ in range(_ROUNDS):
            try:
                self._resolve()
                self._push()
            except Fault as fault:
                self.faults.append(fault)
            if not self.waiting and not self.doubtful:
                return self.ids
        pytest.fail(f"not done after {_ROUNDS} rounds")

    def _resolve(self) -> None:
        answers = self.crm.resolve(self.doubtful)
        for item, answer in zip(self.doubtful, answers, strict=True):
            if answer.kind is ResolutionKind.FOUND:
                self.ids[item.company.key] = str(answer.record_id)
            else:
                self.waiting.append(item)
        self.doubtful = []

    def _push(self) -> None:
        outcomes = self.crm.push(self.waiting)
        sent, self.waiting = self.waiting, []
        for item, outcome in zip(sent, outcomes, strict=True):
            match outcome.kind:
                case OutcomeKind.CREATED | OutcomeKind.EXISTED:
                    self.ids[item.company.key] = str(outcome.record_id)
                case OutcomeKind.UNKNOWN:
                    self.doubtful.append(item)
                case OutcomeKind.NOT_SENT:
                    self.waiting.append(item)
                case OutcomeKind.REJECTED:
                    pytest.fail(f"{item.company.key} was rejected: {outcome.reason}")
