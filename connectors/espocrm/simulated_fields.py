"""The fields of an Account in EspoCRM 8.4: their definitions, what they refuse, how they read."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Attributes: TypeAlias = dict[str, Any]


_NO_BAD_CHARACTERS = re.compile(r"[^<>=]+")
_URI = re.compile(
    r"([a-zA-Z0-9]+://)?[a-zA-Z0-9%./?:@\-_=#$!+*()',]+\.([a-zA-Z0-9%&./?:@\-_=#$!+*()',~])*"
)
_PHONE = re.compile(r"\+[0-9][0-9 ()-]{5,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

ADDRESS_PARTS = {"Street": 255, "City": 100, "State": 100, "Country": 100, "PostalCode": 40}
STORED = (
    "name", "website", "emailAddress", "phoneNumber", "type", "industry", "sicCode",
    *(f"billingAddress{part}" for part in ADDRESS_PARTS),
    *(f"shippingAddress{part}" for part in ADDRESS_PARTS),
    "description", "campaignId", "assignedUserId",
)  # fmt: skip
"""What a client may set; everything else in a body is ignored."""
SYSTEM = frozenset({"id", "deleted", "createdAt", "modifiedAt", "createdById", "modifiedById"})


@cache
def stored_answers() -> dict[str, Any]:
    """What is the same every time, from the file beside this one."""
    path = Path(__file__).with_name("simulated_answers.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def standard_fields() -> dict[str, Attributes]:
    """The definitions, as ``Metadata`` shows them, with those lengths that it takes for granted."""
    address = {
        f"{side}Address{part}": {
            "type": "text" if part == "Street" else "varchar",
            "maxLength": most,
        }
        for side in ("billing", "shipping")
        for part, most in ADDRESS_PARTS.items()
    }
    bad = "$noBadCharacters"
    name = {"type": "varchar", "maxLength": 249, "required": True, "pattern": bad, "audited": True}
    return {
        "name": name,
        "website": {"type": "url", "strip": True},
        "emailAddress": {"type": "email", "isPersonalData": True},
        "phoneNumber": {"type": "phone", "typeList": ["Office", "Mobile", "Fax", "Other"]},
        "type": {"type": "enum", "options": stored_answers()["types"]},
        "industry": {"type": "enum", "options": stored_answers()["industries"], "isSorted": True},
        "sicCode": {"type": "varchar", "maxLength": 40, "pattern": bad},
        **address,
        "description": {"type": "text"},
        "createdAt": {"type": "datetime", "readOnly": True},
        "modifiedAt": {"type": "datetime", "readOnly": True},
    }


def sanitise(value: Any) -> Any:
    """Texts lose the spaces around them, and an empty one becomes null."""
    return value.strip() or None if isinstance(value, str) else value


def first_failure(
    values: Mapping[str, Any], fields: Mapping[str, Attributes]
) -> tuple[str, str] | None:
    """The first field that is refused, and why; None where all is well."""
    return next(_failures(values, fields), None)


def _failures(
    values: Mapping[str, Any], fields: Mapping[str, Attributes]
) -> Iterator[tuple[str, str]]:
    for field, definition in fields.items():
        value = values.get(field)
        if value is None:
            if definition.get("required"):
                yield field, "required"
        elif (why := _refusal(value, definition)) is not None:
            yield field, why


def _refusal(value: Any, definition: Mapping[str, Any]) -> str | None:
    kind = definition["type"]
    if kind == "int":
        return None if isinstance(value, int) else "valid"
    if kind == "enum":
        return None if value in definition.get("options", []) else "valid"
    if not isinstance(value, str):
        return "valid"
    most = definition.get("maxLength", 255 if kind in ("url", "varchar") else None)
    if most is not None and len(value) > most:
        return "maxLength"
    if "pattern" in definition and not _NO_BAD_CHARACTERS.fullmatch(value):
        return "pattern"
    pattern, why = {
        "url": (_URI, "valid"), "phone": (_PHONE, "valid"), "email": (_EMAIL, "emailAddress"),
    }.get(kind, (None, ""))  # fmt: skip
    return why if pattern and not pattern.fullmatch(value) else None


def as_row(record: Attributes, custom: tuple[str, ...], names: Mapping[str, str]) -> Attributes:
    """A record with every column: what a 409 lists."""
    row = {"id": record["id"], "deleted": False}
    row |= {field: record.get(field) for field in (*STORED, *custom)}
    for side, field in (("emailAddress", "emailAddress"), ("phoneNumber", "phoneNumber")):
        flag = False if record.get(field) and f"{field}Data" in record else None
        row |= {f"{side}IsOptedOut": flag, f"{side}IsInvalid": flag}
    row |= {at: record[at] for at in ("createdAt", "modifiedAt")}
    for link in ("createdBy", "modifiedBy", "assignedUser"):
        who = record.get(f"{link}Id")
        row |= {f"{link}Id": who, f"{link}Name": names.get(who) if who else None}
    return row | dict.fromkeys(("campaignName", "originalLeadId", "originalLeadName"))


def as_read(row: Attributes, record: Attributes, *, stream: bool) -> Attributes:
    """A row as it is read one by one: with its links and lists."""
    read = row | {
        "emailAddressData": record.get("emailAddressData", []),
        "phoneNumberData": record.get("phoneNumberData", []),
        "teamsIds": [],
        "teamsNames": {},
        "isFollowed": False,
        "isStarred": False,
    }
    return read | ({"followersIds": [], "followersNames": {}} if stream else {})


def as_created(record: Attributes, creator: str, *, stream: bool) -> Attributes:
    """The reply to a create: only what was set, and the defaults."""
    created = {key: value for key, value in record.items() if key != "modifiedById"}
    defaults = {
        "deleted": False,
        "contactIsInactive": False,
        "targetListIsOptedOut": False,
        "emailAddressIsOptedOut": False,
        "emailAddressIsInvalid": False,
        "phoneNumberIsOptedOut": False,
        "phoneNumberIsInvalid": False,
        "campaignName": None,
        "createdByName": creator,
        "modifiedByName": None,
        "assignedUserName": None,
    }
    return as_read(created | defaults, record, stream=stream)


def contact_data(record: Attributes) -> Attributes:
    """The lists behind the address of mail and the telephone number."""
    mail, phone = record.get("emailAddress"), record.get("phoneNumber")
    flags = {"primary": True, "optOut": False, "invalid": False}
    data: Attributes = {}
    if mail:
        data["emailAddressData"] = [{"emailAddress": mail, "lower": mail.lower(), **flags}]
    if phone:
        data["phoneNumberData"] = [{"phoneNumber": phone, "type": "Office", **flags}]
    return data
