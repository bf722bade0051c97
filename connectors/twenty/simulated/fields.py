"""The simulated workspace's objects, the fields of its companies, and what a value becomes."""

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from connectors.twenty.simulated.links import NO_LINKS, stored_links
from connectors.twenty.simulated.refusals import Refusal, bad_syntax, unknown_column

NewId: TypeAlias = Callable[[str], str]
"""Makes the id of a new thing; the argument says of which, such as ``company:Alder Optics``."""

NO_ADDRESS: Mapping[str, Any] = {
    "addressStreet1": "",
    "addressStreet2": "",
    "addressCity": "",
    "addressPostcode": "",
    "addressState": "",
    "addressCountry": "",
    "addressLat": None,
    "addressLng": None,
}
NO_CURRENCY: Mapping[str, Any] = {"amountMicros": None, "currencyCode": ""}
ACTOR: Mapping[str, Any] = {
    "source": "API",
    "workspaceMemberId": None,
    "name": "sync",
    "context": {},
}

_DEFAULTS: Mapping[str, Any] = {
    "TEXT": "",
    "NUMBER": None,
    "BOOLEAN": False,
    "LINKS": NO_LINKS,
    "ADDRESS": NO_ADDRESS,
    "CURRENCY": NO_CURRENCY,
    "ACTOR": ACTOR,
    "POSITION": 0,
    "DATE_TIME": None,
    "UUID": None,
    "TS_VECTOR": "",
}
COMPOSITE: Mapping[str, Mapping[str, Any]] = {
    "LINKS": NO_LINKS,
    "ADDRESS": NO_ADDRESS,
    "CURRENCY": NO_CURRENCY,
    "ACTOR": ACTOR,
}

# name, type, flags (n nullable, s system, u unique), label, description, icon: in recorded order;
# the last three only where they were recorded.
_COMPANY = (
    ("noteTargets", "RELATION", "n", "Notes", "Notes tied to the company", "IconNotes"),
    (
        "deletedAt",
        "DATE_TIME",
        "n",
        "Deleted at",
        "Date when the record was deleted",
        "IconCalendarMinus",
    ),
    ("id", "UUID", "s", "Id", "Id", "Icon123"),
    ("createdAt", "DATE_TIME", ""),
    ("createdBy", "ACTOR", ""),
    ("position", "POSITION", "s"),
    ("taskTargets", "RELATION", "n"),
    ("updatedAt", "DATE_TIME", ""),
    ("searchVector", "TS_VECTOR", "ns"),
    ("address", "ADDRESS", "n"),
    ("idealCustomerProfile", "BOOLEAN", ""),
    ("name", "TEXT", ""),
    ("linkedinLink", "LINKS", "n"),
    ("timelineActivities", "RELATION", "ns"),
    ("attachments", "RELATION", "n"),
    ("domainName", "LINKS", "u"),
    ("people", "RELATION", "n"),
    ("xLink", "LINKS", "n"),
    ("favorites", "RELATION", "ns"),
    ("opportunities", "RELATION", "n"),
    ("accountOwner", "RELATION", "n"),
    ("employees", "NUMBER", "n"),
    ("annualRecurringRevenue", "CURRENCY", "n"),
)
_OBJECTS = [
    "viewField",
    "webhook",
    "noteTarget",
    "favoriteFolder",
    "workflow",
    "workflowAutomatedTrigger",
    "viewFilterGroup",
    "attachment",
    "workflowRun",
    "messageThread",
    "message",
    "favorite",
    "view",
    "note",
    "messageChannel",
    "messageFolder",
    "viewGroup",
    "task",
    "messageChannelMessageAssociation",
    "calendarChannelEventAssociation",
    "workspaceMember",
    "viewFilter",
    "connectedAccount",
    "viewSort",
    "calendarEventParticipant",
    "calendarEvent",
    "calendarChannel",
    "taskTarget",
    "apiKey",
    "messageParticipant",
    "workflowVersion",
    "blocklist",
]
OBJECTS: Mapping[str, str] = {
    **{name: f"{name}s" for name in _OBJECTS},
    "opportunity": "opportunities",
    "timelineActivity": "timelineActivities",
    "company": "companies",
    "person": "people",
}
"""Every object of a new workspace: its name for one → its name for many."""


@dataclass(slots=True, kw_only=True)
class Field:
    """One field of the object company."""

    id: str
    name: str
    type: str
    label: str
    description: str | None = None
    icon: str | None = None
    is_nullable: bool = True
    is_unique: bool = False
    is_custom: bool = False
    is_system: bool = False
    is_active: bool = True
    made_at: datetime

    @property
    def column(self) -> str | None:
        """The name under which a record carries it; None: a relation that it does not carry."""
        if self.type != "RELATION":
            return self.name
        return "accountOwnerId" if self.name == "accountOwner" else None

    def default(self) -> Any:
        """What a company holds in it when nothing was given."""
        return deepcopy(_DEFAULTS.get(self.type))

    def accept(self, value: object) -> Any:
        """The value as it is stored.

        Raises:
            Refusal: the server or its database does not take it.
        """
        if self.type == "LINKS":
            return stored_links(value)
        if self.type in COMPOSITE:
            known = COMPOSITE[self.type]
            given = value if isinstance(value, Mapping) else {}
            return {part: given[part] for part in given if part in known}
        if value is None:
            return None
        return _SIMPLE.get(self.type, _as_is)(value)


def standard_fields(new_id: NewId, made_at: datetime) -> list[Field]:
    """The fields of company in a new workspace."""
    return [
        Field(
            id=new_id(f"field:{name}"),
            name=name,
            type=kind,
            label=words[0] if words else name,
            description=words[1] if words else None,
            icon=words[2] if words else None,
            is_nullable="n" in flags,
            is_unique="u" in flags,
            is_system="s" in flags,
            made_at=made_at,
        )
        for name, kind, flags, *words in _COMPANY
    ]


def read_moment(text: object) -> datetime:
    """A moment as a client writes it.

    Raises:
        Refusal: PostgreSQL would not read it.
    """
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad_syntax("timestamp with time zone", text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_number(value: object) -> float:
    """What JavaScript's ``Number`` makes of it: not a number rather than an error."""
    if isinstance(value, bool | int | float):
        return value
    try:
        return float(value.strip() or "0") if isinstance(value, str) else math.nan
    except ValueError:
        return math.nan


def accept_body(fields: Mapping[str, Field], body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body as values to store.

    Raises:
        Refusal: an unknown field, or a value that is not taken.
    """
    columns = {field.column: field for field in fields.values() if field.column}
    for name in body:
        if name not in columns:
            raise unknown_column(name)
    return {name: columns[name].accept(value) for name, value in body.items()}


def _read_text(value: object) -> str:
    if "\0" in (text := str(value)):
        raise Refusal('invalid byte sequence for encoding "UTF8": 0x00')
    return text


def _read_uuid(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise bad_syntax("uuid", value) from None


def _as_is(value: object) -> object:
    return value


_SIMPLE: Mapping[str, Callable[[object], Any]] = {
    "TEXT": _read_text,
    "NUMBER": read_number,
    "POSITION": read_number,
    "BOOLEAN": bool,
    "UUID": _read_uuid,
    "DATE_TIME": read_moment,
}
