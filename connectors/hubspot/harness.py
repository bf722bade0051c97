"""The simulated HubSpot as the conformance suite uses it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from connectors.hubspot import connector
from connectors.hubspot.payloads import parse_record
from connectors.hubspot.simulated.answers import company_body
from connectors.hubspot.simulator import HubSpotSimulator, typed_properties
from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, QuotaExhausted, RateLimited
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "api.hubapi.com"
TOKEN = "pat-conformance-9f8e7d6c"  # noqa: S105 - opens nothing but the simulator
_KEY = "prospectd_key"


class HubSpotHarness(Harness):
    """One fresh HubSpot account."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {"type": "hubspot"}
    secrets: Mapping[str, str] = {"token": TOKEN}
    many: int = 450

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.account = HubSpotSimulator(clock=clock, random=random, token=TOKEN)

    def simulators(self) -> Mapping[str, Simulator]:
        """The account, at HubSpot's address."""
        return {HOST: self.account}

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A revoked token, a lost scope, a used-up day, a migration between data centres."""
        account = self.account
        return (
            Misbehaviour(
                name="a revoked token",
                begin=lambda: setattr(account, "token", "another"),
                expected=(BadCredentials,),
            ),
            Misbehaviour(
                name="a lost scope", begin=account.scopes.clear, expected=(BadCredentials,)
            ),
            Misbehaviour(
                name="a used-up day",
                begin=lambda: setattr(account, "daily_exhausted", True),
                expected=(QuotaExhausted,),
            ),
            Misbehaviour(
                name="a migration",
                begin=lambda: setattr(account, "migrating_for", timedelta(hours=3)),
                expected=(RateLimited,),
            ),
        )

    def live(self) -> Sequence[CrmRecord]:
        """Every live record with all its properties."""
        return [
            parse_record(company_body(each, each.properties), _KEY)
            for each in self.account.portal.live()
        ]

    def person_creates(self, typed: Typed) -> str:
        """Through the form."""
        return self.account.type_in(typed.name, typed.websites)

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """Through the form: the websites replace the earlier ones."""
        cleared = {"website": "", "domain": "", "hs_additional_domains": ""}
        self.account.edit(record_id, **{**cleared, **typed_properties(typed.name, typed.websites)})

    def person_deletes(self, record_id: str) -> None:
        """To the archive."""
        self.account.archive(record_id)

    def person_revives(self, record_id: str) -> None:
        """Back from the archive."""
        self.account.restore(record_id)

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """With the survivor as the primary record."""
        self.account.merge(survivor_id=survivor_id, lost_id=lost_id)

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """A record that search shows late."""
        return self.account.type_in(typed.name, typed.websites, lag=after)

    def refuse_company(self, name: str) -> None:
        """A validation rule of the administrator."""
        self.account.portal.refused_names.add(name)
