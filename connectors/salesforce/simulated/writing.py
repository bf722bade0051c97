"""What a simulated Salesforce checks before it saves an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.simulated.catalogue import Json
from connectors.salesforce.simulated.org import Account, Org

_TEXTUAL = frozenset({"string", "url", "phone", "textarea", "picklist"})
_LARGEST_INT = 2**31 - 1


class Malformed(Exception):
    """The whole request is refused with 400, for one record in it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Rules:
    """What this organisation's administrators have set up."""

    refused_names: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    """With state and country picklists on: the only countries that are taken."""
    duplicate_action: str = ""
    """Of the duplicate rule on equal names: "" (off), "alert" or "block"."""
    shows_matches: bool = True
    locks: int = 0
    """So many records to come meet a locked row."""
    full: bool = False
    """The organisation's storage is used up."""


def clean(org: Org, record: Mapping[str, Any]) -> Json:
    """The values as they are stored: without white space at the ends, empty ones None.

    Raises:
        Malformed: a field that is not there, or a value of the wrong JSON type.
    """
    known = org.visible_fields()
    values: Json = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        definition = known.get(name)
        if definition is None:
            message = f"No such column '{name}' on sobject of type Account"
            raise Malformed("INVALID_FIELD", message)
        _check_type(name, definition["type"], value)
        values[name] = (value.strip() or None) if isinstance(value, str) else value
    return values


def _check_type(name: str, kind: str, value: Any) -> None:
    right: tuple[type, ...] = (str,)
    if kind == "int":
        right = (int,)
    elif kind in {"double", "currency"}:
        right = (int, float)
    elif kind == "boolean":
        right = (bool,)
    if value is None or (isinstance(value, right) and (bool in right or value is not True)):
        return
    message = f"Cannot deserialize instance of {kind} from {name} value {value!r}"
    raise Malformed("JSON_PARSER_ERROR", message)


def problems(
    org: Org, rules: Rules, values: Json, *, before: Account | None, allow_save: bool
) -> list[Json]:
    """Every error of this record, as Salesforce lists them; none: it may be saved."""
    if rules.locks > 0:
        rules.locks -= 1
        message = "unable to obtain exclusive access to this record or 1 records"
        return [error("UNABLE_TO_LOCK_ROW", message)]
    if rules.full and before is None:
        return [error("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")]
    found = [each for name, value in values.items() for each in _field_problems(org, name, value)]
    found += _rule_problems(org, rules, values, before)
    if found:
        return found
    found = _taken(org, values, before)
    return found or _duplicates(org, rules, values, before, allow_save=allow_save)


def error(code: str, message: str, *fields: str) -> Json:
    """One error of one record of a collection."""
    return {"statusCode": code, "message": message, "fields": list(fields)}


def _field_problems(org: Org, name: str, value: Any) -> list[Json]:
    definition = org.fields[name]
    if not definition["createable"]:
        code = "INVALID_FIELD_FOR_INSERT_UPDATE"
        message = f"Unable to create/update fields: {name}. Please check the security settings"
        return [error(code, message, name)]
    kind, limit = definition["type"], definition["length"]
    if kind in _TEXTUAL and isinstance(value, str):
        if limit and len(value.encode("utf-16-le")) // 2 > limit:
            message = f"{name}: data value too large: {value[:100]} (max length={limit})"
            return [error("STRING_TOO_LONG", message, name)]
        choices = {each["value"] for each in definition["picklistValues"]}
        if definition["restrictedPicklist"] and value not in choices:
            message = f"{name}: bad value for restricted picklist field: {value}"
            return [error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, name)]
    if kind == "int" and isinstance(value, int) and abs(value) > _LARGEST_INT:
        message = f"{name}: value outside of valid range on numeric field: {value}"
        return [error("NUMBER_OUTSIDE_VALID_RANGE", message, name)]
    return []


def _rule_problems(org: Org, rules: Rules, values: Json, before: Account | None) -> list[Json]:
    found = []
    if before is None:
        needed = [name for name, each in org.fields.items() if not each["nillable"]]
        missing = [n for n in (*needed, *sorted(rules.required)) if values.get(n) is None]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            found.append(error("REQUIRED_FIELD_MISSING", message, *missing))
    if values.get("Name") in rules.refused_names:
        message = "A rule of this organisation refuses it"
        found.append(error("FIELD_CUSTOM_VALIDATION_EXCEPTION", message))
    country = values.get("BillingCountry")
    if rules.countries and country is not None and country not in rules.countries:
        message = "There's a problem with this country, even though it may appear correct."
        found.append(error("FIELD_INTEGRITY_EXCEPTION", message, "BillingCountry"))
    return found


def _taken(org: Org, values: Json, before: Account | None) -> list[Json]:
    for name in org.unique_fields():
        holder = org.holder(name, values.get(name))
        if holder is not None and holder is not before:
            message = (
                f"duplicate value found: {name} duplicates value on record with id: "
                f"{holder.id[:15]}"
            )
            return [error("DUPLICATE_VALUE", message)]
    return []


def _duplicates(
    org: Org, rules: Rules, values: Json, before: Account | None, *, allow_save: bool
) -> list[Json]:
    action = rules.duplicate_action
    if not action or before is not None or (action == "alert" and allow_save):
        return []
    name = str(values.get("Name")).casefold()
    matches = [each for each in org.live() if each.values["Name"].casefold() == name]
    if not matches:
        return []
    found = error("DUPLICATES_DETECTED", "Use one of these records?")
    if rules.shows_matches:
        records = [{"record": _matched(each)} for each in matches]
        found["duplicateResut"] = {
            "allowSave": action == "alert",
            "duplicateRule": "Standard_Account_Duplicate_Rule",
            "errorMessage": "Use one of these records?",
            "matchResults": [{"entityType": "Account", "matchRecords": records, "success": True}],
        }
    return [found]


def _matched(account: Account) -> Json:
    website = account.values.get("Website")
    return {"attributes": {"type": "Account"}, "Id": account.id, "Website": website}
