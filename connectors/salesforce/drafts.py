"""From a company to the values of a new account, typed as the organisation's fields want; pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connectors.salesforce.accounts import cut, folded, stored_key
from connectors.salesforce.fields import AccountFields, Definition
from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.records import FieldValue, PushItem

_WHOLE = frozenset({"int", "long"})
_NUMBERS = frozenset({"double", "currency", "percent"})
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One account about to be created; ``warnings`` name the fields that were left out."""

    item: PushItem
    values: Mapping[str, FieldValue]
    warnings: tuple[str, ...] = ()
    attempts: int = field(default=1)

    @property
    def key(self) -> str:
        """What tells it from all others, as Salesforce compares it."""
        return folded(self.item.company.key)

    def without(self, names: Iterable[str], why: str) -> "Draft":
        """The same without these fields, with a warning for each."""
        gone = {name for name in names if name in self.values}
        warnings = tuple(f"{name} left out: {why}" for name in self.values if name in gone)
        kept = {name: value for name, value in self.values.items() if name not in gone}
        return replace(self, values=kept, warnings=self.warnings + warnings)

    def once_more(self) -> "Draft":
        """The same, sent again."""
        return replace(self, attempts=self.attempts + 1)


def draft(item: PushItem, *, mapping: FieldMapping, known: AccountFields, key_field: str) -> Draft:
    """The account for a company: what cannot be written is left out from the start."""
    values: dict[str, FieldValue] = {}
    warnings: list[str] = []
    for name, value in mapping.render(item).items():
        found = known.find(name)
        if found is None or not found.get("createable"):
            warnings.append(f"{name} left out: Account has no such field for the app's user")
            continue
        try:
            values[found["name"]] = typed(value, found)
        except ValueError as error:
            warnings.append(f"{name} left out: {error}")
    company = item.company
    if company.domain is not None and known.find("Website") is not None:
        values.setdefault("Website", company.domain)
    # Salesforce takes white space off both ends, and a name of nothing else for none at all.
    name = str(values.get("Name") or "").strip() or company.name.strip()
    values["Name"] = cut(name or company.domain or company.key, _name_length(known))
    if len(str(values["Name"])) < len(name):
        warnings.append(f"Name cut: Salesforce keeps {_name_length(known)} characters")
    values[key_field] = stored_key(company.key)
    return Draft(item=item, values=values, warnings=tuple(warnings))


def _name_length(known: AccountFields) -> int:
    found = known.find("Name") or {}
    return int(found.get("length") or _LONGEST_NAME)


def typed(value: FieldValue, found: Definition) -> FieldValue:
    """The value as JSON of the field's type: of another type Salesforce refuses the whole request.

    Raises:
        ValueError: it cannot be made of that type.
    """
    kind = found.get("type")
    if kind == "boolean":
        truth = _TRUTHS.get(as_text(value).strip().lower())
        if truth is None:
            raise ValueError(f"{as_text(value)[:40]!r} is neither true nor false")
        return truth
    if kind in _WHOLE or kind in _NUMBERS:
        return _number(value, whole=kind in _WHOLE)
    return as_text(value)


def _number(value: FieldValue, *, whole: bool) -> int | float:
    try:
        number = float(as_text(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (whole and not number.is_integer()):
        kind = "whole number" if whole else "number"
        raise ValueError(f"{as_text(value)[:40]!r} is no {kind}")
    return int(number) if whole else number
