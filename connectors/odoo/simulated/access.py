"""Users, their groups, and what each group may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.odoo.simulated.errors import OdooError, access_error
from connectors.odoo.simulated.schema import DATA, FIELDS, PARTNER, WIZARD

ADMINISTRATOR = "Administration/Access Rights"
CREATION = "Extra Rights/Contact Creation"
SALES = "Sales/User: Own Documents Only"
GROUP_IDS = {
    "base.group_erp_manager": ADMINISTRATOR,
    "base.group_partner_manager": CREATION,
    "sales_team.group_sale_salesman": SALES,
}

_CONTACTS = (CREATION, SALES)
_VERBS = {"read": "access", "create": "create", "write": "modify", "unlink": "delete"}
_TITLES = {
    PARTNER: "Contact",
    DATA: "Model Data",
    "ir.model": "Models",
    FIELDS: "Fields",
    WIZARD: "Merge Partner Wizard",
}
_NEEDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{(PARTNER, operation): _CONTACTS for operation in ("create", "write", "unlink")},
    **{
        (model, operation): (ADMINISTRATOR,)
        for model in (DATA, "ir.model", FIELDS)
        for operation in _VERBS
    },
    **{(WIZARD, operation): (CREATION,) for operation in _VERBS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in; ``secrets`` are the password and the API keys."""

    uid: int
    login: str
    name: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    groups: frozenset[str] = frozenset()
    superuser: bool = False

    def may(self, model: str, operation: str) -> bool:
        """Whether one of the groups allows it."""
        needed = _NEEDED.get((model, operation))
        return self.superuser or needed is None or not self.groups.isdisjoint(needed)

    def check(self, model: str, operation: str) -> None:
        """See that one of the groups allows it.

        Raises:
            OdooError: none does.
        """
        if not self.may(model, operation):
            raise _refused(model, operation)


def _refused(model: str, operation: str) -> OdooError:
    groups = "\n".join(f"\t- {group}" for group in _NEEDED[model, operation])
    return access_error(
        f"You are not allowed to {_VERBS[operation]} '{_TITLES[model]}' ({model}) records.\n\n"
        f"This operation is allowed for the following groups:\n{groups}\n\n"
        "Contact your administrator to request access if necessary."
    )


ROBOT = User(uid=1, login="__system__", name="OdooBot", superuser=True)
PERSON = User(uid=2, login="admin@crm.example", name="Mitchell Admin", superuser=True)
