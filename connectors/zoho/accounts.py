"""Accounts as Zoho lists them, whether one is a certain company, and queries for them; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors.sdk.keys import fit_key
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at, spellings

Row: TypeAlias = Mapping[str, Any]

KEY_LENGTH = 255
_DIGEST = 32
READ_FIELDS = (
    "Account_Name",
    "Website",
    "Billing_Country",
    "Billing_City",
    "Industry",
    "Employees",
    "Description",
    "Created_Time",
    "Modified_Time",
)
MODIFIED = "Modified_Time"
MOST_CRITERIA = 25
"""Zoho's overview of its Query API: so many criteria in one query."""
KEYS_PER_QUERY = 50


def as_record(row: Row, key_field: str) -> CrmRecord:
    """Zoho's account as the daemon sees it.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    website = row.get("Website")
    return CrmRecord(
        record_id=_text(row["id"]) or _fail("an account without an id"),
        name=_text(row.get("Account_Name")) or "",
        websites=(str(website),) if website else (),
        key=_text(row.get(key_field)),
        country=_text(row.get("Billing_Country")),
        city=_text(row.get("Billing_City")),
        industry=_text(row.get("Industry")),
        size=_text(row.get("Employees")),
        description=_text(row.get("Description")),
        created_at=_moment_or_none(row.get("Created_Time")),
        modified_at=_moment_or_none(row.get(MODIFIED)),
    )


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _fail(what: str) -> str:
    raise ValueError(what)


def _moment_or_none(value: object) -> datetime | None:
    try:
        return None if value is None else parse_moment(value)
    except ValueError:
        return None


def parse_moment(value: object) -> datetime:
    """``2026-03-02T12:00:00+01:00`` in UTC; Zoho writes whole seconds in the user's time zone.

    Raises:
        ValueError: it is no moment.
    """
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def stored_key(key: str) -> str:
    """Our key as it fits the field: a long one ends in its digest."""
    return fit_key(key, KEY_LENGTH, digits=_DIGEST)


def same_key(held: str | None, key: str) -> bool:
    """Whether the field holds this key; Zoho's unique fields ignore case."""
    return held is not None and held.casefold() == stored_key(key).casefold()


def is_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record is the company: by our key, or by its website's domain."""
    return same_key(record.key, company.key) or has_website_at(record, company.domain)


def company_queries(companies: Sequence[CompanyRef], *, key_field: str | None) -> Iterable[str]:
    """As few conditions as Zoho's limit allows that select all that may be these companies.

    ``key_field`` is None where the organisation has none.
    """
    criteria: list[str] = []
    keys: list[str] = []
    for company in companies:
        hosts = spellings(company.domain)
        more = [f"Website like {quoted(f'%{host}%')}" for host in hosts]
        if keys and (len(criteria) + len(more) >= MOST_CRITERIA or len(keys) == KEYS_PER_QUERY):
            yield joined([*criteria, *_any_key(keys, key_field)])
            criteria, keys = [], []
        criteria += more
        keys.append(company.key)
    parts = [*criteria, *_any_key(keys, key_field)]
    if parts:
        yield joined(parts)


def _any_key(keys: Sequence[str], key_field: str | None) -> list[str]:
    return [key_condition(keys, key_field)] if keys and key_field is not None else []


def key_condition(keys: Sequence[str], key_field: str) -> str:
    """A condition for the accounts that hold any of these keys."""
    return f"{key_field} in ({', '.join(quoted(stored_key(key)) for key in keys)})"


def joined(criteria: Sequence[str]) -> str:
    """Any of the criteria; Zoho wants brackets around each two."""
    if len(criteria) == 1:
        return criteria[0]
    middle = len(criteria) // 2
    return f"({joined(criteria[:middle])} or {joined(criteria[middle:])})"


def quoted(text: str) -> str:
    """A text in a query; Zoho doubles the quotes in it."""
    return "'" + text.replace("'", "''") + "'"
