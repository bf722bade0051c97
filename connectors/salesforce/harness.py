"""The simulated Salesforce as the conformance suite uses it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from connectors.salesforce import connector
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, NeedsPerson, QuotaExhausted
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "acme.my.salesforce.com"
CLIENT_ID = "3MVG9.conformance"
SECRET = "conformance-secret-5e1c77"  # noqa: S105 - opens nothing but the simulator
_KEY = "Prospectd_Key__c"


class SalesforceHarness(Harness):
    """One fresh organisation."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {
        "type": "salesforce",
        "base_url": f"https://{HOST}",
        "client_id": CLIENT_ID,
    }
    secrets: Mapping[str, str] = {"client_secret": SECRET}
    many: int = 130

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.site = SalesforceSimulator(
            clock=clock,
            random=random,
            host=HOST,
            client_id=CLIENT_ID,
            client_secret=SECRET,
            page_size=50,
        )

    def simulators(self) -> Mapping[str, Simulator]:
        """The organisation, at its My Domain."""
        return {HOST: self.site}

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A changed secret, an app without user, a used-up day, a hidden field."""
        site = self.site
        return (
            Misbehaviour(
                name="a changed secret", begin=self._change_secret, expected=(BadCredentials,)
            ),
            Misbehaviour(
                name="an app without user", begin=self._lose_user, expected=(BadCredentials,)
            ),
            Misbehaviour(
                name="a used-up day",
                begin=lambda: setattr(site, "daily_requests", 0),
                expected=(QuotaExhausted,),
            ),
            Misbehaviour(
                name="a closed API",
                begin=lambda: setattr(site, "closed", True),
                expected=(NeedsPerson,),
            ),
        )

    def _change_secret(self) -> None:
        self.site.client_secret = "another"  # noqa: S105 - opens nothing but the simulator
        self.site.expire_tokens()

    def _lose_user(self) -> None:
        self.site.login_error = ("invalid_grant", "no client credentials user enabled")
        self.site.expire_tokens()

    def live(self) -> Sequence[CrmRecord]:
        """Every live account with what people see of it."""
        return [
            CrmRecord(
                record_id=each["Id"],
                name=each["Name"],
                websites=(each["Website"],) if each.get("Website") else (),
                key=each.get(_KEY),
            )
            for each in self.site.accounts()
        ]

    def person_creates(self, typed: Typed) -> str:
        """Through the form: an account has one website."""
        return self.site.create(Name=typed.name, Website=next(iter(typed.websites), None))

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """Through the form."""
        website = next(iter(typed.websites), None)
        self.site.edit(record_id, Name=typed.name, Website=website)

    def person_deletes(self, record_id: str) -> None:
        """To the recycle bin."""
        self.site.delete(record_id)

    def person_revives(self, record_id: str) -> None:
        """Back from the recycle bin."""
        self.site.undelete(record_id)

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """With the survivor as the principal record."""
        self.site.merge(survivor_id=survivor_id, lost_id=lost_id)

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """An account of a long transaction of somebody's Apex."""
        website = next(iter(typed.websites), None)
        return self.site.create(late=after, Name=typed.name, Website=website)

    def refuse_company(self, name: str) -> None:
        """A validation rule of the administrator."""
        self.site.rules.refused_names.add(name)
