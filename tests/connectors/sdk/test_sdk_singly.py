"""Pushing one by one: what a fault and a doubt mean for the others."""

from datetime import UTC, datetime

import pytest

from connectors.sdk.faults import Ambiguous, Fault, NotProcessed, Permanent, QuotaExhausted
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CompanyRef, PushItem
from connectors.sdk.singly import push_singly

LATER = datetime(2026, 11, 21, 12, tzinfo=UTC)
ITEMS = [
    PushItem(trace_id=name, company=CompanyRef(key=name, domain=None, name=name)) for name in "abc"
]


def push(faults: dict[str, Fault]) -> tuple[list[Outcome], list[str]]:
    """The outcomes, and which companies were tried."""
    tried: list[str] = []

    def push_one(item: PushItem) -> Outcome:
        tried.append(item.trace_id)
        if fault := faults.get(item.trace_id):
            raise fault
        return Outcome.created(item.trace_id)

    return push_singly(ITEMS, push_one), tried


def test_each_has_its_own_outcome() -> None:
    """Without a fault each company is pushed once, in order."""
    outcomes, tried = push({})
    assert [one.record_id for one in outcomes] == tried == ["a", "b", "c"]


def test_a_doubt_is_about_one_company() -> None:
    """The others are pushed all the same, even where the first is in doubt."""
    outcomes, tried = push({"a": Ambiguous("timeout", "no reply")})
    assert [one.kind for one in outcomes] == [OutcomeKind.UNKNOWN] + [OutcomeKind.CREATED] * 2
    assert tried == ["a", "b", "c"]


@pytest.mark.parametrize("kind", [NotProcessed, Permanent])
def test_a_fault_with_the_first_is_raised(kind: type[Fault]) -> None:
    """Nothing was sent: the fault stands for all."""
    with pytest.raises(kind):
        push({"a": kind("no", "no")})


@pytest.mark.parametrize(
    ("fault", "until"),
    [
        (QuotaExhausted("quota", "used up", until=LATER), LATER),
        (Permanent("refused", "no"), None),
    ],
)
def test_a_later_fault_loses_no_outcome(fault: Fault, until: datetime | None) -> None:
    """What was done is told, and nothing more is sent."""
    outcomes, tried = push({"b": fault})
    assert [one.kind for one in outcomes] == [OutcomeKind.CREATED] + [OutcomeKind.NOT_SENT] * 2
    assert [one.retry_at for one in outcomes] == [None, until, until]
    assert {one.reason for one in outcomes[1:]} == {fault.message}
    assert tried == ["a", "b"]
