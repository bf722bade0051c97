"""EspoCRM's filters as values, and as the parameters of a request; pure.

``where`` and ``select`` are the names that every version knows; from 9.0 on the documentation
calls them ``whereGroup`` and ``attributeSelect`` as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.espocrm.accounts import TIME_FORMAT, stored_key
from connectors.sdk.records import CompanyRef
from connectors.sdk.websites import spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition; ``value`` is a text, or several; ``parts`` are the conditions of an ``or``."""

    type: str
    attribute: str | None = None
    value: str | tuple[str, ...] = ()
    parts: "tuple[Filter, ...]" = ()

    def pairs(self, prefix: str) -> list[tuple[str, str]]:
        """The condition as PHP reads it: ``where[0][type]=equals&where[0][attribute]=…``."""
        pairs = [(f"{prefix}[type]", self.type)]
        if self.attribute is not None:
            pairs.append((f"{prefix}[attribute]", self.attribute))
        if isinstance(self.value, str):
            return [*pairs, (f"{prefix}[value]", self.value)]
        pairs += [(f"{prefix}[value][{at}]", one) for at, one in enumerate(self.value)]
        for at, part in enumerate(self.parts):
            pairs += part.pairs(f"{prefix}[value][{at}]")
        return pairs


def after_id(record_id: str | None) -> tuple[Filter, ...]:
    """Only records behind this one, in the order of ids."""
    if record_id is None:
        return ()
    return (Filter(type="greaterThan", attribute="id", value=record_id),)


def since(attribute: str, moment: datetime) -> Filter:
    """Only records whose time is this or later.

    A value that is no date lets the server return everything, so it is written here alone.
    """
    text = moment.astimezone(UTC).strftime(TIME_FORMAT)
    return Filter(type="greaterThanOrEquals", attribute=attribute, value=text)


def one_of(attribute: str, values: Sequence[str]) -> Filter:
    """Only records with one of these values."""
    return Filter(type="in", attribute=attribute, value=tuple(values))


def equals(attribute: str, value: str) -> Filter:
    """Only records with this value, in any case and with any accents."""
    return Filter(type="equals", attribute=attribute, value=value)


def any_of_companies(companies: Sequence[CompanyRef], key_field: str | None) -> tuple[Filter, ...]:
    """Records that may be one of the companies: by key, or with its domain in the website.

    ``key_field`` is None where the CRM has no such field. Nothing at all comes back where there
    is nothing to look for.
    """
    parts: list[Filter] = []
    if key_field is not None:
        parts.append(one_of(key_field, [stored_key(one.key) for one in companies]))
    parts += [
        Filter(type="contains", attribute="website", value=spelling)
        for company in companies
        for spelling in spellings(company.domain)
    ]
    return tuple(parts) if len(parts) < 2 else (Filter(type="or", parts=tuple(parts)),)  # noqa: PLR2004 - two need an "or"
