"""Why Salesforce refused a record or a request, read out of its errors; pure.

Errors come as lists: ``[{"statusCode", "message", "fields"}]`` of each record of a collection,
``[{"errorCode", "message", "fields"}]`` of a whole request. A taken unique value reads ``duplicate
value found: Field__c duplicates value on record with id: 001…``, with ``<unknown>`` where the user
may not see the record. The matches of a duplicate rule stand in ``duplicateResult``, which
Salesforce spells ``duplicateResut`` in places.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_TAKEN = re.compile(r"duplicate value found: (\S+) duplicates value on record with id: (\S+)")
_COLUMN = re.compile(r"No such column '([^']+)'")
_RECORD_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
LOCKED = "UNABLE_TO_LOCK_ROW"
HELD_UP = frozenset(
    {
        "STORAGE_LIMIT_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "TXN_SECURITY_NO_ACCESS",
    }
)
"""Not this record's fault: it may be sent again when a person or time has mended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that a duplicate rule takes for the same."""

    record_id: str
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One error. ``fields`` are those that it names.

    ``taken`` is the unique field whose value another record has, ``holder_id`` that record.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()
    taken: str | None = None
    holder_id: str | None = None
    matches: tuple[Match, ...] = ()

    @property
    def locked(self) -> bool:
        """Whether another transaction held a row; the same may work a moment later."""
        return self.code == LOCKED or LOCKED in self.message


def read_refusals(errors: object) -> tuple[Refusal, ...]:
    """The errors of one record, or of a request; what is none is left out."""
    return tuple(_read(error) for error in _objects(errors))


def _read(error: Json) -> Refusal:
    message = " ".join(str(error.get("message") or "no reason given").split())
    fields = [each for each in error.get("fields") or () if isinstance(each, str)]
    fields += _COLUMN.findall(message)
    found = _TAKEN.search(message)
    holder = found[2] if found and _RECORD_ID.fullmatch(found[2]) else None
    return Refusal(
        code=str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN"),
        message=message,
        fields=tuple(dict.fromkeys(fields)),
        taken=None if found is None else found[1],
        holder_id=holder,
        matches=tuple(_matches(error)),
    )


def _matches(error: Json) -> list[Match]:
    result = error.get("duplicateResult") or error.get("duplicateResut")
    records = [
        found.get("record")
        for each in _objects(result.get("matchResults") if isinstance(result, dict) else None)
        for found in _objects(each.get("matchRecords"))
    ]
    return [
        Match(record_id=record["Id"], website=str(record.get("Website") or ""))
        for record in _objects(records)
        if isinstance(record.get("Id"), str)
    ]


def _objects(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
