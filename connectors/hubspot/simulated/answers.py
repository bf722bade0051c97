"""The bodies that a simulated HubSpot answers with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import orjson

from connectors.hubspot.simulated.portal import Company, Invalid, stamp

Json: TypeAlias = dict[str, Any]

DEFAULT_PROPERTIES = ("name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id")


class Refused(Exception):
    """A whole request that is answered with an error."""

    def __init__(self, status: int, category: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.extra = extra


def answer(status: int, body: Any) -> httpx.Response:
    """A JSON response; no body at all where ``body`` is None."""
    if body is None:
        return httpx.Response(status)
    headers = {"content-type": "application/json;charset=utf-8"}
    return httpx.Response(status, headers=headers, content=orjson.dumps(body))


def error_body(refused: Refused, number: int) -> Json:
    """HubSpot's error; ``number`` makes the correlation id."""
    return {
        "status": "error",
        "message": refused.message,
        "correlationId": str(UUID(int=number)),
        "category": refused.category,
        **refused.extra,
    }


def company_body(company: Company, names: Iterable[str]) -> Json:
    """One record with the asked-for properties that have a value, and the default ones."""
    values = company.properties
    shown = {name: values[name] for name in (*DEFAULT_PROPERTIES, *names) if name in values}
    body: Json = {
        "id": str(company.id),
        "properties": shown,
        "createdAt": values["createdate"],
        "updatedAt": values["hs_lastmodifieddate"],
        "archived": company.archived_at is not None,
    }
    if company.archived_at is not None:
        body["archivedAt"] = stamp(company.archived_at)
    return body


def indexed_body(row: Mapping[str, str], names: Iterable[str]) -> Json:
    """One record as the search index knows it."""
    return {
        "id": row["hs_object_id"],
        "properties": {n: row[n] for n in (*DEFAULT_PROPERTIES, *names) if n in row},
        "createdAt": row["createdate"],
        "updatedAt": row["hs_lastmodifieddate"],
        "archived": False,
    }


def batch_body(results: Sequence[Json], errors: Sequence[Json], now: datetime) -> Json:
    """What every batch endpoint answers; with errors it belongs to a 207."""
    body: Json = {
        "status": "COMPLETE",
        "results": list(results),
        "startedAt": stamp(now),
        "completedAt": stamp(now),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return body


def item_error(invalid: Invalid, trace_id: str | None) -> Json:
    """One refused record of a batch."""
    details = []
    if invalid.code == "MISSING_REQUIRED_PROPERTY":
        details = [{"message": invalid.message, "code": invalid.code, "in": invalid.name}]
    return {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": invalid.message,
        "context": {} if trace_id is None else {"objectWriteTraceId": [trace_id]},
        "errors": details,
        "links": {},
    }


def missing_error(ids: Sequence[str]) -> Json:
    """What ``batch/read`` says of ids that it does not find."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some COMPANY objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": list(ids)},
        "errors": [],
        "links": {},
    }
