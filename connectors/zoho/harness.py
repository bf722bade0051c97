"""How the conformance suite uses the simulated Zoho CRM."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, QuotaExhausted, RateLimited
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator
from connectors.zoho import connector
from connectors.zoho.accounts import as_record
from connectors.zoho.simulated_org import as_row
from connectors.zoho.simulator import ZohoSimulator

API_HOST, ACCOUNTS_HOST = "www.zohoapis.eu", "accounts.zoho.eu"
KEY_FIELD = "Prospectd_Key"
CLIENT_ID = "1000.CONFORMANCE0CLIENT"


class ZohoHarness(Harness):
    """One organisation and a self client with every scope."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {
        "type": "zoho",
        "client_id": CLIENT_ID,
        "data_centre": "eu",
        "page_size": 20,
    }
    secrets: Mapping[str, str] = {
        "client_secret": "zoho-secret-6b1d70c9aa52",
        "refresh_token": "1000.refresh-41f0c2e97d3b",
    }
    many = 50

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        # Dice of its own: the ids that it makes change nothing of what people do by chance.
        dice = Random(random.getrandbits(32))  # noqa: S311 - a test's dice
        self.crm = ZohoSimulator(
            client_id=CLIENT_ID,
            client_secret=self.secrets["client_secret"],
            refresh_token=self.secrets["refresh_token"],
            clock=clock,
            random=dice,
            lag=timedelta(seconds=5),
        )

    def simulators(self) -> Mapping[str, Simulator]:
        """The CRM's host and that of the tokens."""
        return {API_HOST: self.crm, ACCOUNTS_HOST: self.crm}

    def live(self) -> Sequence[CrmRecord]:
        """Every account, as people see it."""
        org = self.crm.org
        return [as_record(as_row(one, org.fields), KEY_FIELD) for one in org.accounts.values()]

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A withdrawn token, a lost scope, used-up credits, too many requests at one time."""
        crm = self.crm
        return (
            Misbehaviour(
                name="a withdrawn refresh token", begin=crm.revoke, expected=(BadCredentials,)
            ),
            Misbehaviour(
                name="a lost scope", begin=crm.desk.scopes.clear, expected=(BadCredentials,)
            ),
            Misbehaviour(
                name="used-up credits",
                begin=lambda: setattr(crm, "credits", 0),
                expected=(QuotaExhausted,),
            ),
            Misbehaviour(
                name="too many at one time",
                begin=lambda: setattr(crm, "busy_times", 10_000),
                expected=(RateLimited,),
            ),
        )

    def person_creates(self, typed: Typed) -> str:
        """Through the form, at the data base's own pace: at once visible here."""
        return self.crm.org.add(_typed(typed), lag=timedelta(0)).account_id

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """Through the form."""
        account = self.crm.org.accounts[record_id]
        account.values |= _typed(typed)
        account.modified = self.crm.org.now()

    def person_deletes(self, record_id: str) -> None:
        """To the bin."""
        self.crm.org.delete(record_id)

    def person_revives(self, record_id: str) -> None:
        """Out of the bin."""
        self.crm.org.restore(record_id)

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """By "Deduplicate"."""
        self.crm.org.merge(survivor_id=survivor_id, lost_id=lost_id)

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """An account that lists and queries show late."""
        return self.crm.org.add(_typed(typed), lag=after).account_id

    def refuse_company(self, name: str) -> None:
        """A validation rule of the organisation."""
        self.crm.org.refused_names.add(name)


def _typed(typed: Typed) -> dict[str, Any]:
    return {"Account_Name": typed.name, "Website": typed.websites[0] if typed.websites else None}
