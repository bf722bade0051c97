"""When is a company made again that a person deleted: only where the options ask for it."""

from collections.abc import Iterable

from daemon.db.rows import HeldRecord, PushRow
from daemon.domain.push_states import PushState
from daemon.services.guards import Target

SETTLED = frozenset({PushState.CREATED, PushState.EXISTED})


def is_to_recreate(
    push: PushRow | None, target: Target | None, records: Iterable[HeldRecord]
) -> bool:
    """Whether a person deleted what the push had made or found, and it is to be made again.

    What was merged away is not: its company lives on in the record that survived.
    """
    if push is None or target is None or not target.options.recreate_deleted:
        return False
    gone = {one.record_id for one in records if one.deleted_at and not one.merged_into}
    return push.state in SETTLED and push.record_id in gone
