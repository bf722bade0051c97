"""The simulated HubSpot keeps HubSpot's rules, so that what passes with it is worth something."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.hubspot.schema import key_definition
from tests.connectors.hubspot.account import BASE, KEY, OBJECTS, Account

PROPERTIES = f"{BASE}/crm/properties/2026-03/companies"


def with_key(account: Account) -> Account:
    account.ready()
    return account


def upsert(account: Account, *keys: str, **properties: str) -> httpx.Response:
    inputs: list[Any] = [
        {"id": key, "idProperty": KEY, "objectWriteTraceId": f"t{n}", "properties": properties}
        for n, key in enumerate(keys)
    ]
    return account.send("POST", f"{OBJECTS}/batch/upsert", {"inputs": inputs})


def search(account: Account, **body: Any) -> httpx.Response:
    whole = {"filterGroups": [], "sorts": [], "properties": [], "limit": 200, "after": "0", **body}
    return account.send("POST", f"{OBJECTS}/search", whole)


def equals(name: str, value: str, operator: str = "EQ") -> list[dict[str, Any]]:
    return [{"filters": [{"propertyName": name, "operator": operator, "value": value}]}]


def test_domains_may_be_doubled_but_not_unique_values(account: Account) -> None:
    """Two companies may share a domain; a unique value makes HubSpot update the first."""
    with_key(account)
    first = upsert(account, "acme.com", domain="acme.com").json()["results"][0]
    second = upsert(account, "acme.com", name="Acme").json()["results"][0]
    assert (first["new"], second["new"], first["id"]) == (True, False, second["id"])
    account.simulator.create(domain="acme.com")
    assert account.values("domain") == ["acme.com", "acme.com"]


def test_create_refuses_a_taken_unique_value(account: Account) -> None:
    """A create with a taken unique value fails alone, in HubSpot's words, with its trace id."""
    with_key(account)
    upsert(account, "acme.com")
    inputs: list[Any] = [
        {"objectWriteTraceId": key, "associations": [], "properties": {KEY: key}}
        for key in ("acme.com", "new.com")
    ]
    response = account.send("POST", f"{OBJECTS}/batch/create", {"inputs": inputs})
    body = response.json()
    assert (response.status_code, body["numErrors"], len(body["results"])) == (207, 1, 1)
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["acme.com"]
    assert "already has that value" in body["errors"][0]["message"]


def test_without_trace_ids_one_bad_record_fails_all(account: Account) -> None:
    """A batch without trace ids is refused as a whole, and nothing of it is written."""
    inputs = [{"associations": [], "properties": {name: "x"}} for name in ("name", "nonsense")]
    response = account.send("POST", f"{OBJECTS}/batch/create", {"inputs": inputs})
    assert response.status_code == 400
    assert account.simulator.companies() == []


def test_batches_have_their_limits(account: Account) -> None:
    """More than 100 inputs, one key twice, or a key that is not unique refuse the whole batch."""
    with_key(account)
    assert upsert(account, *(f"{n}.com" for n in range(101))).status_code == 400
    assert "Duplicate IDs" in upsert(account, "a.com", "a.com").json()["message"]
    inputs: list[Any] = [{"id": "a.com", "idProperty": "domain", "properties": {}}]
    assert account.send("POST", f"{OBJECTS}/batch/upsert", {"inputs": inputs}).status_code == 400
    assert account.simulator.companies() == []


def test_search_lags_and_reading_does_not(account: Account) -> None:
    """A new company is read at once and searched only when the index has caught up."""
    record_id = account.simulator.create(name="Acme", domain="acme.com")
    assert account.send("GET", f"{OBJECTS}/{record_id}").status_code == 200
    assert search(account).json()["total"] == 0
    account.clock.advance(timedelta(seconds=6))
    assert search(account).json()["total"] == 1
    account.simulator.archive(record_id)
    assert search(account).json()["total"] == 1
    account.clock.advance(timedelta(seconds=6))
    assert search(account).json()["total"] == 0


def test_search_ends_at_ten_thousand(account: Account) -> None:
    """Nothing beyond 10,000 results can be paged to."""
    account.simulator.seed([{"name": str(n)} for n in range(10_300)])
    last = search(account, after="9800").json()
    assert (last["total"], len(last["results"])) == (10_300, 200)
    assert last["paging"]["next"]["after"] == "10000"
    assert search(account, after="10000").status_code == 400


def test_search_has_its_limits(account: Account) -> None:
    """A body, page or number of groups beyond the limit, an unknown property: each is a 400."""
    values = [f"company-{n}.com" for n in range(200)]
    long = [{"filters": [{"propertyName": "domain", "operator": "IN", "values": values}]}]
    assert search(account, filterGroups=long).status_code == 400
    assert search(account, limit=201).status_code == 400
    assert search(account, filterGroups=equals("domain", "x") * 6).status_code == 400
    assert search(account, filterGroups=equals("nonsense", "x")).status_code == 400
    assert search(account, after="x").status_code == 400


@pytest.mark.parametrize(
    ("name", "operator", "value", "found"),
    [
        ("domain", "EQ", "acme.com", ["A"]),
        ("domain", "NEQ", "acme.com", ["B", "C"]),
        ("numberofemployees", "GT", "10", ["B"]),
        ("numberofemployees", "LTE", "10", ["A"]),
        ("domain", "HAS_PROPERTY", "", ["A", "B"]),
        ("domain", "NOT_HAS_PROPERTY", "", ["C"]),
        ("website", "CONTAINS_TOKEN", "www.acme.com", ["A"]),
        ("website", "CONTAINS_TOKEN", "*acme*", ["A"]),
    ],
)
def test_search_filters(
    account: Account, name: str, operator: str, value: str, found: list[str]
) -> None:
    """Each operator finds what HubSpot's guide says."""
    account.simulator.seed(
        [
            {"name": "A", "domain": "Acme.com", "numberofemployees": "9",
             "website": "https://www.acme.com/x"},
            {"name": "B", "domain": "b.com", "numberofemployees": "100"},
            {"name": "C"},
        ]
    )  # fmt: skip
    body = search(account, filterGroups=equals(name, value, operator), sorts=["name"]).json()
    assert [each["properties"]["name"] for each in body["results"]] == found


def test_in_wants_lower_case(account: Account) -> None:
    """Values of IN with capitals match nothing, as HubSpot's guide warns."""
    account.simulator.seed([{"name": "A", "domain": "Acme.com"}])
    for value, total in (("acme.com", 1), ("Acme.com", 0)):
        groups = [{"filters": [{"propertyName": "domain", "operator": "IN", "values": [value]}]}]
        assert search(account, filterGroups=groups).json()["total"] == total


def test_archived_and_merged_records(account: Account) -> None:
    """The archive lists deletions, not merges; a merged id answers with the survivor."""
    one, two, three = account.simulator.seed([{"name": name} for name in "ABC"])
    account.simulator.archive(one)
    account.simulator.merge(survivor_id=two, lost_id=three)
    listed = account.send("GET", f"{OBJECTS}?archived=true").json()["results"]
    assert [each["id"] for each in listed] == [one]
    assert listed[0]["archivedAt"]
    answer = account.send("GET", f"{OBJECTS}/{three}?properties=hs_merged_object_ids").json()
    assert (answer["id"], answer["properties"]["hs_merged_object_ids"]) == (two, three)
    assert account.send("GET", f"{OBJECTS}/{one}").status_code == 404


def test_limits_are_enforced_and_announced(account: Account) -> None:
    """Beyond the limit HubSpot answers 429 with the policy; headers count down before that."""
    account.simulator.requests_per_10s = 3
    replies = [account.send("GET", OBJECTS) for _ in range(4)]
    left = [reply.headers["x-hubspot-ratelimit-remaining"] for reply in replies]
    assert left == ["2", "1", "0", "0"]
    assert replies[3].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    account.clock.advance(timedelta(seconds=10))
    assert account.send("GET", OBJECTS).status_code == 200


def test_searches_have_a_limit_of_their_own(account: Account) -> None:
    """The sixth search within a second is refused, and no header told."""
    replies = [search(account) for _ in range(6)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429]
    assert "x-hubspot-ratelimit-remaining" not in replies[0].headers


def test_a_key_property_cannot_be_made_twice(account: Account) -> None:
    """A name that is taken is a 409, for properties and for groups."""
    body = {**key_definition(KEY), "groupName": "companyinformation"}
    assert account.send("POST", PROPERTIES, body).status_code == 201
    assert account.send("POST", PROPERTIES, body).status_code == 409
    group = {"name": "prospectd", "label": "x"}
    assert account.send("POST", f"{PROPERTIES}/groups", group).status_code == 201
    assert account.send("POST", f"{PROPERTIES}/groups", group).status_code == 409
    assert account.send("GET", f"{PROPERTIES}/{KEY}").json()["hasUniqueValue"] is True


def test_an_archived_key_is_free_again(account: Account) -> None:
    """After a deletion the key may be used anew; restoring the old record leaves it without."""
    with_key(account)
    first = upsert(account, "acme.com").json()["results"][0]["id"]
    account.simulator.archive(first)
    second = upsert(account, "acme.com").json()["results"][0]
    assert second["new"] is True
    account.simulator.restore(first)
    assert account.values(KEY) == ["acme.com"]


def test_a_merge_fills_gaps_and_frees_keys(account: Account) -> None:
    """The survivor keeps its own values, takes what it lacks, and collects the domains."""
    with_key(account)
    ours = upsert(account, "acme.com", domain="acme.com", city="Bonn").json()["results"][0]["id"]
    theirs = account.simulator.create(name="Acme", domain="acme.de")
    account.simulator.merge(survivor_id=theirs, lost_id=ours)
    held = account.properties(theirs)
    assert (held["domain"], held["hs_additional_domains"]) == ("acme.de", "acme.com")
    assert (held["city"], held[KEY]) == ("Bonn", "acme.com")
    assert upsert(account, "acme.com").json()["results"][0]["new"] is False


def test_people_edit_through_the_api_too(account: Account) -> None:
    """PATCH changes one record and DELETE archives it; nonsense is refused."""
    (record_id,) = account.simulator.seed([{"name": "A"}])
    url = f"{OBJECTS}/{record_id}"
    assert account.send("PATCH", url, {"properties": {"name": "B"}}).status_code == 200
    assert account.send("PATCH", url, {"properties": {"nonsense": "B"}}).status_code == 400
    assert account.values("name") == ["B"]
    assert account.send("DELETE", url).status_code == 204
    assert account.simulator.companies() == []


def test_other_paths_are_not_found(account: Account) -> None:
    """What HubSpot has not, the simulator has not."""
    assert account.send("GET", f"{BASE}/crm/objects/2026-03/contacts").status_code == 404
    assert account.send("PUT", OBJECTS).status_code == 404
