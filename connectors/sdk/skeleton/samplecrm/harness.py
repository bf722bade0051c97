"""SampleCrm as the conformance suite uses it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, WaitUntil
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator
from connectors.sdk.skeleton.samplecrm import connector
from connectors.sdk.skeleton.samplecrm.simulator import SampleCrmSimulator


class SampleCrmHarness(Harness):
    """One fresh account."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {"type": "samplecrm"}
    secrets: Mapping[str, str] = {"token": "conformance-token-5d1c"}
    many = 50

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.crm = SampleCrmSimulator(token=self.secrets["token"], clock=clock, random=random)

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host of SampleCrm."""
        return {"api.samplecrm.example": self.crm}

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A token that was withdrawn, and a used-up quota."""
        return (
            Misbehaviour(
                name="the token was withdrawn",
                begin=lambda: setattr(self.crm, "token", "another"),
                expected=(BadCredentials,),
            ),
            Misbehaviour(
                name="the quota is used up",
                begin=lambda: setattr(self.crm, "exhausted", True),
                expected=(WaitUntil,),
            ),
        )

    def live(self) -> Sequence[CrmRecord]:
        """Every company that is not deleted."""
        return [
            CrmRecord(
                record_id=str(company.id),
                name=company.fields["name"],
                websites=tuple(filter(None, [company.fields.get("website")])),
                key=company.fields.get("external_key"),
            )
            for company in self.crm.companies.values()
            if not company.deleted
        ]

    def person_creates(self, typed: Typed) -> str:
        """A person adds a company."""
        return self.creates_late(typed, after=timedelta(seconds=1))

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes a company."""
        self.crm.change(int(record_id), **_fields(typed))

    def person_deletes(self, record_id: str) -> None:
        """A person throws a company into the bin."""
        self.crm.change(int(record_id), deleted=True)

    def person_revives(self, record_id: str) -> None:
        """A person takes a company out of the bin."""
        self.crm.change(int(record_id), deleted=False)

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """A company that listings show late."""
        return str(self.crm.add(_fields(typed), shown_after=after).id)

    def refuse_company(self, name: str) -> None:
        """A rule of the account refuses this name."""
        self.crm.refused_names.add(name)


def _fields(typed: Typed) -> dict[str, Any]:
    return {"name": typed.name, "website": next(iter(typed.websites), None)}
