"""Which column of a table says what about a company; pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.csv.cells import plain_text
from connectors.sdk.faults import NeedsPerson
from connectors.sdk.records import CrmRecord

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("recordid", "id", "companyid", "accountid", "organizationid"),
    "name": (
        "companyname",
        "accountname",
        "organizationname",
        "name",
        "company",
        "account",
        "organization",
        "organisation",
        "firma",
    ),
    "website": ("websiteurl", "website", "companywebsite", "homepage", "url", "web", "webseite"),
    "domain": ("companydomainname", "domainname", "companydomain", "domain"),
    "additional_domains": ("additionaldomains", "otherdomains", "domains"),
    "country": ("countryregion", "country", "billingcountry"),
    "city": ("city", "billingcity"),
    "industry": ("industry",),
    "size": ("numberofemployees", "employees", "employeecount", "companysize", "size"),
    "description": ("description", "about"),
}
ROLES = tuple(_HEADERS)
_LEADS_TO_DOMAINS = ("domain", "website", "additional_domains")
_SEVERAL = re.compile(r"[;,\s]+")
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Role → the column that has it. ``key`` is the column of our own key, where there is one."""

    by_role: Mapping[str, str]
    key: str | None = None

    def record(self, cells: Mapping[str, str]) -> CrmRecord | None:
        """The company of a row; None where the row names none."""
        values = {role: plain_text(cells[name]).strip() for role, name in self.by_role.items()}
        key = plain_text(cells[self.key]).strip() if self.key is not None else None
        websites = _websites(values, key)
        name = values.get("name", "")
        if not (name or websites or key):
            return None
        return CrmRecord(
            record_id=key or values.get("id") or _row_id(name, websites, values.get("city", "")),
            name=name,
            websites=websites,
            key=key or None,
            country=values.get("country") or None,
            city=values.get("city") or None,
            industry=values.get("industry") or None,
            size=values.get("size") or None,
            description=values.get("description") or None,
        )


def imported_columns(header: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """The columns of a file that somebody else wrote: as chosen, else by their usual names.

    Raises:
        NeedsPerson: a chosen column is missing, or none leads to a domain or a name.
    """
    missing = sorted(name for name in chosen.values() if name and name not in header)
    if missing:
        message = f"there is no column {missing[0]!r}; the file has {', '.join(header)}"
        raise NeedsPerson("no_such_column", message)
    plain = {_LETTERS.sub("", name.casefold()): name for name in reversed(header)}
    found = {
        role: next((plain[name] for name in names if name in plain), None)
        for role, names in _HEADERS.items()
    }
    by_role = {role: name for role, name in {**found, **chosen}.items() if name}
    if not any(role in by_role for role in _LEADS_TO_DOMAINS):
        message = (
            f"no column leads to a website; the file has {', '.join(header)}: "
            "name one in import_columns"
        )
        raise NeedsPerson("no_website_column", message)
    return Columns(by_role=by_role)


def exported_columns(
    header: Sequence[str], *, key_column: str, mapping: Mapping[str, str]
) -> Columns:
    """The columns of our own file; ``mapping`` is column → template, as it is written.

    Raises:
        NeedsPerson: the key's column is gone, so that nobody can tell what is there already.
    """
    if key_column not in header:
        message = (
            f"the column {key_column} is gone from the file; put it back, or move the file away "
            "so that a new one is begun"
        )
        raise NeedsPerson("no_key_column", message)
    roles = {
        "{name}": "name",
        "{website}": "website",
        "{domain}": "domain",
        "{country}": "country",
        "{city}": "city",
        "{employee_count}": "size",
        "{description}": "description",
    }
    by_role = {
        roles[template]: column
        for column, template in mapping.items()
        if template in roles and column in header
    }
    return Columns(by_role=by_role, key=key_column)


def _websites(values: Mapping[str, str], key: str | None) -> tuple[str, ...]:
    """Everything that leads to a domain, the domain first; our key too where it is one."""
    texts = [values.get("domain", ""), values.get("website", "")]
    texts += _SEVERAL.split(values.get("additional_domains", ""))
    if key is not None and ":" not in key:
        texts.insert(0, key)
    return tuple(dict.fromkeys(text for text in texts if text))


def _row_id(name: str, websites: tuple[str, ...], city: str) -> str:
    """An id for a row that brings none: the same as long as the row says the same company."""
    text = "\0".join((name.casefold(), city.casefold(), *websites))
    return f"row:{hashlib.sha256(text.encode()).hexdigest()[:20]}"
