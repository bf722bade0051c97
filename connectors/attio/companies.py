"""Companies as Attio lists them, and whether one is a certain company; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at, spellings

Company: TypeAlias = Mapping[str, Any]


def as_record(company: Company, key_attribute: str) -> CrmRecord:
    """Attio's record as the daemon sees it.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    values = company["values"]
    place = _first(values, "primary_location")
    return CrmRecord(
        record_id=str(company["id"]["record_id"]),
        name=str(_first(values, "name").get("value") or ""),
        websites=tuple(str(one["domain"]) for one in values.get("domains", [])),
        key=_first(values, key_attribute).get("value"),
        country=place.get("country_code"),
        city=place.get("locality"),
        size=_first(values, "prospectd_employees").get("value"),
        description=_first(values, "description").get("value"),
        created_at=parse_time(str(company["created_at"])),
    )


def _first(values: Mapping[str, Any], slug: str) -> Mapping[str, Any]:
    found = values.get(slug) or [{}]
    return found[0] if isinstance(found[0], dict) else {}


def parse_time(text: str) -> datetime:
    """``2022-11-21T13:22:49.061281000Z``: nanoseconds, of which a datetime holds microseconds."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return moment.replace(microsecond=int(fraction[:6].ljust(6, "0") or 0))


def is_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record is the company: by our key, or by one of its domains."""
    if record.key is not None and record.key == company.key:
        return True
    return has_website_at(record, company.domain)


def best(records: Iterable[CrmRecord], company: CompanyRef) -> CrmRecord | None:
    """Of several records the one with our key, else the one that was there first."""
    return min(
        records,
        key=lambda one: (one.key != company.key, one.created_at, one.record_id),
        default=None,
    )


def any_of(companies: Sequence[CompanyRef], key_attribute: str | None) -> dict[str, Any] | None:
    """A filter for records that may be one of the companies; None: there is nothing to look for.

    ``key_attribute`` is None where the workspace has no such attribute.
    """
    parts: list[dict[str, Any]] = []
    if key_attribute is not None:
        parts += [{key_attribute: {"$eq": one.key}} for one in companies]
    parts += [
        {"domains": {level: {"$eq": spelling}}}
        for company in companies
        for spelling in spellings(company.domain)
        for level in ("domain", "root_domain")
    ]
    return {"$or": parts} if parts else None
