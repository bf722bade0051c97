"""What a webhook sends, how it signs it, and how it reads the answer; pure.

Standard Webhooks 1.0: headers ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` over
``id.timestamp.payload``; several signatures, separated by spaces, while a secret is being changed.
"""

import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from connectors.sdk.faults import BadCredentials
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import PushItem
from connectors.sdk.replies import Reply, cut_message

EVENT = "company.found"
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_LONGEST_ID = 255
_OPEN_PAGE = (b"<!doctype", b"<html")


def parse_secrets(text: str) -> Sequence[Webhook]:
    """The signing keys: one ``whsec_…``, or several separated by spaces, the newest first.

    Raises:
        BadCredentials: there is none, or one that is no key; its text is not told.
    """
    return [_parse_secret(part) for part in text.split()] or [_parse_secret("")]


def _parse_secret(text: str) -> Webhook:
    message = (
        "the webhook's secret must be whsec_ and then 24 to 64 bytes in base64; "
        "make one with: echo whsec_$(openssl rand -base64 32)"
    )
    if not text.startswith(_PREFIX):
        raise BadCredentials("bad_secret", message)
    encoded = text.removeprefix(_PREFIX)
    try:
        key = binascii.a2b_base64(encoded + "=" * (-len(encoded) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        raise BadCredentials("bad_secret", message) from None
    if len(key) not in _KEY_BYTES:
        raise BadCredentials("bad_secret", message)
    return Webhook(key)


def message_id(trace_id: str) -> str:
    """The ``webhook-id``: the same over retries and restarts, and without a dot."""
    if _SAFE_ID.fullmatch(trace_id):
        return trace_id
    return hashlib.sha256(trace_id.encode()).hexdigest()


def payload_of(item: PushItem, mapping: FieldMapping, now: datetime) -> bytes:
    """The message's body; its time is when the company was first sent."""
    company = item.company
    return orjson.dumps(
        {
            "type": EVENT,
            "timestamp": item.sent_at or now,
            "data": {
                "key": company.key,
                "domain": company.domain,
                "name": company.name,
                "fields": _writable(mapping.render(item)),
            },
        },
    )


def _writable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without lone surrogates, which JSON cannot carry."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in values.items()
    }


def sign_message(
    keys: Sequence[Webhook], *, trace_id: str, payload: bytes, now: datetime
) -> Mapping[str, str]:
    """The three headers, signed with every key."""
    own_id = message_id(trace_id)
    signatures = (key.sign(own_id, now, payload.decode()) for key in keys)
    return {
        "webhook-id": own_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def read_answer(reply: Reply, *, trace_id: str, secrets: Sequence[str]) -> Outcome:
    """What a 2xx means: ``{"status", "id", "reason"}`` where the receiver says so, else delivered.

    The whole page of a proxy or a login wall is no receipt.
    """
    if reply.body[:64].lstrip().lower().startswith(_OPEN_PAGE):
        return Outcome.unknown("a web page came back: is url the receiver's own address?")
    answer = _json_object(reply.body)
    given = answer.get("id")
    record_id = str(given)[:_LONGEST_ID] if given not in {None, ""} else None
    reason = cut_message(str(answer.get("reason") or ""), secrets)
    match answer.get("status"):
        case "existed":
            return Outcome.existed(record_id, reason=reason)
        case "rejected":
            return Outcome.rejected(reason or "the receiver refused it without a reason")
    return Outcome.created(record_id or message_id(trace_id))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
