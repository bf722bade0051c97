"""What Zoho says of one record of an insert: ``{code, status, action, details}``; pure.

Under any 2xx status, and under 400, a record's ``status`` may be ``error``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from connectors.sdk.replies import Reply
from connectors.zoho.faults import error_body

_FAILED_WITHIN = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR"})


class VerdictKind(StrEnum):
    """What may become of a record."""

    CREATED = "created"
    DUPLICATE = "duplicate"  # a unique field holds the value already
    MISSING = "missing"  # a field that somebody made mandatory is not there
    REFUSED = "refused"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``record_id`` is the new record, or the one that is there; ``field`` what it is about."""

    kind: VerdictKind
    record_id: str | None = None
    field: str = ""
    said: str = ""


def read_verdicts(reply: Reply, count: int) -> list[Verdict] | None:
    """One verdict for each record that was sent, in order; None: the reply has not as many."""
    data = error_body(reply).get("data")
    if not isinstance(data, list) or len(data) != count:
        return None
    if not all(isinstance(entry, dict) for entry in data):
        return None
    return [read_verdict(entry) for entry in data]


def is_whole_refusal(reply: Reply) -> bool:
    """Whether the request as such was turned away, so that nothing was created."""
    body = error_body(reply)
    return reply.status == HTTPStatus.BAD_REQUEST and "data" not in body


def read_verdict(entry: Mapping[str, Any]) -> Verdict:
    """The verdict in one entry of the reply."""
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    code, status = str(entry.get("code", "")), entry.get("status")
    said = " ".join(f"{code} {entry.get('message') or ''}".split())
    if status == "success":
        return _success(entry, details, said)
    if status != "error" or code in _FAILED_WITHIN:
        return Verdict(kind=VerdictKind.DOUBT, said=said)
    field = _field(details)
    if code == "DUPLICATE_DATA":
        holder = _holder(details)
        return Verdict(kind=VerdictKind.DUPLICATE, record_id=holder, field=field, said=said)
    missing = code in {"MANDATORY_NOT_FOUND", "EXPECTED_FIELD_MISSING"}
    kind = VerdictKind.MISSING if missing else VerdictKind.REFUSED
    return Verdict(kind=kind, field=field, said=f"{said}{_expected(details)}")


def _success(entry: Mapping[str, Any], details: Mapping[str, Any], said: str) -> Verdict:
    record_id = details.get("id")
    if not record_id:
        return Verdict(kind=VerdictKind.DOUBT, said=f"{said} without the id of the record")
    updated = entry.get("action") == "update"
    kind = VerdictKind.DUPLICATE if updated else VerdictKind.CREATED
    return Verdict(kind=kind, record_id=str(record_id), said=said)


def _holder(details: Mapping[str, Any]) -> str | None:
    """The record with the value: under ``duplicate_record`` in v8, ``id`` before."""
    record = details.get("duplicate_record")
    held = record.get("id") if isinstance(record, dict) else details.get("id")
    return None if held is None else str(held)


def _field(details: Mapping[str, Any]) -> str:
    """The API name of the field, or what the JSON path ends in; "" where neither is told."""
    name = details.get("api_name")
    if isinstance(name, str) and name:
        return name
    path = details.get("json_path")
    if not isinstance(path, str) or "." not in path:
        return ""
    last = path.rpartition(".")[2].partition("[")[0]
    return "" if last == "data" else last


def _expected(details: Mapping[str, Any]) -> str:
    """What the field would have taken, where Zoho tells."""
    if details.get("maximum_length") is not None:
        return f" (at most {details['maximum_length']} characters)"
    if details.get("expected_data_type") is not None:
        return f" (expected {details['expected_data_type']})"
    return ""
