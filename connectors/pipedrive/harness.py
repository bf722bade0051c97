"""How the conformance suite uses the simulated Pipedrive."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from connectors.pipedrive import connector
from connectors.pipedrive.simulated_account import Organization
from connectors.pipedrive.simulator import PipedriveSimulator
from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, QuotaExhausted, WaitUntil
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "api.pipedrive.com"
KEY_FIELD = "Prospectd key"


class PipedriveHarness(Harness):
    """One account, and the token of an administrator."""

    plugin = connector
    options: Mapping[str, Any] = {"type": "pipedrive", "page_size": 20}
    secrets: Mapping[str, str] = {"token": "pipedrive-token-61c0d4f2aa"}
    many = 45
    standard_website = True

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        # Dice of its own: the hashes that it makes change nothing of what people do by chance.
        dice = Random(random.getrandbits(32))  # noqa: S311 - a test's dice
        self.crm = PipedriveSimulator(
            token=self.secrets["token"],
            clock=clock,
            random=dice,
            standard_website=self.standard_website,
        )

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host."""
        return {HOST: self.crm}

    def live(self) -> Sequence[CrmRecord]:
        """Every organization that is not deleted."""
        return [self._as_record(row) for row in self.crm.account.live()]

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A token that was changed, rights that were taken, a used-up day, a lock-out."""
        crm = self.crm
        return (
            Misbehaviour(
                name="a changed token",
                begin=lambda: setattr(crm, "token", ""),
                expected=(BadCredentials,),
            ),
            Misbehaviour(
                name="lost rights",
                begin=lambda: setattr(crm, "may_read", False),
                expected=(BadCredentials,),
            ),
            Misbehaviour(
                name="a used-up day",
                begin=lambda: setattr(crm.limits, "daily", 0),
                expected=(QuotaExhausted,),
            ),
            Misbehaviour(
                name="a lock-out",
                begin=lambda: setattr(crm.limits, "shut_out", True),
                expected=(WaitUntil,),
            ),
        )

    def person_creates(self, typed: Typed) -> str:
        """Through the form, which warns of nothing."""
        return str(self.crm.person_creates(typed.name, _website(typed)).record_id)

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """Through the form."""
        self.crm.person_edits(int(record_id), typed.name, _website(typed))

    def person_deletes(self, record_id: str) -> None:
        """To the bin, where it stays for 30 days."""
        self.crm.account.delete(int(record_id))

    def person_revives(self, record_id: str) -> None:
        """Back from the bin."""
        self.crm.account.restore(int(record_id))

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """Through the form."""
        self.crm.account.merge(survivor_id=int(survivor_id), lost_id=int(lost_id))

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """A request that takes long before its record is committed."""
        made = self.crm.person_creates(typed.name, _website(typed), after=after)
        return str(made.record_id)

    def refuse_company(self, name: str) -> None:
        """A rule of this account refuses the name."""
        self.crm.account.refused_names.add(name)

    def _as_record(self, row: Organization) -> CrmRecord:
        keys = [row.custom.get(code) for code in self.crm.account.codes_of(KEY_FIELD)]
        return CrmRecord(
            record_id=str(row.record_id),
            name=row.values["name"],
            websites=self.crm.websites_of(row),
            key=next((key for key in keys if key), None),
        )


def _website(typed: Typed) -> str | None:
    return typed.websites[0] if typed.websites else None
