"""What people do in a CRM while the daemon works: they add, edit, delete, take back, merge."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from connectors.hubspot.simulator import HubSpotSimulator
from connectors.memory import MemoryCrm
from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.records import CrmRecord
from tests.simulation.vendors import Vendors


@dataclass(slots=True)
class People:
    """They act by chance, on companies that the searches find too."""

    vendors: Vendors
    random: Random

    def act(self) -> str:
        """Do one thing in one CRM; gives what was done."""
        names = [name for name in self.vendors.scenario.connectors if name in self.vendors.ledgers]
        name = self.random.choice(names)
        crm = self.vendors.memory if name == "second" else None
        done = self._in_memory(crm) if crm is not None else self._in_hubspot(self.vendors.hubspot)
        self.vendors.ledgers[name].refresh()
        return f"{name}: {done}"

    def _company(self) -> tuple[str, str]:
        company = self.vendors.world.company(self.random.randrange(self.vendors.scenario.companies))
        return company.name, company.domain or f"somewhere{company.index}.example.org"

    def _in_hubspot(self, crm: HubSpotSimulator) -> str:
        live = [str(company.id) for company in crm.portal.live()]
        kind = self.random.choice(
            ("create", "create", "edit", "domain", "archive", "merge", "back")
        )
        name, domain = self._company()
        if kind == "create" or not live:
            lag = timedelta(seconds=self.random.randint(0, 20))
            return f"created {crm.create(lag=lag, name=name, domain=domain)} for {domain}"
        one = self.random.choice(live)
        if kind == "edit":
            crm.edit(one, name=f"{name} (edited)")
        elif kind == "domain":
            crm.edit(one, domain=domain, website=f"https://www.{domain}/")
        elif kind == "archive":
            crm.archive(one)
        elif kind == "merge" and len(live) > 1:
            other = self.random.choice([each for each in live if each != one])
            crm.merge(survivor_id=other, lost_id=one)
            return f"merged {one} into {other}"
        else:
            return self._take_back(crm)
        return f"{kind} {one} ({domain})"

    def _take_back(self, crm: HubSpotSimulator) -> str:
        gone = [each.id for each in crm.portal._companies.values() if each.archived_at is not None]
        if not gone:
            return "nothing"
        one = str(self.random.choice(gone))
        crm.restore(one)
        return f"took {one} back"

    def _in_memory(self, crm: MemoryCrm) -> str:
        now, live = self.vendors.clock.now(), crm.live()
        kind = self.random.choice(("create", "create", "edit", "domain", "delete", "merge"))
        name, domain = self._company()
        if kind == "create" or not live:
            return self._create(crm, CrmRecord(record_id="", name=name, websites=(domain,)))
        one = self.random.choice(live)
        if kind == "edit":
            crm.person_edits(one.record_id, now, name=f"{name} (edited)")
        elif kind == "domain" and crm.traits.uniqueness is not Uniqueness.ALL_WRITERS:
            crm.person_edits(one.record_id, now, websites=(domain,))
        elif kind == "delete":
            crm.person_deletes(one.record_id, now)
        elif kind == "merge" and len(live) > 1:
            other = self.random.choice([each for each in live if each != one])
            crm.person_merges(survivor_id=other.record_id, lost_id=one.record_id, now=now)
            return f"merged {one.record_id} into {other.record_id}"
        else:
            return "nothing"
        return f"{kind} {one.record_id} ({domain})"

    def _create(self, crm: MemoryCrm, record: CrmRecord) -> str:
        try:
            return f"created {crm.person_creates(replace(record), self.vendors.clock.now())}"
        except ValueError:
            return f"was refused a second {record.websites[0]}"
