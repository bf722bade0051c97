"""Salesforce's accounts, to and from our values; pure."""

import hashlib
from datetime import datetime
from typing import Any, TypeAlias

from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at

Json: TypeAlias = dict[str, Any]

NEEDED = ("Id", "Name", "Website", "CreatedDate", "SystemModstamp", "IsDeleted", "MasterRecordId")
WELCOME = (
    "BillingCountry",
    "BillingCity",
    "Industry",
    "NumberOfEmployees",
    "Description",
)
LONGEST_KEY = 255
_KEPT = 200
_ID_LENGTH = 15
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def parse_account(raw: Json, key_field: str) -> CrmRecord:
    """One account. A field that the user may not see is not asked for, and missing here."""
    get = raw.get
    website, size = get("Website"), get("NumberOfEmployees")
    return CrmRecord(
        record_id=raw["Id"],
        name=raw["Name"] or "",
        websites=(website,) if website else (),
        key=get(key_field) or None,
        country=get("BillingCountry"),
        city=get("BillingCity"),
        industry=get("Industry"),
        size=None if size is None else str(size),
        description=get("Description"),
        created_at=parse_moment(raw["CreatedDate"]),
        modified_at=parse_moment(raw["SystemModstamp"]),
    )


def parse_moment(text: str) -> datetime:
    """Salesforce's ``2026-11-21T09:30:00.000+0000``."""
    return datetime.fromisoformat(text)


def stored_key(key: str) -> str:
    """Our key as the field of 255 characters holds it: a longer one ends in its own hash."""
    if _units(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"{cut(key, _KEPT)}~{digest}"


def folded(key: str) -> str:
    """Our key as Salesforce compares it: without regard to case."""
    return stored_key(key).casefold()


def cut(text: str, length: int) -> str:
    """The beginning of a text, in the UTF-16 units that Salesforce counts; no character halved."""
    if _units(text) <= length:
        return text
    return text.encode("utf-16-le")[: 2 * length].decode("utf-16-le", errors="ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="replace")) // 2


def long_id(record_id: str) -> str:
    """An id of 15 characters, which tell upper from lower case, as the one of 18, which need not.

    Messages name records by the short form. The three letters more say which of five characters
    each are upper case.
    """
    if len(record_id) != _ID_LENGTH:
        return record_id
    suffix = ""
    for start in range(0, _ID_LENGTH, 5):
        upper = [character.isupper() for character in record_id[start : start + 5]]
        suffix += _SUFFIX[sum(1 << place for place, is_upper in enumerate(upper) if is_upper)]
    return record_id + suffix


def is_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the account has the company's key, or a website at its domain."""
    if record.key is not None and record.key.casefold() == folded(company.key):
        return True
    return has_website_at(record, company.domain)
