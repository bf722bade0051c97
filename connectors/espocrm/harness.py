"""How the conformance suite uses the simulated EspoCRM."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from connectors.espocrm import connector
from connectors.espocrm.simulated_fields import Attributes
from connectors.espocrm.simulated_users import MOST_WRONG_LOGINS, SimulatedUser
from connectors.espocrm.simulator import EspoCrmSimulator
from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, RateLimited
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "crm.espo.example"
KEY_FIELD = "cProspectdKey"
API_USER = SimulatedUser(user_id="6b01cbcfeffea4e70", name="sync", login="espo-key-5d21c09be7")
PERSON = SimulatedUser(
    user_id="6b01cb9048700519d", name="vera", login="espo-password-77f0", kind="admin"
)


class EspoCrmHarness(Harness):
    """EspoCRM with an API user, and a person who is an administrator too."""

    plugin = connector
    options: Mapping[str, Any] = {
        "type": "espocrm",
        "base_url": f"https://{HOST}",
        "page_size": 50,
    }
    secrets: Mapping[str, str] = {"token": API_USER.login}
    many = 130

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.crm = EspoCrmSimulator(users=(API_USER, PERSON), clock=clock, random=random)
        self.crm.add_field(KEY_FIELD, {"type": "varchar", "maxLength": 255})

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host."""
        return {HOST: self.crm}

    def live(self) -> Sequence[CrmRecord]:
        """Every Account that is not deleted."""
        return [_as_record(one) for one in self.crm.live()]

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A key that was changed, and an address that is locked."""
        return (
            Misbehaviour(name="wrong key", begin=self._change_key, expected=(BadCredentials,)),
            Misbehaviour(name="locked out", begin=self._lock, expected=(RateLimited,)),
        )

    def _change_key(self) -> None:
        self.crm.gate.users.remove(API_USER)

    def _lock(self) -> None:
        self.crm.gate.wrong.extend([self.clock.now()] * (MOST_WRONG_LOGINS + 1))

    def person_creates(self, typed: Typed) -> str:
        """A person fills the form, and is not stopped by the warning about duplicates."""
        return str(self.crm.accounts.insert(PERSON, _values(typed))["id"])

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes name and website."""
        self.crm.accounts.update(PERSON, record_id, {"website": None} | _values(typed))

    def person_deletes(self, record_id: str) -> None:
        """A person removes it: it stays in the table, unseen."""
        self.crm.accounts.delete(PERSON, record_id)

    def person_revives(self, record_id: str) -> None:
        """An administrator restores it."""
        self.crm.accounts.restore(record_id)

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges two."""
        self.crm.accounts.merge(PERSON, survivor_id, [lost_id], {})

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """A request that takes long before its record is committed."""
        record_id = self.person_creates(typed)
        moment = self.clock.now() + after
        self.crm.accounts.late[record_id] = f"{moment:%Y-%m-%d %H:%M:%S}"
        return record_id

    def refuse_company(self, name: str) -> None:
        """A rule of this CRM's own refuses the name."""
        self.crm.accounts.refused_names.add(name)


def _values(typed: Typed) -> Attributes:
    website = {"website": typed.websites[0]} if typed.websites else {}
    return {"name": typed.name} | website


def _as_record(account: Attributes) -> CrmRecord:
    website = account.get("website")
    return CrmRecord(
        record_id=account["id"],
        name=account["name"],
        websites=(website,) if website else (),
        key=account.get(KEY_FIELD),
    )
