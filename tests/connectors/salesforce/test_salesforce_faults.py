"""What Salesforce says of whole requests, and which options it takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.salesforce.faults import classify, classify_login, read_usage
from connectors.salesforce.options import SalesforceOptions
from connectors.sdk.faults import (
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.replies import Reply, Where
from tests.connectors.salesforce.organisation import HOST, KEY

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADDRESS = f"https://{HOST}"


def _reply(status: int, body: object) -> Reply:
    where = Where(vendor="crm", method="GET", path="/x", idempotent=True)
    return Reply(status=status, headers={}, body=orjson.dumps(body), where=where)


@pytest.mark.parametrize(
    ("code", "message", "kind", "minutes"),
    [
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", QuotaExhausted, 15),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", RateLimited, 5 / 60),
        ("API_DISABLED_FOR_ORG", "no API", NeedsPerson, None),
    ],
)
def test_a_403_is_read_by_its_code(
    code: str, message: str, kind: type[Fault], minutes: float | None
) -> None:
    """A quota is waited out, a crowd for seconds, a missing API is for a person."""
    fault = classify(_reply(403, [{"errorCode": code, "message": message}]), now=NOW)
    assert isinstance(fault, kind)
    if minutes is not None:
        assert getattr(fault, "until", None) == NOW + timedelta(minutes=minutes)


def test_other_replies_are_left_to_the_common_rules() -> None:
    """A missing right, and any other status, are not Salesforce's own matter."""
    assert classify(_reply(403, [{"errorCode": "INSUFFICIENT_ACCESS"}]), now=NOW) is None
    assert classify(_reply(503, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]), now=NOW) is None


@pytest.mark.parametrize(
    ("error", "description", "kind", "words"),
    [
        ("invalid_client_id", "client identifier invalid", BadCredentials, "consumer key"),
        ("invalid_client", "invalid client credentials", BadCredentials, "consumer secret"),
        ("invalid_grant", "no client credentials user enabled", BadCredentials, "Run As"),
        ("invalid_grant", "login rate exceeded", RateLimited, "login rate"),
        ("unknown_error", "retry your request", NotProcessed, "retry"),
    ],
)
def test_a_refused_login_says_what_to_do(
    error: str, description: str, kind: type[Fault], words: str
) -> None:
    """Each error of the token endpoint leads to its remedy."""
    body = {"error": error, "error_description": description}
    fault = classify_login(_reply(400, body), now=NOW)
    assert isinstance(fault, kind)
    assert words in fault.message


def test_usage_is_read_from_the_header() -> None:
    """The organisation's own figures count, not those of one app."""
    assert read_usage("api-usage=25/15000; per-app-api-usage=17/250(appName=x)") == (25, 15000)
    assert read_usage("per-app-api-usage=17/250(appName=x)") is None
    assert read_usage(None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "https://login.salesforce.com"},
        {"base_url": f"{ADDRESS}/services"},
        {"base_url": "acme"},
        {"key_field": "Prospectd_Key"},
        {"mapping": {KEY: "{domain}"}},
        {"mapping": {"Name": "{nothing}"}},
        {"client_secret": "x"},
        {"client_id": ""},
        {"duplicate_rules": "ignore"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """A mistake in the config is told when it is loaded."""
    with pytest.raises(ValidationError):
        SalesforceOptions.model_validate({"base_url": ADDRESS, "client_id": "x", **wrong})
