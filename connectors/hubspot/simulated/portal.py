"""The state of a simulated HubSpot account: companies, properties, the lagging search index."""

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot.simulated.catalogue import standard_properties
from connectors.sdk.clock import Clock

FIRST_ID = 9_000_000_001
UNIQUE_PROPERTIES = 10
"""At most so many properties of one object may be unique (HubSpot's property guide)."""


class Invalid(Exception):
    """A write that HubSpot refuses: an error code, a sentence, and the property it is about."""

    def __init__(
        self, code: str, message: str, *, name: str = "", holder: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.name = name
        self.holder = holder


@dataclass(slots=True)
class Company:
    """One record. ``properties`` is replaced, never changed, so that the index can share it."""

    id: int
    properties: dict[str, str]
    created_at: datetime
    modified_at: datetime
    archived_at: datetime | None = None
    merged_into: int | None = None
    version: int = 0

    @property
    def live(self) -> bool:
        """Whether people see it: neither archived nor merged away."""
        return self.archived_at is None and self.merged_into is None


@dataclass(order=True, slots=True)
class _Pending:
    visible_at: datetime
    sequence: int
    company_id: int = field(compare=False)
    version: int = field(compare=False)
    properties: dict[str, str] | None = field(compare=False)


class Portal:
    """Companies and property definitions of one account.

    ``domain`` is not unique; properties with ``hasUniqueValue`` are, among live records. Search
    sees each write only ``index_lag`` after it.
    """

    def __init__(self, clock: Clock, *, portal_id: int, index_lag: timedelta) -> None:
        self.clock = clock
        self.portal_id = portal_id
        self.index_lag = index_lag
        self.definitions: dict[str, dict[str, Any]] = standard_properties()
        self.groups: dict[str, dict[str, Any]] = {
            "companyinformation": {"name": "companyinformation", "label": "Company information"}
        }
        self.required: set[str] = set()
        """Properties that a rule of the administrator requires on creation."""
        self.refused_names: set[str] = set()
        """A rule of the administrator keeps companies of these names out."""
        self.index: dict[int, dict[str, str]] = {}
        self._companies: dict[int, Company] = {}
        self._ids: list[int] = []
        self._holders: dict[str, dict[str, int]] = {}
        self._archived_holders: dict[tuple[str, str], int] = {}
        self._indexed_version: dict[int, int] = {}
        self._pending: list[_Pending] = []
        self._sequence = 0

    # What is there.

    def company(self, company_id: int) -> Company | None:
        """The record with this id, archived and merged ones included."""
        return self._companies.get(company_id)

    def live(self) -> Iterator[Company]:
        """Every record that people see, by id."""
        return (company for company in self._companies.values() if company.live)

    def page(self, after: int, limit: int, *, archived: bool) -> list[Company]:
        """Up to ``limit`` records with an id above ``after``, live or archived ones."""
        found: list[Company] = []
        for position in range(bisect_right(self._ids, after), len(self._ids)):
            company = self._companies[self._ids[position]]
            if company.live if not archived else company.archived_at is not None:
                found.append(company)
                if len(found) == limit:
                    break
        return found

    def holder(self, name: str, value: str) -> Company | None:
        """The live record that has this value of a unique property."""
        found = self._holders.get(name, {}).get(value)
        return None if found is None else self._companies[found]

    def archived_holder(self, name: str, value: str) -> Company | None:
        """The archived record that had this value of a unique property, the last one deleted."""
        company = self._companies.get(self._archived_holders.get((name, value), 0))
        return company if company is not None and company.archived_at is not None else None

    def is_unique(self, name: str) -> bool:
        """Whether a property of this name exists and is unique."""
        return bool(self.definitions.get(name, {}).get("hasUniqueValue"))

    # What changes it.

    def create(self, properties: Mapping[str, str], *, lag: timedelta | None = None) -> Company:
        """Add a record; raises :class:`Invalid` where a unique value is taken."""
        company_id = FIRST_ID + len(self._ids)
        self._claim(company_id, properties)
        now = self._now()
        own = {"hs_object_id": str(company_id), "createdate": stamp(now)}
        company = Company(company_id, {**properties, **own}, now, now)
        self._companies[company_id] = company
        self._ids.append(company_id)
        self._touch(company, {}, lag)
        return company

    def seed(self, companies: Iterable[Mapping[str, str]]) -> list[str]:
        """Add many records that search knows already; gives their ids."""
        return [str(self.create(each, lag=timedelta(0)).id) for each in companies]

    def update(
        self, company: Company, properties: Mapping[str, str], *, lag: timedelta | None = None
    ) -> None:
        """Change properties; an empty value clears one."""
        self._claim(company.id, properties)
        self._release(company, set(properties))
        self._hold(company.id, properties)
        self._touch(company, properties, lag)

    def archive(self, company: Company) -> None:
        """Delete as people do; it can be restored for 90 days."""
        company.archived_at = self._now()
        self._archived_holders |= {
            (name, value): company.id
            for name, value in company.properties.items()
            if self.is_unique(name)
        }
        self._release(company, set(self._holders))
        self._touch(company, {}, None)

    def restore(self, company: Company) -> None:
        """Take it back from the archive, without unique values that others have by now."""
        company.archived_at = None
        taken = {
            name: ""
            for name, value in company.properties.items()
            if self.is_unique(name) and self.holder(name, value) is not None
        }
        self._hold(company.id, {n: v for n, v in company.properties.items() if n not in taken})
        self._touch(company, taken, None)

    def merge(self, survivor: Company, lost: Company) -> None:
        """The lost record vanishes without being archived; its values fill the survivor's gaps."""
        self._release(lost, set(self._holders))
        lost.merged_into = survivor.id
        self._touch(lost, {}, None)
        merged = [*_items(survivor, "hs_merged_object_ids"), str(lost.id)]
        merged += _items(lost, "hs_merged_object_ids")
        taken = {"hs_object_id", "createdate", "hs_lastmodifieddate", "hs_merged_object_ids"}
        gaps = {
            name: value
            for name, value in lost.properties.items()
            if name not in taken and not survivor.properties.get(name)
        }
        domains = _items(survivor, "hs_additional_domains") + _items(lost, "hs_additional_domains")
        if "domain" not in gaps and lost.properties.get("domain"):
            domains.append(lost.properties["domain"])
        gaps["hs_merged_object_ids"] = ";".join(dict.fromkeys(merged))
        gaps["hs_additional_domains"] = ";".join(dict.fromkeys(domains))
        self._hold(survivor.id, gaps)
        self._touch(survivor, gaps, None)

    def refresh_index(self) -> None:
        """Let search see what has become visible by now."""
        now = self.clock.now()
        while self._pending and self._pending[0].visible_at <= now:
            due = heapq.heappop(self._pending)
            if due.version > self._indexed_version.get(due.company_id, 0):
                self._indexed_version[due.company_id] = due.version
                if due.properties is None:
                    self.index.pop(due.company_id, None)
                else:
                    self.index[due.company_id] = due.properties

    # Within.

    def _now(self) -> datetime:
        moment = self.clock.now().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def _touch(self, company: Company, changed: Mapping[str, str], lag: timedelta | None) -> None:
        company.modified_at = self._now()
        company.version += 1
        kept = {**company.properties, **changed, "hs_lastmodifieddate": stamp(company.modified_at)}
        company.properties = {name: value for name, value in kept.items() if value}
        self._sequence += 1
        wait = self.index_lag if lag is None else lag
        shown = company.properties if company.live else None
        pending = _Pending(
            company.modified_at + wait, self._sequence, company.id, company.version, shown
        )
        heapq.heappush(self._pending, pending)

    def _claim(self, company_id: int, properties: Mapping[str, str]) -> None:
        """Check every unique value first, then take them all."""
        for name, value in properties.items():
            holder = self._holders.get(name, {}).get(value) if self.is_unique(name) else None
            if holder is not None and holder != company_id:
                message = self._taken(name, value, company_id, holder)
                raise Invalid("UNIQUE", message, name=name, holder=holder)
        self._hold(company_id, properties)

    def _hold(self, company_id: int, properties: Mapping[str, str]) -> None:
        for name, value in properties.items():
            if value and self.is_unique(name):
                self._holders.setdefault(name, {})[value] = company_id

    def _release(self, company: Company, names: set[str]) -> None:
        for name in names & self._holders.keys():
            value = company.properties.get(name, "")
            if self._holders[name].get(value) == company.id:
                del self._holders[name][value]

    def _taken(self, name: str, value: str, company_id: int, holder: int) -> str:
        return (
            f"Cannot set PropertyValueCoordinates{{portalId={self.portal_id}, "
            f"objectTypeId=ObjectTypeId{{legacyObjectType=COMPANY}}, propertyName={name}, "
            f"value={value}}} on {company_id}. {holder} already has that value."
        )


def stamp(moment: datetime) -> str:
    """A moment as HubSpot writes it: ``2026-08-15T17:09:13.648Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def _items(company: Company, name: str) -> list[str]:
    return [each for each in company.properties.get(name, "").split(";") if each]
