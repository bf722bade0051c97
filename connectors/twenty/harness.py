"""How the conformance suite uses the simulated Twenty."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from connectors.sdk.conformance import Harness, Misbehaviour, Typed, VirtualClock
from connectors.sdk.faults import BadCredentials
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator
from connectors.twenty import connector
from connectors.twenty.payloads import KEY_FIELD
from connectors.twenty.simulated.fields import accept_body
from connectors.twenty.simulated.table import CompanyTable, Row
from connectors.twenty.simulator import TwentySimulator

HOST = "crm.twenty.example"
TOKEN = "eyJhbGciOiJub25lIn0.conformance-4be1d0.simulated"  # noqa: S105 - opens a simulator only


class TwentyHarness(Harness):
    """Twenty with an API key that may change the data model."""

    plugin = connector
    options: Mapping[str, Any] = {"type": "twenty", "base_url": f"https://{HOST}"}
    secrets: Mapping[str, str] = {"token": TOKEN}
    many = 130

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.crm = TwentySimulator(clock=clock, random=random, tokens={TOKEN: True})

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host."""
        return {HOST: self.crm}

    def live(self) -> Sequence[CrmRecord]:
        """Every company that is not in the bin."""
        return [_as_record(row) for row in self.crm.workspace.table.live_rows()]

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """A key that was revoked."""
        return (
            Misbehaviour(
                name="revoked key", begin=self.crm.tokens.clear, expected=(BadCredentials,)
            ),
        )

    def person_creates(self, typed: Typed) -> str:
        """A person fills the form."""
        (record_id,) = self._table.insert([self._values(typed)], self.clock.now())
        return record_id

    def person_edits(self, record_id: str, typed: Typed) -> None:
        """A person changes name and addresses."""
        self._table.update(record_id, self._values(typed), self.clock.now())

    def person_deletes(self, record_id: str) -> None:
        """A person deletes it: it goes to the bin."""
        now = self.clock.now()
        self._table.update(record_id, {"deletedAt": now}, now)

    def person_revives(self, record_id: str) -> None:
        """A person takes it back out of the bin."""
        self._table.update(record_id, {"deletedAt": None}, self.clock.now())

    def creates_late(self, typed: Typed, *, after: timedelta) -> str:
        """A long transaction: stamped when it began."""
        return self.crm.write_late(self._values(typed), after=after)

    @property
    def _table(self) -> CompanyTable:
        return self.crm.workspace.table

    def _values(self, typed: Typed) -> Row:
        """What Twenty's own form sends: it puts https:// before an address without a scheme."""
        addresses = [
            address if "://" in address else f"https://{address}" for address in typed.websites
        ]
        first, others = (addresses or [""])[0], addresses[1:]
        links = {
            "primaryLinkUrl": first,
            "primaryLinkLabel": "",
            "secondaryLinks": [{"url": url, "label": ""} for url in others],
        }
        body = {"name": typed.name, "domainName": links}
        return accept_body(self.crm.workspace.fields, body)


def _as_record(row: Row) -> CrmRecord:
    links = row["domainName"]
    addresses = (links["primaryLinkUrl"], *(link["url"] for link in links["secondaryLinks"]))
    return CrmRecord(
        record_id=row["id"],
        name=row["name"],
        websites=tuple(address for address in addresses if address),
        key=row.get(KEY_FIELD) or None,
    )
