"""A person says that the records which a sweep missed are really gone."""

from daemon.errors import ProspectdError
from daemon.services.context import ServiceContext


def accept_shrink(context: ServiceContext, connector: str) -> None:
    """Let the next sweep of a held mirror be believed, and have it soon.

    Raises:
        ProspectdError: nothing holds this mirror.
    """
    with context.store.transaction("mirror.accepted", now=context.now(), actor="person") as unit:
        mirror = unit.mirror.get(connector)
        if not mirror.held:
            raise ProspectdError(f"Nothing holds the mirror of {connector}; nothing was changed.")
        unit.mirror.set(connector, accepted_shrink=1, swept_at=None)
        unit.audit.write("mirror.accepted", subject=connector, was_held_for=mirror.held)
