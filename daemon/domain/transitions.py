"""State machines as data: where a state may go, and by which event."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class ForbiddenTransition(Exception):
    """An event that the state's row in the table does not know: a defect, never bad luck."""


@dataclass(frozen=True, slots=True)
class Machine(Generic[S, E]):
    """A transition table. ``initial`` are the states in which a row may be born."""

    name: str
    initial: frozenset[S]
    table: Mapping[tuple[S, E], S]

    def after(self, state: S, event: E) -> S:
        """The state that ``event`` leads to.

        Raises:
            ForbiddenTransition: the table has no such row.
        """
        try:
            return self.table[state, event]
        except KeyError:
            message = f"{self.name}: {event.value} does not happen to what is {state.value}"
            raise ForbiddenTransition(message) from None

    @property
    def states(self) -> frozenset[S]:
        """Every state there is."""
        return self.initial | {state for state, _ in self.table} | set(self.table.values())

    @property
    def terminal(self) -> frozenset[S]:
        """The states that nothing leads out of."""
        return self.states - {state for state, _ in self.table}
