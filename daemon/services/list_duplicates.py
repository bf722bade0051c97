"""What a CRM holds twice, by domain: from the mirror, with the pairs that are under review."""

from typing import Any

from daemon.db.audit import moment_text
from daemon.db.duplicates import DuplicateRow, SharedDomain
from daemon.db.store import Transaction
from daemon.domain.duplicate_states import DuplicateState

Row = dict[str, Any]
SHOWN = (DuplicateState.OPEN, DuplicateState.MERGING, DuplicateState.DISMISSED)


def list_duplicates(unit: Transaction, *, connector: str | None = None) -> list[Row]:
    """One row for each live record whose domain another live record of the same CRM has too."""
    pairs: dict[tuple[str, str, str], DuplicateRow] = {}
    for pair in unit.duplicates.all(connector=connector):
        if pair.state in SHOWN:
            for record_id in (pair.record_id, pair.other_id):
                pairs[pair.connector, pair.domain, record_id] = pair
    return [
        _row(shared, pairs.get((shared.connector, shared.domain, shared.record_id)))
        for shared in unit.duplicates.shared_domains(connector=connector)
    ]


def _row(shared: SharedDomain, pair: DuplicateRow | None) -> Row:
    created, modified = shared.created_at, shared.modified_at
    return {
        "connector": shared.connector,
        "domain": shared.domain,
        "record_id": shared.record_id,
        "name": shared.name,
        "created_at": None if created is None else moment_text(created),
        "modified_at": None if modified is None else moment_text(modified),
        "ours": shared.push_id is not None,
        "pair": None if pair is None else pair.id,
        "state": None if pair is None else pair.state.value,
        "survivor_id": None if pair is None else pair.survivor_id,
        "rule": None if pair is None else pair.rule,
    }
