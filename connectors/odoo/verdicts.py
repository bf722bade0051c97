"""Which fault an error of Odoo is; pure.

Odoo undoes the whole transaction of a call that ends in an exception, so an exception of its own
means that nothing happened. Only where the database itself fails can a commit be in doubt.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from connectors.sdk.faults import BadCredentials, Fault, NeedsPerson, NotProcessed, Permanent
from connectors.sdk.replies import Reply, cut_message

_CONFLICTS = frozenset(
    {
        "psycopg2.errors.SerializationFailure",
        "psycopg2.errors.DeadlockDetected",
        "psycopg2.errors.LockNotAvailable",
        "psycopg2.errors.QueryCanceled",
        "psycopg2.extensions.TransactionRollbackError",
        "psycopg2.extensions.QueryCanceledError",
        "odoo.exceptions.LockError",
        "odoo.exceptions.ConcurrencyError",
    }
)
_DENIED = frozenset(
    {
        "odoo.exceptions.AccessDenied",
        "odoo.http.SessionExpiredException",
        "odoo.http.session.SessionExpiredException",
        "werkzeug.exceptions.Unauthorized",
    }
)
_OURS = ("odoo.exceptions.", "builtins.", "werkzeug.exceptions.", "psycopg2.errors.")


def judge_jsonrpc(reply: Reply, *, secrets: Iterable[str]) -> Fault | None:
    """Which fault a reply of ``/jsonrpc`` is, where its status alone would not tell."""
    if reply.status == HTTPStatus.NOT_FOUND:
        text = f"{reply.where} answered 404: there is no Odoo at this address; check base_url"
        return NeedsPerson("not_found", text, status=reply.status)
    if reply.status != HTTPStatus.OK or b'"error"' not in reply.body:
        return None
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return None
    data = error.get("data")
    return judge_exception(data if isinstance(data, dict) else {}, reply, secrets=secrets)


def judge_json2(reply: Reply, *, secrets: Iterable[str]) -> Fault | None:
    """Which fault a reply of JSON-2 is, where its status alone would not tell."""
    if reply.status < HTTPStatus.BAD_REQUEST or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return None
    if reply.is_html:
        if reply.status != HTTPStatus.NOT_FOUND:
            return None
        text = (
            f"{reply.where} answered 404: there is no JSON-2 at this address, or no such database; "
            "check base_url and database"
        )
        return NeedsPerson("not_found", text, status=reply.status)
    try:
        data = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    known = isinstance(data, dict) and isinstance(data.get("name"), str)
    return judge_exception(data, reply, secrets=secrets) if known else None


def judge_exception(data: Mapping[str, Any], reply: Reply, *, secrets: Iterable[str]) -> Fault:
    """Which fault an exception is, by the name of its class."""
    name = str(data.get("name", ""))
    said = cut_message(first_line(str(data.get("message", ""))), secrets)
    text = f"{reply.where}: Odoo says: {said} ({name.rpartition('.')[2] or 'unknown error'})"
    status = reply.status
    if name in _DENIED:
        message = f"{text}; check login, password or API key"
        return BadCredentials("unauthorized", message, status=status)
    if name == "odoo.exceptions.AccessError":
        message = f"{text}; the user needs more rights in Odoo: see the connector's page"
        return BadCredentials("forbidden", message, status=status)
    if name == "psycopg2.OperationalError" and "does not exist" in said:
        return NeedsPerson("no_database", f"{text}; check database", status=status)
    if name in _CONFLICTS:
        return NotProcessed("conflict", text, status=status)
    if name.startswith(_OURS):
        return Permanent("refused", text, status=status)
    return reply.where.doubt("server_error", text, status=status)


def first_line(message: str) -> str:
    """The beginning of a message, as one line for a person."""
    return " ".join(message.strip().partition("\n\n")[0].split())
