"""Ask the store whether the mirrors of some connectors may be relied on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import Connector
from daemon.db.store import Transaction
from daemon.domain.guards import Blocked, MirrorFacts, check_mirror


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A connector that is open, with its options, under its name in ``config.toml``."""

    name: str
    connector: Connector
    options: ConnectorOptions


Targets = Mapping[str, Target]


def check_mirrors(
    unit: Transaction, targets: Targets, names: Sequence[str], *, now: datetime
) -> Blocked | None:
    """The first reason why one of these mirrors cannot be relied on, or None."""
    for name in names:
        target = targets.get(name)
        if target is None:
            text = f"{name}: the connector is not configured, or did not open"
            return Blocked(code="connector_missing", text=text)
        row = unit.mirror.get(name)
        facts = MirrorFacts(
            connector=name,
            swept_at=row.swept_at,
            refreshed_at=row.refreshed_at,
            held=row.held,
            reads=target.connector.capabilities.mirrors,
        )
        blocked = check_mirror(facts, max_age=target.options.mirror_max_age, now=now)
        if blocked is not None:
            return blocked
    return None
