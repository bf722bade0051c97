"""The simulated Salesforce keeps Salesforce's semantics where the connector does not go."""

from typing import Any

import httpx
import orjson

from tests.connectors.salesforce.organisation import HOST, KEY, Organisation

DATA = f"https://{HOST}/services/data/v67.0"


def call(org: Organisation, method: str, path: str, body: object = None) -> httpx.Response:
    """A request of somebody with a token."""
    form = f"grant_type=client_credentials&client_id={org.site.client_id}"
    secret = f"&client_secret={org.site.client_secret}"
    login = httpx.Request("POST", f"https://{HOST}/services/oauth2/token", content=form + secret)
    token = orjson.loads(org.site.handle(login).content)["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    content = None if body is None else orjson.dumps(body)
    request = httpx.Request(method, f"{DATA}{path}", headers=headers, content=content)
    return org.site.handle(request)


def upsert(org: Organisation, *records: dict[str, Any]) -> list[dict[str, Any]]:
    """An upsert of another program by our key."""
    typed = [{"attributes": {"type": "Account"}, **record} for record in records]
    body = {"allOrNone": False, "records": typed}
    response = call(org, "PATCH", f"/composite/sobjects/Account/{KEY}", body)
    assert response.status_code == 200
    results: list[dict[str, Any]] = orjson.loads(response.content)
    return results


def test_an_upsert_overwrites_what_is_there(org: Organisation) -> None:
    """Results come in order with ``created``; what is there is changed, which is why we create."""
    org.site.prepare(KEY)
    held = org.site.create(Name="A person's", Prospectd_Key__c="acme.com")
    results = upsert(
        org, {"Name": "Ours", KEY: "ACME.com"}, {"Name": "B", KEY: "b.com"}, {"Name": "C"}
    )
    assert [each.get("created") for each in results] == [False, True, None]
    assert results[0]["id"] == held
    assert org.account(held)["Name"] == "Ours"
    assert results[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_an_upsert_does_not_see_the_recycle_bin(org: Organisation) -> None:
    """A deleted account's key is free: the upsert makes a second record."""
    org.site.prepare(KEY)
    held = org.site.create(Name="A", Prospectd_Key__c="acme.com")
    org.site.delete(held)
    (result,) = upsert(org, {"Name": "A", KEY: "acme.com"})
    assert result["created"] is True
    assert result["id"] != held


def test_more_than_two_hundred_records_are_refused(org: Organisation) -> None:
    """A collection has at most 200 records; errors come as a list."""
    records = [{"attributes": {"type": "Account"}, "Name": "x"}] * 201
    response = call(org, "POST", "/composite/sobjects", {"records": records})
    assert response.status_code == 400
    assert orjson.loads(response.content)[0]["errorCode"] == "INVALID_INPUT"
    assert org.site.accounts() == []


def test_a_value_of_the_wrong_json_type_fails_the_request(org: Organisation) -> None:
    """Text for a number refuses all records, good ones too."""
    good = {"attributes": {"type": "Account"}, "Name": "good"}
    bad = {**good, "NumberOfEmployees": "12"}
    response = call(org, "POST", "/composite/sobjects", {"records": [good, bad]})
    assert orjson.loads(response.content)[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert org.site.accounts() == []


def test_pages_are_followed_by_their_address(org: Organisation) -> None:
    """``nextRecordsUrl`` leads to the rest, and ``done`` ends it; limits are told each time."""
    org.site.page_size = 2
    org.site.seed({"Name": str(number)} for number in range(5))
    response = call(org, "GET", "/query?q=SELECT+Id+FROM+Account")
    assert response.headers["sforce-limit-info"] == "api-usage=1/100000"
    body = orjson.loads(response.content)
    sizes = [len(body["records"])]
    while not body["done"]:
        path = body["nextRecordsUrl"].removeprefix("/services/data/v67.0")
        body = orjson.loads(call(org, "GET", path).content)
        sizes.append(len(body["records"]))
    assert sizes == [2, 2, 1]


def test_unknown_paths_and_sessions_are_refused(org: Organisation) -> None:
    """404 for what there is not, 401 without a session, both as lists."""
    assert call(org, "GET", "/nothing").status_code == 404
    response = org.site.handle(httpx.Request("GET", f"{DATA}/query?q=x"))
    assert response.status_code == 401
    assert orjson.loads(response.content)[0]["errorCode"] == "INVALID_SESSION_ID"
