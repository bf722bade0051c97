"""Accounts as EspoCRM lists them, and whether one is a certain company; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors.espocrm.fields import KEY_LENGTH
from connectors.sdk.keys import fit_key
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at

Account: TypeAlias = Mapping[str, Any]
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_COLUMNS = (
    "id",
    "name",
    "website",
    "billingAddressCountry",
    "billingAddressCity",
    "industry",
    "description",
    "createdAt",
    "modifiedAt",
)
_SIZE = "cProspectdEmployees"


def columns(fields: Mapping[str, Any], key_field: str) -> tuple[str, ...]:
    """What a listing asks for: of our own fields only those that are there."""
    return (*_COLUMNS, *(name for name in (key_field, _SIZE) if name in fields))


def as_record(account: Account, key_field: str) -> CrmRecord:
    """The CRM's row as the daemon sees it."""
    website = account.get("website")
    return CrmRecord(
        record_id=str(account["id"]),
        name=account.get("name") or "",
        websites=(website,) if website else (),
        key=account.get(key_field) or None,
        country=account.get("billingAddressCountry"),
        city=account.get("billingAddressCity"),
        industry=account.get("industry"),
        size=account.get(_SIZE),
        description=account.get("description"),
        created_at=parse_time(account.get("createdAt")),
        modified_at=parse_time(account.get("modifiedAt")),
    )


def parse_time(text: str | None) -> datetime | None:
    """EspoCRM's ``2026-11-21 17:25:25``, which is UTC always."""
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC) if text else None


def stored_key(key: str) -> str:
    """Our key as it fits the field: a long one ends in its digest."""
    return fit_key(key, KEY_LENGTH)


def is_ours(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record has our key of the company, so that we created it."""
    return record.key is not None and record.key.casefold() == stored_key(company.key).casefold()


def is_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record is the company: by our key, or by its website's domain."""
    return is_ours(record, company) or has_website_at(record, company.domain)


def oldest(records: Iterable[CrmRecord]) -> CrmRecord | None:
    """The record that was there first: ids begin with the time of their making."""
    return min(records, key=lambda one: one.record_id, default=None)


def sort_out(
    companies: Sequence[CompanyRef], records: Sequence[CrmRecord]
) -> list[tuple[CrmRecord, ...]]:
    """For each company its records, oldest first."""
    ordered = sorted(records, key=lambda one: one.record_id)
    return [tuple(one for one in ordered if is_company(one, company)) for company in companies]
