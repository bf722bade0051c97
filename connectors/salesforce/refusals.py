"""Why Salesforce refused a record or a request, read out of its errors; pure.

Errors come as lists: ``[{"statusCode", "message", "fields"}]`` of each record of a collection,
``[{"errorCode", "message", "fields"}]`` of a whole request. A taken unique value reads ``duplicate
value found: Field__c duplicates value on record with id: 001…``, with ``<unknown>`` where the user
may not see the record, and a missing field ``No such column 'Field__c' on …``; both in the language
of the app's user, so that only the names and ids in them are read. The matches of a duplicate rule
stand in ``duplicateResult``, which Salesforce spells ``duplicateResut`` in places.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_ACCOUNT_ID = re.compile(r"\b001[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?\b")
_WORD = re.compile(r"\w+")
TAKEN = "DUPLICATE_VALUE"
GONE = "INVALID_FIELD"
_NAMES_IN_WORDS = frozenset({TAKEN, GONE})
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
    """One error. ``fields`` are those that it names, and for some codes any word of its message.

    ``holder_id`` is the record that has a unique value already.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()
    holder_id: str | None = None
    matches: tuple[Match, ...] = ()
    rule: str = ""
    """The duplicate rule that was met."""

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
    code = str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN")
    if code in _NAMES_IN_WORDS:
        fields += _WORD.findall(message)
    found = _ACCOUNT_ID.search(message) if code == TAKEN else None
    return Refusal(
        code=code,
        message=message,
        fields=tuple(dict.fromkeys(fields)),
        holder_id=None if found is None else found[0],
        matches=tuple(_matches(error)),
        rule=str(_duplicates(error).get("duplicateRule") or ""),
    )


def _matches(error: Json) -> list[Match]:
    records = [
        found.get("record")
        for each in _objects(_duplicates(error).get("matchResults"))
        for found in _objects(each.get("matchRecords"))
    ]
    return [
        Match(record_id=record["Id"], website=str(record.get("Website") or ""))
        for record in _objects(records)
        if isinstance(record.get("Id"), str)
    ]


def _duplicates(error: Json) -> Json:
    result = error.get("duplicateResult") or error.get("duplicateResut")
    return result if isinstance(result, dict) else {}


def _objects(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
