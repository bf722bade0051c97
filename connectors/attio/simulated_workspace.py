"""The companies of a simulated workspace of Attio, with its unique attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from connectors.attio.simulated_values import BadFilterError, Stored, passes, shown, stored
from connectors.sdk.clock import Clock

WORKSPACE_ID = "14beef7a-99f7-4534-a87e-70b564330a4c"
OBJECT_ID = "97052eb9-e65e-443f-a297-f2d9a4a7f795"
MOST_PER_PAGE = 500
_STANDARD = {
    "domains": ("domain", True, True),
    "name": ("text", False, True),
    "description": ("text", False, True),
    "categories": ("select", False, True),
    "primary_location": ("location", False, True),
    "employee_range": ("select", False, False),
    "created_at": ("timestamp", False, False),
    "record_id": ("text", False, False),
}
"""Slug → type, unique, writable."""


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str, kind: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status_code": status, "type": kind, "code": code, "message": message}

    def response(self) -> httpx.Response:
        """The answer over HTTP."""
        return httpx.Response(self.status, json=self.body)


def refused(code: str, message: str, *, status: int = 400) -> Refusal:
    """A request that cannot be carried out."""
    return Refusal(status, code, message, "invalid_request_error")


@dataclass(slots=True, kw_only=True)
class Record:
    """One company."""

    record_id: str
    created_at: str
    actor: str
    values: dict[str, list[Stored]]


@dataclass(slots=True, kw_only=True)
class Workspace:
    """Companies by id, oldest first, and the attributes that they have."""

    clock: Clock
    random: Random
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    refused_names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the attributes that every workspace has."""
        for slug, (kind, unique, writable) in _STANDARD.items():
            self.attributes[slug] = self.new_attribute(
                slug, kind, unique=unique, writable=writable, system=True
            )

    def new_attribute(
        self, slug: str, kind: str, *, unique: bool, writable: bool = True, system: bool = False
    ) -> dict[str, Any]:
        """The definition of an attribute, as the API shows it."""
        attribute_id = self.new_id()
        return {
            "id": {
                "workspace_id": WORKSPACE_ID,
                "object_id": OBJECT_ID,
                "attribute_id": attribute_id,
            },
            "title": slug.replace("_", " ").capitalize(),
            "description": None,
            "api_slug": slug,
            "type": kind,
            "is_system_attribute": system,
            "is_writable": writable,
            "is_required": False,
            "is_unique": unique,
            "is_multiselect": slug in ("domains", "categories"),
            "is_default_value_enabled": False,
            "is_archived": False,
            "default_value": None,
            "relationship": None,
            "created_at": self.now(),
            "config": {
                "currency": {"default_currency_code": None, "display_type": None},
                "record_reference": {"allowed_object_ids": None},
            },
        }

    def now(self) -> str:
        """The present moment, as Attio writes it."""
        return f"{self.clock.now():%Y-%m-%dT%H:%M:%S.%f}000Z"

    def new_id(self) -> str:
        """A random UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    @property
    def _kinds(self) -> dict[str, str]:
        return {slug: one["type"] for slug, one in self.attributes.items()}

    def query(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The records that a query asks for."""
        limit, offset = int(body.get("limit", MOST_PER_PAGE)), int(body.get("offset", 0))
        if limit > MOST_PER_PAGE:
            raise refused("validation_type", f"limit must be at most {MOST_PER_PAGE}.")
        try:
            passes({}, body.get("filter", {}), self._kinds)
            found = [
                record
                for record in self.records.values()
                if passes(self._all_values(record), body.get("filter", {}), self._kinds)
            ]
        except (BadFilterError, ValueError) as error:
            raise refused("filter_error", f"Error in filter. {error}") from None
        found.sort(key=lambda one: (one.created_at, one.record_id))
        return [self.shown(record) for record in found[offset : offset + limit]]

    def _all_values(self, record: Record) -> dict[str, list[Stored]]:
        own = {"created_at": [{"value": record.created_at}]}
        return record.values | own | {"record_id": [{"value": record.record_id}]}

    def shown(self, record: Record) -> dict[str, Any]:
        """A record as it is read."""
        kinds, at = self._kinds, record.created_at
        values = {
            slug: [shown(kinds[slug], one, since=at, actor=record.actor) for one in held]
            for slug, held in record.values.items()
        }
        created = shown("timestamp", {"value": at}, since=at, actor=record.actor)
        return {
            "id": {
                "workspace_id": WORKSPACE_ID,
                "object_id": OBJECT_ID,
                "record_id": record.record_id,
            },
            "created_at": at,
            "web_url": f"https://app.attio.com/company/{record.record_id}",
            "values": values | {"created_at": [created]},
        }

    def create(self, values: Mapping[str, Any], *, actor: str) -> Record:
        """A new record; a value that a unique attribute holds already is a conflict."""
        kept = self.kept(values)
        name = kept.get("name", [{}])[0].get("value")
        if name in self.refused_names:
            raise refused("validation_type", "A rule of this workspace refuses the company.")
        self._check_unique(kept, None)
        record = Record(record_id=self.new_id(), created_at=self.now(), actor=actor, values=kept)
        self.records[record.record_id] = record
        return record

    def kept(self, values: Mapping[str, Any]) -> dict[str, list[Stored]]:
        """The values as they are stored; each is one value or a list."""
        kept: dict[str, list[Stored]] = {}
        for slug, given in values.items():
            attribute = self.attributes.get(slug)
            if attribute is None:
                text = f'Cannot find attribute with slug/ID "{slug}".'
                raise refused("unknown_attribute", text)
            if not attribute["is_writable"]:
                raise refused("validation_type", f'Attribute with slug "{slug}" is read-only.')
            listed = given if isinstance(given, list) else [given]
            kept[slug] = [stored(attribute["type"], slug, one) for one in listed]
        return kept

    def _check_unique(self, kept: Mapping[str, list[Stored]], own_id: str | None) -> None:
        for slug, values in kept.items():
            attribute = self.attributes[slug]
            if not attribute["is_unique"]:
                continue
            for record in self.records.values():
                both = [one for one in record.values.get(slug, []) if one in values]
                if both and record.record_id != own_id:
                    raise _conflict(attribute, both[0])

    def update(self, record_id: str, values: Mapping[str, Any]) -> Record:
        """Change a record's values."""
        record = self.records[record_id]
        kept = self.kept(values)
        self._check_unique(kept, record_id)
        record.values |= kept
        return record


def _conflict(attribute: Mapping[str, Any], value: Stored) -> Refusal:
    text = ",".join(f'"{name}":"{one}"' for name, one in value.items() if name != "root_domain")
    escaped = text.replace('"', '\\"')
    return refused(
        "uniqueness_conflict",
        f'The value "{{{escaped}}}" provided for attribute with ID '
        f'"{attribute["id"]["attribute_id"]}" conflicts with one already in the system.',
    )
