"""The messages of a webhook: signed by the standard, stable, and read with care."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.sdk.conformance.stage import company_item
from connectors.sdk.faults import BadCredentials
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.replies import Reply, Where
from connectors.webhook.harness import OTHER, SECRET
from connectors.webhook.messages import (
    message_id,
    parse_secrets,
    payload_of,
    read_answer,
    sign_message,
)
from connectors.webhook.options import DEFAULT_MAPPING, WebhookOptions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAPPING = FieldMapping.merged(DEFAULT_MAPPING, {})


def answered(body: bytes, status: int = 200) -> Outcome:
    """What this answer means."""
    where = Where(vendor="hook", method="POST", path="/x", idempotent=False)
    reply = Reply(status=status, headers={}, body=body, where=where)
    return read_answer(reply, trace_id="trace-1", secrets=["hush-hush"])


def test_a_receiver_s_library_accepts_the_signature() -> None:
    """The standard's own library verifies what is sent, with the secret and no other."""
    now = datetime.now(UTC)
    payload = payload_of(company_item(1), MAPPING, now)
    headers = sign_message(parse_secrets(SECRET), trace_id="t-1", payload=payload, now=now)
    verified = Webhook(SECRET).verify(payload, dict(headers))
    assert verified["type"] == "company.found"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(payload, dict(headers))


def test_the_standard_s_own_example_is_signed_alike() -> None:
    """A known message has the known signature, with the identifier and time that belong to it."""
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    when = datetime.fromtimestamp(1_614_265_330, tz=UTC)
    headers = sign_message(
        parse_secrets(key),
        trace_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        payload=b'{"test": 2432232314}',
        now=when,
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_can_be_changed_without_a_gap() -> None:
    """Two secrets sign each message, so that a receiver may know either."""
    now = datetime.now(UTC)
    headers = sign_message(parse_secrets(f"{OTHER} {SECRET}"), trace_id="t", payload=b"{}", now=now)
    assert Webhook(SECRET).verify(b"{}", dict(headers)) == {}
    assert Webhook(OTHER).verify(b"{}", dict(headers)) == {}


@pytest.mark.parametrize(
    "text", ["", "  ", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", f"{SECRET} nonsense"]
)
def test_a_bad_secret_is_told_without_being_shown(text: str) -> None:
    """A secret of another form is refused with the way to make one, and is not repeated."""
    with pytest.raises(BadCredentials, match="whsec_ and then 24 to 64 bytes") as raised:
        parse_secrets(text)
    assert "nonsense" not in str(raised.value)
    assert raised.value.__cause__ is None


@given(st.text(min_size=1))
def test_an_id_fits_a_header(trace_id: str) -> None:
    """Any trace id becomes an id that a header and the signed text can carry, always the same."""
    own = message_id(trace_id)
    assert own == message_id(trace_id)
    assert own.isascii()
    assert not set(own) & set(". \r\n")


def test_the_body_tells_the_company() -> None:
    """The body has type, time and data; fields without a value are left out."""
    item = company_item(1, fields={"city": None})
    body = orjson.loads(payload_of(item, MAPPING, NOW))
    assert body["type"] == "company.found"
    assert body["timestamp"] == "2026-03-02T09:00:00+00:00"
    data = body["data"]
    assert (data["key"], data["domain"], data["name"]) == ("firm-1.com", "firm-1.com", "Firm 1 Ltd")
    assert data["fields"]["relevance"] == 87
    assert "city" not in data["fields"]


def test_odd_text_can_be_sent() -> None:
    """A name that JSON cannot carry is sent with what can be."""
    body = payload_of(company_item(1, fields={"description": "a\ud800b"}), MAPPING, NOW)
    assert orjson.loads(body)["data"]["fields"]["description"] == "a?b"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", Outcome.created("trace-1")),
        (b"ok", Outcome.created("trace-1")),
        (b"[1]", Outcome.created("trace-1")),
        (b'{"status": "created", "id": 17}', Outcome.created("17")),
        (b'{"status": "created", "id": ""}', Outcome.created("trace-1")),
        (b'{"status": "queued", "id": "a"}', Outcome.created("a")),
        (b'{"status": "existed", "id": "b"}', Outcome.existed("b")),
        (b'{"status": "existed"}', Outcome.existed(None)),
        (b'{"status": "rejected", "reason": "too small"}', Outcome.rejected("too small")),
    ],
)
def test_answers(body: bytes, expected: Outcome) -> None:
    """Each answer is read as what it says, and anything else as a receipt."""
    assert answered(body) == expected


def test_a_refusal_without_reason_gets_one() -> None:
    """A rejected company always has a reason."""
    assert answered(b'{"status": "rejected"}').reason


def test_a_reason_is_cut_and_cleaned() -> None:
    """A long reason is cut, and a secret in it is not shown."""
    reason = answered(b'{"status": "rejected", "reason": "hush-hush ' + b"x" * 999 + b'"}').reason
    assert "hush-hush" not in reason
    assert len(reason) <= 300


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>", b"  <html>"])
def test_a_web_page_is_no_receipt(page: bytes) -> None:
    """A login wall's page leaves the company in doubt, not delivered."""
    assert answered(page).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "http://127.0.0.1:8000/x",
        "http://localhost/x",
        "http://[::1]/x",
        "https://example.com?key=1",
    ],
)
def test_safe_addresses_are_taken(url: str) -> None:
    """Https anywhere, http on this machine."""
    assert WebhookOptions(type="webhook", url=url).url == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/x", "must be https"),
        ("http://127.0.0.1.example.com/", "must be https"),
        ("ftp://example.com", "must be an address"),
        ("example.com", "must be an address"),
        ("https://me:pw@example.com", "no user name"),
    ],
)
def test_unsafe_addresses_are_refused(url: str, said: str) -> None:
    """What could be read on the way, or is no address, is refused when the file is read."""
    with pytest.raises(ValidationError, match=said):
        WebhookOptions(type="webhook", url=url)


def test_timestamps_move_while_the_id_stays() -> None:
    """A message that is sent again has the same id and body, and a new time and signature."""
    keys = parse_secrets(SECRET)
    item = replace(company_item(1), sent_at=NOW)
    bodies = [payload_of(item, MAPPING, now) for now in (NOW, NOW + timedelta(hours=1))]
    assert bodies[0] == bodies[1]
    first, again = (
        sign_message(keys, trace_id="t", payload=bodies[0], now=now)
        for now in (NOW, NOW + timedelta(hours=1))
    )
    assert first["webhook-id"] == again["webhook-id"]
    assert first["webhook-signature"] != again["webhook-signature"]
