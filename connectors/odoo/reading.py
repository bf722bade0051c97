"""From Odoo's records to the daemon's, and the search domains that find them: pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from connectors.odoo.fields import KEY_FIELD
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import spellings

Domain: TypeAlias = list[Any]

FIELDS = ("name", "website", "email", "city", "country_id", "industry_id", "create_date")
STAMP = "write_date"
COMPANIES: Domain = [["is_company", "=", True]]
_FORMAT = "%Y-%m-%d %H:%M:%S"
_FREE_MAIL = frozenset(
    {
        "aol.com", "gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",
        "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "proton.me",
        "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.com", "yandex.ru", "163.com",
    }
)  # fmt: skip


def to_record(
    row: Mapping[str, Any], *, email_is_domain: bool, key: str | None = None
) -> CrmRecord:
    """A contact as the daemon wants it."""
    websites = [_text(row.get("website"))]
    if email_is_domain:
        websites.append(_email_domain(_text(row.get("email"))))
    return CrmRecord(
        record_id=str(row["id"]),
        name=_text(row.get("name")),
        websites=tuple(website for website in websites if website),
        key=key or _text(row.get(KEY_FIELD)) or None,
        country=_label(row.get("country_id")),
        city=_text(row.get("city")) or None,
        industry=_label(row.get("industry_id")),
        created_at=_moment(row.get("create_date")),
        modified_at=_moment(row.get(STAMP)),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _label(value: object) -> str | None:
    """The name in a reference, which is ``[id, name]`` or ``false``."""
    is_pair = isinstance(value, list) and len(value) > 1
    return _text(value[1]) or None if is_pair and isinstance(value, list) else None


def _moment(value: object) -> datetime | None:
    return parse_moment(value) if isinstance(value, str) and value else None


def parse_moment(text: str) -> datetime:
    """Odoo's text for a moment, in UTC and without its microseconds.

    Raises:
        ValueError: it is none.
    """
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def show_moment(moment: datetime) -> str:
    """A moment as Odoo's searches take it, rounded down to the second."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def _email_domain(address: str) -> str:
    domain = address.rpartition("@")[2].strip().lower() if "@" in address else ""
    return "" if domain in _FREE_MAIL else domain


def changed_since(moment: datetime, overlap: timedelta) -> Domain:
    """Companies that may have been committed after ``moment``.

    ``write_date`` is the beginning of a transaction, so it may lie as far before its commit as the
    longest transaction takes; ``>=`` because it is read in seconds and stored in microseconds.
    """
    return [*COMPANIES, [STAMP, ">=", show_moment(moment - overlap)]]


def after_id(domain: Domain, last_id: int) -> Domain:
    """The rest of a listing by id."""
    return [*domain, ["id", ">", last_id]] if last_id else domain


def by_domains(companies: Iterable[CompanyRef], *, email_is_domain: bool) -> Domain | None:
    """Contacts that may have one of the companies' domains; None: no company has one.

    A superset: who reads them looks closer. Odoo stores a website as it was typed, with ``http://``
    in front where it had no scheme.
    """
    terms: Domain = []
    for company in companies:
        for spelling in spellings(company.domain):
            terms += [["website", "ilike", f"//{spelling}"], ["website", "ilike", f".{spelling}"]]
            terms += [["website", "=ilike", f"{spelling}%"]]
            if email_is_domain:
                terms += [["email", "=ilike", f"%@{spelling}"]]
    return [*["|"] * (len(terms) - 1), *terms] if terms else None


def record_ids(texts: Iterable[str]) -> list[int]:
    """Odoo's ids of the daemon's; what is no number is no id of Odoo's."""
    return [int(text) for text in texts if text.isascii() and text.isdigit()]
