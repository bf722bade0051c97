"""Sending companies in batches, of which a vendor may refuse one, or a whole one for one of them.

What is the same for each vendor is here: which batch goes next, that a doubt is never sent again,
and what a fault means for what is still waiting. How a reply reads is the connector's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from connectors.sdk.faults import Ambiguous, Fault
from connectors.sdk.outcomes import Outcome, OutcomeKind

T = TypeVar("T")
ReplyT = TypeVar("ReplyT")


class Keyed(Protocol):
    """A company about to be sent; ``key`` tells it from all others of this push."""

    @property
    def key(self) -> str:
        """The company's key, as the vendor compares keys."""
        ...


DraftT = TypeVar("DraftT", bound=Keyed)


@dataclass(slots=True)
class BatchRun:
    """What became of one call of ``push`` so far, by key."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    written: bool = False
    """Something was carried out, or may have been; a fault may no longer stand for all."""

    def settle(self, drafts: Iterable[Keyed], outcome: Outcome) -> None:
        """Note one outcome for all of these."""
        self.outcomes |= {draft.key: outcome for draft in drafts}

    def send(
        self,
        drafts: Sequence[DraftT],
        *,
        insert: Callable[[Sequence[DraftT]], ReplyT],
        read: Callable[[Sequence[DraftT], ReplyT], Iterable[Sequence[DraftT]]],
    ) -> None:
        """Send until every draft has an outcome.

        ``insert`` sends one batch. ``read`` notes what its reply tells (``written`` too) and gives
        the batches that are to be sent again, the last one first: smaller ones, or with less in
        them, so that there is an end.

        Raises:
            Fault: nothing was carried out for any draft.
        """
        waiting = [drafts] if drafts else []
        while waiting:
            batch = waiting.pop()
            try:
                reply = insert(batch)
            except Ambiguous as doubt:
                self.written = True
                self.settle(batch, Outcome.unknown(doubt.message))
            except Fault as fault:
                if not self.written:
                    raise
                for each in (batch, *waiting):
                    self.settle(each, Outcome.not_sent_after(fault))
                return
            else:
                waiting += read(batch, reply)


def halves(batch: Sequence[T]) -> list[Sequence[T]]:
    """A batch that was refused as a whole, for one of it: its halves, as ``read`` gives them."""
    middle = len(batch) // 2
    return [batch[middle:], batch[:middle]]


def outcomes_in_order(keys: Iterable[str], outcomes: Mapping[str, Outcome]) -> list[Outcome]:
    """The outcome of each key; where one comes again, it is there since the first."""
    told: set[str] = set()
    ordered = []
    for key in keys:
        outcome = outcomes[key]
        if key in told and outcome.kind is OutcomeKind.CREATED:
            outcome = Outcome.existed(outcome.record_id, reason="it was in this batch already")
        told.add(key)
        ordered.append(outcome)
    return ordered
