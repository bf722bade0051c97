"""The fields that Account has in every organisation, for the simulator."""

from typing import Any

Json = dict[str, Any]

_TEXTS = {
    "Name": 255,
    "BillingStreet": 255,
    "BillingCity": 40,
    "BillingState": 80,
    "BillingPostalCode": 20,
    "BillingCountry": 80,
    "AccountNumber": 40,
    "YearStarted": 4,
}
_READ_ONLY = {
    "Id": "id",
    "IsDeleted": "boolean",
    "MasterRecordId": "reference",
    "CreatedDate": "datetime",
    "LastModifiedDate": "datetime",
    "SystemModstamp": "datetime",
}
_PICKLISTS = {
    "Industry": ("Agriculture", "Banking", "Construction", "Shipping", "Technology", "Other"),
    "Type": ("Prospect", "Customer - Direct", "Other"),
}
_KINDS = {"Text": "string", "Number": "double", "Checkbox": "boolean", "Picklist": "picklist"}


def standard_fields() -> dict[str, Json]:
    """A fresh copy of the definitions, by name."""
    made = [_field(name, "string", length=length) for name, length in _TEXTS.items()]
    made.append(_field("Website", "url", length=255))
    made.append(_field("Phone", "phone", length=40))
    made.append(_field("Description", "textarea", length=32_000))
    made.append(_field("NumberOfEmployees", "int"))
    made.append(_field("AnnualRevenue", "currency"))
    made += [_field(name, kind, writable=False) for name, kind in _READ_ONLY.items()]
    made += [_field(name, "picklist", length=255, values=v) for name, v in _PICKLISTS.items()]
    fields = {each["name"]: each for each in made}
    fields["Name"]["nillable"] = False
    return fields


def custom_field(name: str, metadata: Json) -> Json:
    """What ``describe`` shows of a field that was made with this metadata."""
    made = _field(name, _KINDS[metadata["type"]], length=int(metadata.get("length") or 0))
    made["label"] = metadata["label"]
    made["custom"] = True
    for flag in ("unique", "externalId", "caseSensitive"):
        made[flag] = bool(metadata.get(flag))
    values = (metadata.get("valueSet") or {}).get("values", ())
    made["picklistValues"] = [_choice(value) for value in values]
    made["restrictedPicklist"] = bool(values)
    return made


def _field(
    name: str,
    kind: str,
    *,
    length: int = 0,
    writable: bool = True,
    values: tuple[str, ...] = (),
) -> Json:
    return {
        "name": name,
        "label": name,
        "type": kind,
        "length": length,
        "unique": False,
        "externalId": False,
        "caseSensitive": False,
        "custom": False,
        "createable": writable,
        "updateable": writable,
        "nillable": True,
        "filterable": kind != "textarea",
        "picklistValues": [_choice(value) for value in values],
        "restrictedPicklist": False,
    }


def _choice(value: str) -> Json:
    return {"active": True, "defaultValue": False, "label": value, "value": value}
