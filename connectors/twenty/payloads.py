"""From one company to what is sent to Twenty: mapping, types, and leaving out what is refused."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.sizes import fewest_employees
from connectors.twenty.identity import address_of, host_of_company, record_id_of

KEY_FIELD = "prospectdKey"
"""The custom text field that shows our key, so that listings tell it; uniqueness is the id's."""

DEFAULTS: Mapping[str, str] = {
    "name": "{name}",
    "employees": "{employee_count}",
    "address.addressCity": "{city}",
    "address.addressState": "{state}",
    "address.addressCountry": "{country}",
    "prospectdDescription": "{description}",
    "prospectdFoundingYear": "{founding_year}",
    "prospectdRelevance": "{relevance}",
    "prospectdSearch": "{search}",
    "prospectdTask": "{task_id}",
}
RESERVED = (
    "id",
    "domainName",
    "domainName.primaryLinkUrl",
    "domainName.primaryLinkLabel",
    "domainName.secondaryLinks",
    "createdAt",
    "updatedAt",
    "deletedAt",
    "createdBy",
    "position",
    "searchVector",
    KEY_FIELD,
)
_DOMAIN = "domainName.primaryLinkUrl"
_CORE = frozenset({"id", "name", _DOMAIN})

STANDARD: Mapping[str, str] = {
    "name": "TEXT",
    "domainName": "LINKS",
    "employees": "NUMBER",
    "linkedinLink": "LINKS",
    "xLink": "LINKS",
    "annualRecurringRevenue": "CURRENCY",
    "address": "ADDRESS",
    "idealCustomerProfile": "BOOLEAN",
    "accountOwnerId": "UUID",
}
"""Columns that every workspace has, with their types."""
_COMPOSITE = frozenset({"LINKS", "ADDRESS", "CURRENCY", "FULL_NAME", "EMAILS", "PHONES"})
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

Columns: TypeAlias = Mapping[str, str]
"""Name of each writable column of companies → its type in Twenty."""


class Unfit(Exception):
    """A value that Twenty would refuse, or worse, store as something else."""


class NoColumn(Unfit):
    """There is no such column."""


def new_mapping(overrides: Mapping[str, str]) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or a property that is the connector's own business.
    """
    return FieldMapping.merged(
        DEFAULTS, overrides, converters={"employees": fewest_employees}, reserved=RESERVED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sent for one company; ``values`` by property, parts of composite ones with a dot."""

    company: CompanyRef
    values: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def record_id(self) -> str:
        """The id that the record will have."""
        return record_id_of(self.company.key)

    @property
    def key(self) -> str:
        """What tells it from the others of a push: the id that our key makes."""
        return self.record_id

    @property
    def body(self) -> dict[str, Any]:
        """The values as Twenty takes them: parts nested in their composite."""
        body: dict[str, Any] = {"id": self.record_id}
        for name, value in self.values.items():
            column, _, part = name.partition(".")
            if part:
                body.setdefault(column, {})[part] = value
            else:
                body[column] = value
        return body

    def without(self, names: Collection[str], why: str) -> "Payload":
        """The same with these values left out, and a warning that says so."""
        kept = {name: value for name, value in self.values.items() if name not in names}
        warning = f"left out {', '.join(sorted(names))}: {why}"
        return replace(self, values=kept, warnings=(*self.warnings, warning))


def draft(item: PushItem, mapping: FieldMapping, columns: Columns) -> Payload:
    """What is sent for a company at first; what cannot be kept is left out with a warning."""
    values: dict[str, Any] = {}
    missing: list[str] = []
    warnings: list[str] = []
    for name, value in mapping.render(item).items():
        if name in RESERVED:
            warnings.append(f"left out {name}: the connector writes it itself")
            continue
        try:
            values[_property(name, columns)] = fit(value, name, columns)
        except NoColumn:
            missing.append(name)
        except Unfit as unfit:
            warnings.append(f"left out {name}: {unfit}")
    if missing:
        warnings.append(f"left out {', '.join(sorted(missing))}: Twenty has no such field")
    company = item.company
    values["name"] = values.get("name") or clean(company.name or company.domain or company.key)
    if (address := _address(item)) is not None:
        values[_DOMAIN] = address
    if KEY_FIELD in columns:
        values[KEY_FIELD] = clean(company.key)
    return Payload(company=company, values=values, warnings=tuple(warnings))


def _address(item: PushItem) -> str | None:
    host = host_of_company(item.company)
    if host is not None:
        return address_of(host)
    website = item.fields.get("website")
    return clean(website) if isinstance(website, str) and website.strip() else None


def _property(name: str, columns: Columns) -> str:
    """A text for a whole links field means its main address: Twenty would store nothing of it."""
    return f"{name}.primaryLinkUrl" if columns.get(name) == "LINKS" else name


def fit(value: FieldValue, name: str, columns: Columns) -> Any:
    """The value as the column takes it.

    Raises:
        NoColumn: there is none.
        Unfit: it would not keep the value.
    """
    column, _, part = name.partition(".")
    kind = columns.get(column)
    if kind is None:
        raise NoColumn(column)
    if kind in _COMPOSITE and not part and kind != "LINKS":
        raise Unfit(f'"{column}" has parts; name one of them, as in "address.addressCity"')
    if part and kind not in _COMPOSITE:
        raise Unfit(f'"{column}" has no parts')
    return _FITTERS.get(kind, clean)(value)


def clean(value: FieldValue) -> str:
    """A text that a PostgreSQL column and JSON both take: no NUL, no half of a character."""
    return as_text(value).replace("\0", "").encode("utf-8", "replace").decode()


def _number(value: FieldValue) -> int | float:
    """A number; anything else Twenty answers with success and stores as not a number."""
    if isinstance(value, bool):
        raise Unfit(f"{value} is not a number")
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Unfit(f'"{value}" is not a number')
    return int(number) if number.is_integer() else number


def _boolean(value: FieldValue) -> bool:
    known = _BOOLEANS.get(as_text(value).lower())
    if known is None:
        raise Unfit(f'"{value}" is neither true nor false')
    return known


_FITTERS: Mapping[str, Callable[[FieldValue], Any]] = {"NUMBER": _number, "BOOLEAN": _boolean}

_UNKNOWN_COLUMN = re.compile(r'field "(\w+)" is missing in object metadata')


def without_refused(payload: Payload, message: str) -> Payload | None:
    """What to send after Twenty refused a value with this message; None: nothing can be left out.

    A column that it names is left out alone. A link that is not valid: first all but the
    company's own address. Anything else: all but name and address, then the address.
    """
    names = payload.values.keys() - _CORE
    if found := _UNKNOWN_COLUMN.search(message):
        guilty = {name for name in names if name.partition(".")[0] == found[1]}
    elif "link is not valid" in message:
        guilty = {name for name in names if name.endswith("primaryLinkUrl")}
        guilty = guilty or payload.values.keys() & {_DOMAIN}
    else:
        guilty = set(names) or set(payload.values.keys() & {_DOMAIN})
    return payload.without(guilty, f"Twenty says: {message}") if guilty else None
