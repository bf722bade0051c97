"""Sending in batches: halves, doubts and faults, whatever the vendor."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.batches import BatchRun, halves, outcomes_in_order
from connectors.sdk.faults import Ambiguous, Fault, NotProcessed, Permanent, RateLimited
from connectors.sdk.outcomes import Outcome, OutcomeKind

LATER = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Draft:
    """A company with nothing in it but its key."""

    key: str


@dataclass
class Vendor:
    """Refuses a batch with one of ``bad`` in it; the requests in ``faults`` (from 0) fail."""

    bad: frozenset[str] = frozenset()
    faults: dict[int, Fault] = field(default_factory=dict)
    batches: list[list[str]] = field(default_factory=list)
    run: BatchRun = field(default_factory=BatchRun)

    def push(self, keys: Sequence[str]) -> list[Outcome]:
        """The outcome of each."""
        self.run.send([Draft(key) for key in keys], insert=self._insert, read=self._read)
        return outcomes_in_order(keys, self.run.outcomes)

    def _insert(self, batch: Sequence[Draft]) -> bool:
        self.batches.append([draft.key for draft in batch])
        if fault := self.faults.get(len(self.batches) - 1):
            raise fault
        return not any(draft.key in self.bad for draft in batch)

    def _read(self, batch: Sequence[Draft], taken: bool) -> list[Sequence[Draft]]:
        if not taken and len(batch) > 1:
            return halves(batch)
        self.run.written |= taken
        for draft in batch:
            made = Outcome.created(f"id-{draft.key}") if taken else Outcome.rejected("bad")
            self.run.settle([draft], made)
        return []


@given(st.lists(st.integers(0, 40).map(str), unique=True), st.sets(st.integers(0, 40).map(str)))
def test_only_the_culprits_are_rejected(keys: list[str], bad: set[str]) -> None:
    """However many are refused, all others are made, each sent in one batch that is taken."""
    vendor = Vendor(bad=frozenset(bad))
    outcomes = vendor.push(keys)
    rejected = {key for key, one in zip(keys, outcomes, strict=True) if not one.record_id}
    assert rejected == bad & set(keys)
    taken = [key for batch in vendor.batches if not bad & set(batch) for key in batch]
    assert taken == [key for key in keys if key not in bad]


def test_nothing_is_sent_for_nobody() -> None:
    """A push of nothing sends nothing."""
    vendor = Vendor()
    assert vendor.push([]) == []
    assert vendor.batches == []


def test_a_doubt_is_not_sent_again() -> None:
    """A batch in doubt is unknown, and what waits behind it is sent all the same."""
    vendor = Vendor(bad=frozenset("a"), faults={1: Ambiguous("timeout", "no reply")})
    outcomes = vendor.push(["a", "b", "c", "d"])
    kinds = [one.kind for one in outcomes]
    assert kinds == [OutcomeKind.UNKNOWN] * 2 + [OutcomeKind.CREATED] * 2
    assert vendor.batches == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("fault", [NotProcessed("down", "down"), Permanent("refused", "no")])
def test_a_fault_before_anything_was_done_stands_for_all(fault: Fault) -> None:
    """Where nothing was carried out, the fault is raised, after a refused batch too."""
    with pytest.raises(type(fault)):
        Vendor(bad=frozenset("a"), faults={1: fault}).push(["a", "b", "c"])


@pytest.mark.parametrize(
    "first", [None, Ambiguous("timeout", "no reply")], ids=["written", "in doubt"]
)
def test_a_fault_after_something_was_done_leaves_the_rest_unsent(first: Fault | None) -> None:
    """No outcome is lost to a later fault: what waits is not sent, and says until when."""
    faults: dict[int, Fault] = {2: RateLimited("rate_limited", "too fast", until=LATER)}
    if first is not None:
        faults[1] = first
    vendor = Vendor(bad=frozenset("d"), faults=faults)
    outcomes = vendor.push(["a", "b", "c", "d"])
    expected = OutcomeKind.CREATED if first is None else OutcomeKind.UNKNOWN
    assert [one.kind for one in outcomes] == [expected] * 2 + [OutcomeKind.NOT_SENT] * 2
    assert [one.retry_at for one in outcomes] == [None, None, LATER, LATER]
    assert len(vendor.batches) == 3


def test_the_second_of_one_key_finds_the_first() -> None:
    """A company that comes twice in one push is made once, and told so once."""
    made, refused = Outcome.created("1"), Outcome.rejected("no")
    first, other, again = outcomes_in_order(["a", "b", "a"], {"a": made, "b": refused})
    assert (first, other) == (made, refused)
    assert (again.kind, again.record_id) == (OutcomeKind.EXISTED, "1")
