"""Faults for a connector whose CRM lives in the same process, where no network can break."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from connectors.sdk.clock import Clock
from connectors.sdk.faults import Ambiguous, NotProcessed, RateLimited
from connectors.sdk.simulator import FaultKind, Faults

T = TypeVar("T")


class Line(Protocol):
    """What stands between such a connector and its CRM: called around each operation."""

    def __call__(self, operation: str, arguments: object, do: Callable[[], T]) -> T:
        """Give what ``do`` gives, or disturb it."""
        ...


def undisturbed(operation: str, arguments: object, do: Callable[[], T]) -> T:  # noqa: ARG001 - a Line
    """The line where nothing goes wrong."""
    return do()


def call_with_fault(kind: FaultKind | None, operation: str, do: Callable[[], T]) -> T:
    """Carry out an operation, disturbed in this way, as a network would disturb it.

    Raises:
        RateLimited, NotProcessed: nothing was done, and one can tell.
        Ambiguous: the reply was lost, or the request was: one cannot tell which.
    """
    match kind:
        case FaultKind.RATE_LIMITED:
            raise RateLimited("rate_limited", f"{operation}: too many requests (injected)")
        case FaultKind.UNAVAILABLE:
            raise NotProcessed("unavailable", f"{operation}: not available (injected)")
        case FaultKind.DROPPED | FaultKind.HTML:
            raise Ambiguous("connection_lost", f"{operation}: connection lost (injected)")
    answer = do()
    if kind in {FaultKind.REPLY_LOST, FaultKind.FAILED_AFTER}:
        raise Ambiguous("reply_lost", f"{operation}: the reply was lost (injected)")
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyLine:
    """A line on which operations go wrong by chance."""

    faults: Faults
    clock: Clock

    def __call__(self, operation: str, arguments: object, do: Callable[[], T]) -> T:  # noqa: ARG002 - a Line
        """Give what ``do`` gives, unless a fault is drawn."""
        kind = self.faults.draw()
        if kind is FaultKind.SLOW:
            self.clock.sleep(self.faults.slow_seconds)
        return call_with_fault(kind, operation, do)
