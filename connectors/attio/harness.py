"""How the conformance suite uses the simulated Attio."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import urlsplit

from connectors.attio import connector
from connectors.attio.simulated_workspace import Record
from connectors.attio.simulator import AttioSimulator
from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials, RateLimited
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator

HOST = "api.attio.com"
KEY_ATTRIBUTE = "prospectd_key"


class AttioHarness(Harness):
    """One workspace with a token that may do everything."""

    plugin = connector
    options: Mapping[str, Any] = {"type": "attio", "page_size": 20}
    secrets: Mapping[str, str] = {"token": "attio-token-81ce0f2d44"}
    many = 45

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        # Dice of its own: the ids that it makes change nothing of what people do by chance.
        dice = Random(random.getrandbits(32))  # noqa: S311 - a test's dice
        self.crm = AttioSimulator(token=self.secrets["token"], clock=clock, random=dice)

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host."""
        return {HOST: self.crm}

    def live(self) -> Sequence[CrmRecord]:
        """Every company of the workspace."""
        return [_as_record(one) for one in self.crm.workspace.records.values()]

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A token that was withdrawn, and a limit that was reached."""
        return (
            Misbehaviour(name="bad token", begin=self._withdraw, expected=(BadCredentials,)),
            Misbehaviour(name="rate limit", begin=self._limit, expected=(RateLimited,)),
        )

    def _withdraw(self) -> None:
        self.crm.token = ""

    def _limit(self) -> None:
        self.crm.limited = True

    def person_creates(self, typed: Typed) -> str:
        """A person adds a company by name and domains."""
        return self.crm.person_adds(typed.name, _domains(typed))

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes name and domains."""
        values = {"name": [typed.name], "domains": _domains(typed)}
        self.crm.workspace.update(record_id, values)

    def person_deletes(self, record_id: str) -> None:
        """A person deletes a company: it is gone."""
        del self.crm.workspace.records[record_id]

    def person_merges(self, *, survivor_id: str, lost_id: str) -> None:
        """A person merges two: the survivor gets the other one's domains too."""
        lost = self.crm.workspace.records.pop(lost_id)
        survivor = self.crm.workspace.records[survivor_id]
        for slug, values in lost.values.items():
            held = survivor.values.setdefault(slug, [])
            if slug == "domains" or not held:
                held += values

    def refuse_company(self, name: str) -> None:
        """A rule of the workspace refuses the name."""
        self.crm.workspace.refused_names.add(name)


def _domains(typed: Typed) -> list[str]:
    return [urlsplit(one if "://" in one else f"//{one}").hostname or one for one in typed.websites]


def _as_record(record: Record) -> CrmRecord:
    def first(slug: str) -> Any:
        return (record.values.get(slug) or [{}])[0].get("value")

    return CrmRecord(
        record_id=record.record_id,
        name=first("name") or "",
        websites=tuple(one["domain"] for one in record.values.get("domains", [])),
        key=first(KEY_ATTRIBUTE),
    )
