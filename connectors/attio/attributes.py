"""Which attributes of a company we write, and what to do when one is missing or refused; pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.records import FieldValue

Attributes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The definitions of a workspace's company attributes, by slug."""
Values: TypeAlias = Mapping[str, list[Any]]
"""What is written: each attribute's values, always in a list."""

DEFAULTS: Mapping[str, str] = {
    "name": "{name}",
    "description": "{description}",
    "primary_location": "{city}, {state}, {country}",
    "prospectd_employees": "{employee_count}",
    "prospectd_founded": "{founding_year}",
    "prospectd_relevance": "{relevance}",
    "prospectd_search": "{search}",
    "prospectd_task": "{task_url}",
}
_NOT_FOR_MAPPING = ("domains", "record_id", "created_at")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_QUOTED = re.compile(r'"([a-z0-9_-]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAttribute:
    """An attribute that we make."""

    slug: str
    type: str
    title: str
    unique: bool = False

    def definition(self) -> dict[str, Any]:
        """The body that creates it."""
        return {
            "title": self.title,
            "description": "Written by prospectd",
            "api_slug": self.slug,
            "type": self.type,
            "is_required": False,
            "is_unique": self.unique,
            "is_multiselect": False,
            "config": {},
        }

    def remedy(self) -> str:
        """What a person does, in words."""
        unique = ', switch on "Unique"' if self.unique else ""
        return (
            "in Attio open Workspace settings, Objects, Companies, Attributes, Create attribute: "
            f'type {self.type.capitalize()}, name "{self.title}", slug "{self.slug}"{unique}; or '
            "give the token the scope object_configuration:read-write"
        )


OTHER_ATTRIBUTES = (
    OwnAttribute(slug="prospectd_employees", type="text", title="Prospectd employees"),
    OwnAttribute(slug="prospectd_founded", type="number", title="Prospectd founding year"),
    OwnAttribute(slug="prospectd_relevance", type="number", title="Prospectd relevance"),
    OwnAttribute(slug="prospectd_search", type="text", title="Prospectd search"),
    OwnAttribute(slug="prospectd_task", type="text", title="Extruct task"),
)


def wanted_attributes(mapping: FieldMapping, key: str) -> tuple[OwnAttribute, ...]:
    """The attributes of our own that this mapping writes, the key's first."""
    own_key = OwnAttribute(slug=key, type="text", title="Prospectd key", unique=True)
    return own_key, *(one for one in OTHER_ATTRIBUTES if one.slug in mapping.templates)


def new_mapping(overrides: Mapping[str, str], *, key_attribute: str) -> FieldMapping:
    """The default mapping with the operator's over it.

    Raises:
        ValueError: a bad template, or an attribute that only the connector or Attio writes.
    """
    converters = {
        "primary_location": tidy_place,
        "prospectd_founded": number,
        "prospectd_relevance": number,
    }
    reserved = (key_attribute, *_NOT_FOR_MAPPING)
    return FieldMapping.merged(DEFAULTS, overrides, converters=converters, reserved=reserved)


def tidy_place(value: FieldValue) -> FieldValue:
    """A place without the commas of what is not known; Attio reads it as an address."""
    parts = [part.strip() for part in as_text(value).split(",")]
    return ", ".join(part for part in parts if part) or None


def number(value: FieldValue) -> FieldValue:
    """A number for a Number attribute; what is none is left out."""
    try:
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is sent to create a record, and which attributes were left out on the way."""

    values: Values
    warnings: tuple[str, ...] = ()

    def without(self, slugs: Collection[str], why: str) -> "Body":
        """The body with so much less."""
        gone = [slug for slug in self.values if slug in slugs]
        return Body(
            values={slug: value for slug, value in self.values.items() if slug not in slugs},
            warnings=(*self.warnings, *(f"{slug} was left out: {why}" for slug in gone)),
        )


def as_body(values: Mapping[str, FieldValue], attributes: Attributes) -> Body:
    """The values in lists, without attributes that the workspace does not have or let us write."""
    body = Body(values={slug: [value] for slug, value in values.items()})
    missing = [slug for slug in values if slug not in attributes]
    locked = [slug for slug in values if not attributes.get(slug, {}).get("is_writable", True)]
    body = body.without(missing, "the workspace has no such attribute on companies")
    return body.without(locked, "Attio fills this attribute itself")


def refused_attributes(
    message: str, body: Body, attributes: Attributes, *, needed: Collection[str]
) -> list[str]:
    """Which attributes to leave out after a refusal; none: there is nothing left to give up.

    Attio names the attribute by slug or id in its message, mostly; where it does not, everything
    that is not needed goes.
    """
    slugs_by_id = {
        str(one.get("id", {}).get("attribute_id")): slug for slug, one in attributes.items()
    }
    named = {slugs_by_id[found] for found in _UUID.findall(message) if found in slugs_by_id}
    named |= {found for found in _QUOTED.findall(message) if found in body.values}
    spare = [slug for slug in body.values if slug not in needed]
    return [slug for slug in spare if slug in named] or spare


def missing_findings(wanted: tuple[OwnAttribute, ...], attributes: Attributes) -> list[Finding]:
    """What to say about attributes that are not there; the first wanted one is the key's."""
    key = wanted[0]
    findings = [
        Finding(
            level=Level.PROBLEM if one is key else Level.WARNING,
            text=f"Attio has no attribute {one.slug} on companies: {_consequence(one is key)}",
            remedy=one.remedy(),
        )
        for one in wanted
        if one.slug not in attributes
    ]
    definition = attributes.get(key.slug)
    if definition is not None and not definition.get("is_unique"):
        text = f"the attribute {key.slug} is not unique: nothing stops two records with one key"
        remedy = "archive it and create it anew with uniqueness"
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def _consequence(is_key: bool) -> str:
    if is_key:
        return "companies without a domain of their own are held back"
    return "its value is left out"
