"""The one way in which a row changes its state: guarded by the state it is expected to have."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, update

from daemon.domain.transitions import Machine
from daemon.errors import StaleTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def move(
    connection: Connection,
    table: Table,
    machine: Machine[S, E],
    *,
    row_id: int,
    state: S,
    event: E,
    fence: dict[str, Any] | None = None,
    **values: Any,
) -> S:
    """Move a row to the state that ``event`` leads to, and set ``values`` with it.

    ``fence`` are further columns that must still be as the caller read them (the lease's owner and
    the attempt), so that one who lost its lease cannot finish what another has begun anew.

    Raises:
        StaleTransition: the row is no longer as the caller read it.
        ForbiddenTransition: the machine's table has no such step.
    """
    target = machine.after(state, event)
    query = update(table).where(table.c.id == row_id, table.c.state == state)
    for name, value in (fence or {}).items():
        query = query.where(table.c[name] == value)
    changed = connection.execute(query.values(state=target, **values))
    if changed.rowcount != 1:
        message = f"{machine.name} {row_id} is no longer {state.value}; somebody else moved it on"
        raise StaleTransition(message)
    return target


def lease(owner: str, until: datetime) -> dict[str, Any]:
    """The columns that say who works on a row, and until when."""
    return {"lease_owner": owner, "lease_until": until}


NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}
