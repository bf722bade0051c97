"""The organizations and fields of a simulated Pipedrive account.

Nothing in it is unique; deletions and merges leave every ``update_time`` as it was; the search
knows a record only after a while; two fields may have one name.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.pipedrive.simulated_values import (
    STANDARD_FIELDS,
    STANDARD_OPTIONAL,
    RefusedError,
    check_organization,
    check_time,
)

MOST_PER_PAGE = 500
MOST_IDS = 100
MOST_CUSTOM = 15
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SEARCHABLE = ("varchar", "varchar_auto", "text", "double", "phone")


@dataclass(slots=True, kw_only=True)
class Organization:
    """One row. Before ``shown_from`` no read gives it; the search only from ``found_from`` on."""

    record_id: int
    values: dict[str, Any]
    custom: dict[str, Any]
    added: str
    updated: str
    shown_from: datetime
    found_from: datetime
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    """One company's data.

    ``ignored`` are query parameters that this account does not know: it passes over them silently,
    as over any other unknown one. ``search_lag`` is how late the search learns of a write.
    """

    now: Callable[[], datetime]
    random: Random
    search_lag: timedelta = timedelta(seconds=20)
    standard_website: bool = True
    ignored: set[str] = field(default_factory=set)
    refused_names: set[str] = field(default_factory=set)
    rows: dict[int, Organization] = field(default_factory=dict)
    fields: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        newer = STANDARD_OPTIONAL if self.standard_website else ()
        self.fields += [dict(one) for one in (*STANDARD_FIELDS, *newer)]

    def add_field(self, name: str, kind: str, options: Iterable[str] = ()) -> str:
        """A custom field; gives its code."""
        code = f"{self.random.getrandbits(160):040x}"
        labels = [{"id": 100 + n, "label": label} for n, label in enumerate(options)]
        self.fields.append(
            {
                "field_name": name,
                "field_code": code,
                "field_type": kind,
                "options": labels or None,
                "subfields": None,
                "is_custom_field": True,
                "is_optional_response_field": False,
            }
        )
        return code

    def codes_of(self, name: str) -> list[str]:
        """The codes of the custom fields of this name."""
        return [one["field_code"] for one in self.fields if one["field_name"] == name]

    def create(self, body: Mapping[str, Any], *, after: timedelta = timedelta(0)) -> Organization:
        """Make an organization, whatever is there already.

        Raises:
            RefusedError: a value is refused, and with it everything.
        """
        check_organization(body, self.fields, self.refused_names)
        values = {k: v for k, v in body.items() if k != "custom_fields"}
        now, stamp = self.now(), f"{self.now():{_TIME}}"
        row = Organization(
            record_id=len(self.rows) + 1,
            values=values,
            custom=dict(body.get("custom_fields") or {}),
            added=stamp,
            updated=stamp,
            shown_from=now + after,
            found_from=now + after + self.search_lag,
        )
        self.rows[row.record_id] = row
        return row

    def update(self, record_id: int, body: Mapping[str, Any]) -> None:
        """Change an organization, as a person does."""
        row = self.rows[record_id]
        row.values |= {k: v for k, v in body.items() if k != "custom_fields"}
        row.custom |= body.get("custom_fields") or {}
        row.updated = f"{self.now():{_TIME}}"
        row.found_from = self.now() + self.search_lag

    def delete(self, record_id: int) -> None:
        """Mark it as deleted; its time of change stays."""
        self.rows[record_id].deleted = True

    def restore(self, record_id: int) -> None:
        """Take it back out of the bin; its time of change stays."""
        self.rows[record_id].deleted = False

    def merge(self, *, survivor_id: int, lost_id: int) -> None:
        """Merge: the survivor takes over what it has empty; its time of change stays."""
        survivor, lost = self.rows[survivor_id], self.rows[lost_id]
        survivor.values = {**lost.values, **_filled(survivor.values)}
        survivor.custom = {**lost.custom, **_filled(survivor.custom)}
        survivor.found_from = self.now() + self.search_lag
        lost.deleted = True

    def live(self) -> list[Organization]:
        """What people see."""
        return [row for row in self.rows.values() if not row.deleted]

    def listed(self, params: Mapping[str, str]) -> tuple[list[dict[str, Any]], str | None]:
        """A page of the listing, and the cursor of the next.

        Raises:
            RefusedError: a parameter is wrong.
        """
        known = {name: value for name, value in params.items() if name not in self.ignored}
        limit = _limit(known.get("limit", "100"))
        by = _one_of("sort_by", known.get("sort_by", "id"), ("id", "add_time", "update_time"))
        direction = known.get("sort_direction", "asc")
        falling = _one_of("sort_direction", direction, ("asc", "desc")) == "desc"
        rows = sorted(self._filtered(known), key=lambda row: _place(row, by), reverse=falling)
        if "cursor" in known:
            place = _open_cursor(known["cursor"], by)
            rows = [
                row
                for row in rows
                if (_place(row, by) <= place if falling else _place(row, by) >= place)
            ]
        page, rest = rows[:limit], rows[limit:]
        following = _cursor(rest[0], by, direction) if rest else None
        return [self.body(row, known) for row in page], following

    def body(self, row: Organization, params: Mapping[str, str]) -> dict[str, Any]:
        """An organization as replies hold it.

        Raises:
            RefusedError: it was asked for with unknown fields.
        """
        optional = [one["field_code"] for one in self.fields if one["is_optional_response_field"]]
        asked = [one for one in params.get("include_fields", "").split(",") if one]
        for name in asked:
            _one_of("include_fields", name, tuple(optional))
        codes = [one["field_code"] for one in self.fields if one["is_custom_field"]]
        if "custom_fields" in params:
            wanted = params["custom_fields"].split(",")
            if len(wanted) > MOST_CUSTOM:
                raise RefusedError(f"custom_fields: at most {MOST_CUSTOM} keys are allowed")
            codes = [code for code in codes if code in wanted]
        return {
            "id": row.record_id,
            "name": row.values["name"],
            "owner_id": row.values.get("owner_id", 1),
            "add_time": row.added,
            "update_time": row.updated,
            "is_deleted": row.deleted,
            "visible_to": row.values.get("visible_to", 3),
            "address": row.values.get("address"),
            "label_ids": row.values.get("label_ids", []),
            **{name: row.values.get(name) for name in asked},
            "custom_fields": {code: row.custom.get(code) for code in codes},
        }

    def found(self, term: str) -> list[Organization]:
        """What the search for an exact value in custom fields gives, in any case."""
        codes = [
            one["field_code"]
            for one in self.fields
            if one["is_custom_field"] and one["field_type"] in _SEARCHABLE
        ]
        wanted, now = term.strip().casefold(), self.now()
        return [
            row
            for row in self.live()
            if row.found_from <= now
            and any(str(row.custom.get(code) or "").casefold() == wanted for code in codes)
        ]

    def _filtered(self, params: Mapping[str, str]) -> list[Organization]:
        now = self.now()
        rows = [row for row in self.live() if row.shown_from <= now]
        if "ids" in params:
            ids = params["ids"].split(",")
            if len(ids) > MOST_IDS:
                raise RefusedError(f"ids: at most {MOST_IDS} ids are allowed")
            rows = [row for row in rows if str(row.record_id) in ids]
        if "updated_since" in params:
            since = check_time("updated_since", params["updated_since"])
            rows = [row for row in rows if row.updated >= since]
        return rows


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PER_PAGE:
        raise RefusedError(f"limit: must be an integer from 1 to {MOST_PER_PAGE}")
    return int(text)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise RefusedError(f"{name}: must be one of {', '.join(allowed)}")
    return value


def _place(row: Organization, by: str) -> tuple[str, int]:
    first = {"id": "", "add_time": row.added, "update_time": row.updated}[by]
    return first, row.record_id


def _cursor(row: Organization, by: str, direction: str) -> str:
    """Like the vendor's: where the next page begins, and not how many were seen."""
    place = {"field": by, "fieldValue": _place(row, by)[0], "sortDirection": direction}
    text = json.dumps({**place, "id": row.record_id})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open_cursor(text: str, by: str) -> tuple[str, int]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if raw["field"] != by:
            raise RefusedError("cursor: it belongs to another order")
        return str(raw["fieldValue"]), int(raw["id"])
    except (ValueError, KeyError, TypeError):
        raise RefusedError("cursor: is not valid") from None
