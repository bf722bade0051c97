"""What the wizard "Merge contacts" does."""

from collections.abc import Sequence

from connectors.odoo.simulated.errors import user_error
from connectors.odoo.simulated.orm import Env, Orm
from connectors.odoo.simulated.schema import DATA, PARTNER

_MOST = 3
_KEPT = frozenset({"id", "create_date", "create_uid", "write_date", "write_uid"})


def merge_partners(orm: Orm, env: Env, ids: Sequence[int], destination_id: int | None) -> None:
    """Merge contacts: the destination keeps its values and takes what it lacks.

    External ids of the others point to the destination afterwards.

    Raises:
        OdooError: more than three, different e-mail addresses, or no right.
    """
    rows = orm.existing(env, PARTNER, ids)
    if len(rows) <= 1:
        return
    if len(rows) > _MOST:
        raise user_error(
            "For safety reasons, you cannot merge more than 3 contacts together. "
            "You can re-open the wizard several times if needed."
        )
    if len({row.get("email") for row in rows}) > 1 and not env.user.superuser:
        raise user_error(
            "All contacts must have the same email. "
            "Only the Administrator can merge contacts with different emails."
        )
    destination = next((row for row in rows if row["id"] == destination_id), rows[-1])
    others = [row for row in rows if row is not destination]
    missing = {
        name: value
        for other in others
        for name, value in other.items()
        if name not in _KEPT and value is not None and destination.get(name) is None
    }
    orm.write(env, PARTNER, [destination], missing)
    for external in orm.externals(PARTNER, [row["id"] for row in others]):
        moved = {"res_id": destination["id"], "write_date": env.now}
        orm.tables.update(DATA, external, moved)
    orm.unlink(env, PARTNER, others)
