"""What HubSpot's errors mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.faults import classify, next_midnight
from connectors.hubspot.payloads import sort_batch
from connectors.hubspot.refusals import read_refusal
from connectors.sdk.faults import BadCredentials, Fault, QuotaExhausted, RateLimited, WaitUntil
from connectors.sdk.replies import Reply, Where

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHERE = Where(vendor="crm", method="POST", path="/crm/x", idempotent=False)


def judged(status: int, body: object = None, **headers: str) -> Fault | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = orjson.dumps(body) if body is not None else b""
    reply = Reply(status=status, headers=named, body=content, where=WHERE)
    return classify(reply, now=NOW, timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("body", "headers", "kind", "wait"),
    [
        ({"policyName": "DAILY"}, {}, QuotaExhausted, timedelta(hours=14)),
        (
            {"message": "You have reached your daily limit."},
            {},
            QuotaExhausted,
            timedelta(hours=14),
        ),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, RateLimited, timedelta(seconds=10)),
        ({"policyName": "SECONDLY"}, {}, RateLimited, timedelta(seconds=1)),
        ({"policyName": "SECONDLY"}, {"retry_after": "3"}, RateLimited, timedelta(seconds=3)),
        ({}, {}, RateLimited, None),
        (None, {}, RateLimited, None),
        ([1], {}, RateLimited, None),
    ],
)
def test_each_limit_has_its_end(
    body: object, headers: dict[str, str], kind: type[Fault], wait: timedelta | None
) -> None:
    """A 429 waits as long as the limit that it names: a second, ten, or until midnight."""
    fault = judged(429, body, **headers)
    assert type(fault) is kind
    assert isinstance(fault, WaitUntil)
    assert fault.until == (None if wait is None else NOW + wait)


def test_a_move_between_data_centres_waits_as_told() -> None:
    """A 477 waits for its Retry-After, and for an hour where it has none."""
    told, silent = judged(477, {}, retry_after="7200"), judged(477, {})
    assert isinstance(told, WaitUntil)
    assert told.until == NOW + timedelta(hours=2)
    assert isinstance(silent, WaitUntil)
    assert silent.until == NOW + timedelta(hours=1)


def test_a_missing_scope_is_named() -> None:
    """The scope stands in the message, whichever way HubSpot tells it."""
    for context in (
        {"errors": [{"context": {"requiredGranularScopes": ["crm.objects.companies.write"]}}]},
        {"context": {"missingScopes": ["crm.objects.companies.write"]}},
    ):
        fault = judged(403, {"category": "MISSING_SCOPES", **context})
        assert isinstance(fault, BadCredentials)
        assert "crm.objects.companies.write" in fault.message


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_everything_else_is_left_to_the_common_rules(status: int) -> None:
    """Other statuses, and a 403 without a reason, are not HubSpot's own."""
    assert judged(status, {}) is None
    assert judged(403, {}) is None


@given(
    st.timedeltas(timedelta(0), timedelta(days=3_650)).map(lambda since: NOW + since),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_midnight_is_ahead_within_a_day(now: datetime, zone: str) -> None:
    """The next midnight lies ahead, at most a day and a clock change away."""
    wait = next_midnight(now, zone) - now
    assert timedelta(0) < wait <= timedelta(hours=25)


def invalid(*entries: dict[str, str]) -> str:
    return f"Property values were not valid: {orjson.dumps(entries).decode()}"


def test_invalid_properties_are_read_out_of_the_message() -> None:
    """HubSpot packs them as JSON into its sentence."""
    refusal = read_refusal(
        {
            "category": "VALIDATION_ERROR",
            "message": invalid(
                {"name": "industry", "error": "INVALID_OPTION", "message": "no"},
                {"name": "zip", "error": "PROPERTY_DOESNT_EXIST"},
            ),
        }
    )
    assert refusal.properties == (
        ("industry", "INVALID_OPTION"),
        ("zip", "PROPERTY_DOESNT_EXIST"),
    )
    assert refusal.message == "industry: INVALID_OPTION; zip: PROPERTY_DOESNT_EXIST"


@pytest.mark.parametrize(
    "error",
    [
        {"category": "VALIDATION_ERROR", "context": {"propertyName": ["industry"]}},
        {"category": "VALIDATION_ERROR", "errors": [{"message": "no", "in": "industry"}]},
        {"errors": [{"message": "no", "context": {"propertyName": ["industry"]}}]},
    ],
)
def test_invalid_properties_are_read_out_of_the_details(error: dict[str, Any]) -> None:
    """Where the message has no JSON, ``in`` and ``context`` name the property."""
    assert [name for name, _ in read_refusal(error).properties] == ["industry"]


TAKEN = (
    "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType="
    "COMPANY}, propertyName=prospectd_key, value=acme.com} on 552148386511. 552239500007 already "
    "has that value."
)


def test_a_taken_value_names_its_holder() -> None:
    """The conflict of a unique property names the property and the record that has the value."""
    refusal = read_refusal({"category": "VALIDATION_ERROR", "message": TAKEN})
    assert (refusal.taken, refusal.holder_id, refusal.conflict) == (
        "prospectd_key",
        "552239500007",
        True,
    )


def test_a_value_cannot_pose_as_the_holder() -> None:
    """Digits in the value are not taken for the holder's id."""
    odd = TAKEN.replace("acme.com", "12 already has that value")
    assert read_refusal({"message": odd}).holder_id == "552239500007"


@pytest.mark.parametrize(
    "error",
    [
        {"category": "CONFLICT", "message": "Company already exists. Existing ID: 7"},
        {"category": "CONFLICT", "message": "taken", "context": {"existingId": ["7"]}},
    ],
)
def test_a_conflict_names_the_existing_record(error: dict[str, Any]) -> None:
    """The other forms of a conflict are read too."""
    refusal = read_refusal(error)
    assert (refusal.holder_id, refusal.conflict) == ("7", True)


@pytest.mark.parametrize(
    "error",
    [
        {"category": "MISSING_REQUIRED_PROPERTY", "message": "phone is required"},
        {"category": "VALIDATION_ERROR", "message": "x: MISSING_REQUIRED_PROPERTY"},
        {"message": invalid({"name": "phone", "error": "MISSING_REQUIRED_PROPERTY"})},
        {"errors": [{"message": "m", "code": "MISSING_REQUIRED_PROPERTY", "in": "phone"}]},
    ],
)
def test_a_required_property_is_not_one_to_drop(error: dict[str, Any]) -> None:
    """However it is said, a missing property leaves nothing to leave out."""
    refusal = read_refusal(error)
    assert refusal.required
    assert refusal.properties == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "category", "errors", "context", "in", "code", "name"]),
            inner,
        )
    ),
    max_leaves=10,
)


FIELDS = ["message", "category", "context", "errors", "status"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.text(max_size=40))
def test_any_message_can_be_read(error: dict[str, Any], tail: str) -> None:
    """No message of HubSpot's, however odd, stops the reading of a refusal."""
    assert read_refusal(error).message
    assert read_refusal({"message": f"Property values were not valid: {tail}"}).message


def test_a_batch_is_sorted_by_trace_then_key() -> None:
    """Results and errors find their items by trace id, else by key; the rest is kept apart."""
    keys = {"a.com": "t-a", "b.com": "t-b", "c.com": "t-c"}
    results = [
        {"id": "2", "properties": {"k": "b.com"}},
        {"id": "1", "objectWriteTraceId": "t-a", "properties": {"k": "b.com"}},
        {"id": "9", "properties": {"k": "stranger.com"}},
    ]
    errors = [{"message": "x", "context": {"ids": ["c.com"]}}, {"message": "stray"}]
    reply = sort_batch({"results": results, "errors": errors}, keys=keys, key_property="k")
    assert {trace: each["id"] for trace, each in reply.results.items()} == {"t-a": "1", "t-b": "2"}
    assert set(reply.errors) == {"t-c"}
    assert [each["message"] for each in reply.stray] == ["stray"]
