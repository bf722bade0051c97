"""What Odoo's errors and refusals mean: pure."""

from dataclasses import replace

import orjson
import pytest

from connectors.odoo.refusals import droppable_columns, is_conflict, read_refusals
from connectors.odoo.rpc import major
from connectors.odoo.verdicts import judge_json2, judge_jsonrpc
from connectors.sdk.faults import BadCredentials, Fault, NeedsPerson, NotProcessed, Permanent
from connectors.sdk.replies import Reply, Where

WHERE = Where(vendor="crm", method="POST", path="/jsonrpc", idempotent=False)
VERDICTS: list[tuple[str, str, type[Fault]]] = [
    ("odoo.exceptions.AccessDenied", "Access Denied", BadCredentials),
    ("odoo.exceptions.AccessError", "You are not allowed", BadCredentials),
    ("odoo.http.SessionExpiredException", "Session expired", BadCredentials),
    ("psycopg2.OperationalError", 'database "x" does not exist', NeedsPerson),
    ("psycopg2.errors.SerializationFailure", "could not serialize", NotProcessed),
    ("psycopg2.errors.InvalidDatetimeFormat", "invalid input syntax", Permanent),
    ("odoo.exceptions.UserError", "Object res.x doesn't exist", Permanent),
    ("builtins.KeyError", "nme", Permanent),
    ("psycopg2.InterfaceError", "cursor already closed", Fault),
]


@pytest.mark.parametrize(("name", "message", "kind"), VERDICTS)
def test_an_exception_of_odoo_is_the_same_fault_on_both_interfaces(
    name: str, message: str, kind: type[Fault]
) -> None:
    """The exception's class decides, whether it came under 200 or with a status of its own."""
    data = {
        "name": name,
        "message": f"{message}\n\nand details",
        "arguments": [message],
        "debug": "",
    }
    old = _reply(200, {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "data": data}})
    new = _reply(422, data)
    for fault in (judge_jsonrpc(old, secrets=()), judge_json2(new, secrets=())):
        assert isinstance(fault, kind)
        assert message in fault.message
        assert "details" not in fault.message


def test_an_unheard_of_failure_leaves_a_write_in_doubt() -> None:
    """Only Odoo's own exceptions are sure to have undone everything."""
    reply = _reply(500, {"name": "psycopg2.InterfaceError", "message": "gone"})
    assert isinstance(judge_json2(reply, secrets=()), WHERE.doubt)
    read = replace(reply, where=replace(WHERE, idempotent=True))
    assert isinstance(judge_json2(read, secrets=()), NotProcessed)


def test_secrets_in_an_exception_are_not_repeated() -> None:
    """Odoo may show arguments in its messages; the key must not get into a log."""
    reply = _reply(500, {"name": "builtins.ValueError", "message": "bad value 'key-1234'"})
    fault = judge_json2(reply, secrets=["key-1234"])
    assert fault is not None
    assert "key-1234" not in fault.message


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NeedsPerson), (502, type(None)), (200, type(None))]
)
def test_a_web_page_in_place_of_the_interface(status: int, kind: type[object]) -> None:
    """404 means a wrong address or database, which a person must mend; others are common rules."""
    headers = {"content-type": "text/html"}
    reply = Reply(status=status, headers=headers, body=b"<!doctype html>", where=WHERE)
    assert isinstance(judge_json2(reply, secrets=()), kind)
    assert isinstance(judge_jsonrpc(reply, secrets=()), kind)


def _reply(status: int, body: object) -> Reply:
    headers = {"content-type": "application/json"}
    return Reply(status=status, headers=headers, body=orjson.dumps(body), where=WHERE)


def test_refusals_are_read_from_messages() -> None:
    """Errors count, warnings do not; the field is known where Odoo names it."""
    messages = [
        {"type": "warning", "message": "never mind"},
        {"type": "error", "message": "Value 'x' not found", "field": "type", "record": 0},
        {"type": "error", "message": "'Contacts require a name'"},
        "rubbish",
    ]
    refusals = read_refusals(messages)
    assert [refusal.field for refusal in refusals] == ["type", None]
    cells = {"type": "x", "name": "N"}
    assert droppable_columns(refusals, cells) == {"type": "Value 'x' not found"}
    assert not is_conflict(refusals)
    lost = read_refusals([{"type": "error", "message": "could not serialize access due to …"}])
    assert is_conflict(lost)
    assert read_refusals(False) == []


def test_the_name_and_the_key_are_never_dropped() -> None:
    """A row without them would be another record."""
    refusals = read_refusals([{"type": "error", "message": "no", "field": "name"}])
    assert droppable_columns(refusals, {"name": "N", "city": "C"}) == {}


@pytest.mark.parametrize(
    ("version", "number"),
    [("17.0-20240709", 17), ("saas~18.2+e", 18), ("19.0", 19), ("", 0), ("master", 0)],
)
def test_versions_are_read(version: str, number: int) -> None:
    """Odoo's own, those of its online service, and illegible ones."""
    assert major(version) == number
