"""How the conformance suite plays with a simulated Odoo."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from connectors.odoo import connector
from connectors.odoo.fields import KEY_FIELD, MODULE
from connectors.odoo.simulated.schema import DATA, PARTNER
from connectors.odoo.simulated.tables import Row
from connectors.odoo.simulator import OdooSimulator
from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, Misbehaviour, Typed
from connectors.sdk.faults import BadCredentials, NeedsPerson
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "odoo.example"
LOGIN = "sync@crm.example"
KEY = "odoo-api-key-7c41d90b"


class OdooHarness(Harness):
    """An Odoo 17, spoken to by ``/jsonrpc`` with a login and an API key."""

    plugin = connector
    options: Mapping[str, Any] = {
        "type": "odoo",
        "base_url": f"https://{HOST}",
        "database": "crm",
        "login": LOGIN,
        "page_size": 80,
    }
    secrets: Mapping[str, str] = {"token": KEY}
    version = "17.0-20240709"

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.odoo = OdooSimulator(
            clock=clock, random=random, login=LOGIN, secret=KEY, version=self.version
        )
        # Every Odoo has its owner's own company among the contacts; the suite wants it empty.
        self.odoo.by_hand(PARTNER, "write", [1], {"is_company": False})

    def simulators(self) -> Mapping[str, Simulator]:
        """One server."""
        return {HOST: self.odoo}

    def live(self) -> Sequence[CrmRecord]:
        """Every company, archived ones too: Odoo shows them under the filter "Archived"."""
        tables = self.odoo.orm.tables
        keys = {
            row["res_id"]: row["name"]
            for row in tables.rows[DATA].values()
            if row["module"] == MODULE
        }
        return [
            CrmRecord(
                record_id=str(row["id"]),
                name=row["name"],
                websites=(row["website"],) if row.get("website") else (),
                key=row.get(KEY_FIELD) or keys.get(row["id"]),
            )
            for row in tables.rows[PARTNER].values()
            if row.get("is_company")
        ]

    def person_creates(self, typed: Typed) -> str:
        """A new contact that is a company."""
        return str(self.odoo.by_hand(PARTNER, "create", _values(typed)))

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """Another name, another website."""
        self.odoo.by_hand(PARTNER, "write", [int(record_id)], _values(typed))

    def person_deletes(self, record_id: str) -> None:
        """Deleted for good: Odoo has no bin."""
        self.odoo.by_hand(PARTNER, "unlink", [int(record_id)])

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """By the wizard "Merge"."""
        wizard = "base.partner.merge.automatic.wizard"
        chosen = [[6, 0, [int(survivor_id), int(lost_id)]]]
        values = {"partner_ids": chosen, "dst_partner_id": int(survivor_id)}
        made = self.odoo.by_hand(wizard, "create", values)
        self.odoo.by_hand(wizard, "action_merge", [made])

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """An import that began now and commits later."""
        return str(self.odoo.create_late(_values(typed), after=after))

    def refuse_company(self, name: str) -> None:
        """A module of the customer's forbids this name."""
        self.odoo.orm.forbidden_names.add(name)

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A revoked key, and a database that was renamed."""
        return [
            Misbehaviour(name="revoked_key", begin=self._revoke, expected=(BadCredentials,)),
            Misbehaviour(name="no_database", begin=self._rename, expected=(NeedsPerson,)),
        ]

    def _revoke(self) -> None:
        self.odoo.change_secret("another-key-altogether")

    def _rename(self) -> None:
        self.odoo.database = "another"


class OdooJson2Harness(OdooHarness):
    """An Odoo 19, spoken to by JSON-2 with an API key."""

    options: Mapping[str, Any] = {**OdooHarness.options, "login": ""}
    version = "19.0-20260101"


class OdooOrdinaryUserHarness(OdooHarness):
    """A user who may create contacts and no more: no look at external ids, no new fields.

    An administrator added the field that such a user needs for a look-up by key.
    """

    options: Mapping[str, Any] = {**OdooHarness.options, "login": "sales@crm.example"}

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.odoo.add_field(KEY_FIELD, "char", "Prospectd key")


def _values(typed: Typed) -> Row:
    website = typed.websites[0] if typed.websites else False
    return {"name": typed.name, "is_company": True, "website": website}
