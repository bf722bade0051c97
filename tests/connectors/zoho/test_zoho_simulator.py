"""The simulated Zoho keeps to Zoho's semantics, and the judge to Zoho's document."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from connectors.zoho.accounts import joined, key_condition
from connectors.zoho.harness import API_HOST, KEY_FIELD
from connectors.zoho.simulated_coql import BadQueryError, parse_query
from tests.connectors.zoho.judge import find_judge
from tests.connectors.zoho.organisation import CLIENT_ID, SECRETS, Organisation

BASE = f"https://{API_HOST}/crm/v8"


class Caller:
    """Somebody with a token who speaks to the simulated Zoho directly."""

    def __init__(self, zoho: Organisation) -> None:
        self.zoho = zoho
        self.token = self.new_token()

    def new_token(self) -> str:
        """Another access token."""
        form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, **SECRETS}
        reply = self.zoho.handle(
            httpx.Request("POST", f"https://{API_HOST}/oauth/v2/token", data=form)
        )
        return str(reply.json()["access_token"])

    def send(self, method: str, path: str, *, token: str | None = None, **more: Any) -> Any:
        """One request; gives status and body."""
        headers = {"authorization": f"Zoho-oauthtoken {token or self.token}"}
        headers |= more.pop("headers", {})
        request = httpx.Request(method, f"{BASE}{path}", headers=headers, **more)
        reply = self.zoho.handle(request)
        return reply.status_code, reply.json() if reply.content else None


@pytest.fixture
def caller(zoho: Organisation) -> Caller:
    return Caller(zoho)


def key_in(values: Sequence[str]) -> str:
    """A condition with so many values."""
    return key_condition(values, "Website")


def acme(**more: Any) -> dict[str, Any]:
    """A row to be written."""
    return {"Account_Name": "Acme", **more}


def test_an_upsert_without_duplicate_fields_goes_by_name(caller: Caller) -> None:
    """The trap that the connector avoids: the homonym is written over."""
    caller.send("POST", "/Accounts", json={"data": [acme(Website="https://acme.org")]})
    body = {"data": [acme(Website="https://acme.com")], "trigger": []}
    status, reply = caller.send("POST", "/Accounts/upsert", json=body)
    assert (status, reply["data"][0]["action"]) == (201, "update")
    assert [row["Website"] for row in caller.zoho.stored()] == ["https://acme.com"]


def test_an_upsert_by_the_unique_field_inserts_or_updates(caller: Caller) -> None:
    """With the field named, the key decides and not the name."""
    caller.zoho.ready()
    actions = []
    for key in ("acme.com", "acme.org", "ACME.com"):
        body = {"data": [acme(**{KEY_FIELD: key})], "duplicate_check_fields": [KEY_FIELD]}
        actions.append(caller.send("POST", "/Accounts/upsert", json=body)[1]["data"][0]["action"])
    assert actions == ["insert", "insert", "update"]


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([acme()], 201),
        ([{}], 400),
        ([{}, {}], 202),
        ([acme(), {}], 207),
    ],
)
def test_the_status_of_an_insert(caller: Caller, rows: list[Any], status: int) -> None:
    """All, some and none taken are told apart by status, and each record by its verdict."""
    answered, body = caller.send("POST", "/Accounts", json={"data": rows})
    assert answered == status
    assert [one["status"] for one in body["data"]] == [
        "success" if row else "error" for row in rows
    ]


def test_an_unknown_field_is_ignored_without_a_word(caller: Caller) -> None:
    """Why the connector looks at the definitions first."""
    status, body = caller.send("POST", "/Accounts", json={"data": [acme(Nosuch="x")]})
    assert (status, body["data"][0]["code"]) == (201, "SUCCESS")
    assert "Nosuch" not in caller.zoho.stored()[0]


def test_the_bin_frees_the_key(caller: Caller) -> None:
    """A unique value of a deleted account may be used again; restored, there are two."""
    caller.zoho.ready()
    rows = {"data": [acme(**{KEY_FIELD: "acme.com"})]}
    first = caller.send("POST", "/Accounts", json=rows)[1]["data"][0]["details"]["id"]
    assert caller.send("POST", "/Accounts", json=rows)[1]["data"][0]["code"] == "DUPLICATE_DATA"
    caller.zoho.crm.org.delete(first)
    assert caller.send("POST", "/Accounts", json=rows)[0] == 201
    caller.zoho.crm.org.restore(first)
    assert len(caller.zoho.stored()) == 2


@pytest.mark.parametrize(
    ("method", "path", "more", "code"),
    [
        ("GET", "/Accounts", {}, "REQUIRED_PARAM_MISSING"),
        ("GET", "/Accounts?fields=id&per_page=201", {}, "INVALID_DATA"),
        ("GET", "/Accounts?fields=id&page=11", {}, "LIMIT_EXCEEDED"),
        ("GET", "/Accounts?fields=id&page_token=x", {}, "INVALID_DATA"),
        ("GET", "/Accounts?fields=id", {"headers": {"If-Modified-Since": "x"}}, "INVALID_DATA"),
        ("POST", "/Accounts", {"json": {"data": [{}] * 101}}, "LIMIT_EXCEEDED"),
        ("POST", "/Accounts", {"json": {}}, "INVALID_DATA"),
        ("POST", "/Accounts", {"content": b"["}, "INVALID_DATA"),
        ("POST", "/coql", {"json": {"select_query": "delete"}}, "INVALID_QUERY"),
        ("POST", "/settings/fields", {"json": {"fields": [{}] * 6}}, "LIMIT_EXCEEDED"),
        ("GET", "/Nosuch", {}, "INVALID_URL_PATTERN"),
        ("GET", "/Accounts?fields=id", {"token": "wrong"}, "INVALID_TOKEN"),
    ],
)
def test_refusals(method: str, path: str, more: dict[str, Any], code: str) -> None:
    """What the connector must not send is refused as Zoho refuses it."""
    status, body = Caller(Organisation()).send(method, path, **more)
    assert (status // 100, body["code"], body["status"]) == (4, code, "error")


def test_an_empty_list_is_204_and_nothing_new_is_304(caller: Caller) -> None:
    """Neither has a body."""
    since = {"If-Modified-Since": "2099-01-01T00:00:00+00:00"}
    for path in ("/Accounts?fields=id", "/Accounts/deleted?type=all"):
        assert caller.send("GET", path) == (204, None)
        assert caller.send("GET", path, headers=since) == (304, None)


def test_the_sixteenth_token_ends_the_first(caller: Caller) -> None:
    """At most fifteen access tokens are good at one time."""
    first = caller.token
    for number in range(15):
        if number == 9:
            caller.zoho.clock.sleep(600)
        caller.new_token()
    assert caller.send("GET", "/Accounts?fields=id", token=first)[0] == 401


@pytest.mark.parametrize(
    "query",
    [
        "select id from Contacts where Website = 'x'",
        "select Nosuch from Accounts where Website = 'x'",
        "select id from Accounts where Nosuch = 'x'",
        "select id from Accounts where Website = x",
        "select id from Accounts where Website about 'x'",
        "select id from Accounts where Website = 'a' or Website = 'b' or Website = 'c'",
        "select id from Accounts where (Website = 'a'",
        "select id from Accounts where Website = 'a' ;",
        "select id from Accounts where Website in ('a', 'b'",
        "select id from Accounts where Website = 'a' limit 2001",
    ],
)
def test_queries_that_zoho_refuses(query: str) -> None:
    """Unknown names, missing brackets and too many values are errors and not empty lists."""
    with pytest.raises(BadQueryError):
        parse_query(query, ["Website"])


@pytest.mark.parametrize(("most", "condition"), [(25, joined), (50, key_in)])
def test_limits_of_a_query(most: int, condition: Callable[[Sequence[str]], str]) -> None:
    """So many criteria and so many values are understood, and one more is not."""
    parts = [f"Website = 'x{number}'" for number in range(most + 1)]
    head = "select id from Accounts where "
    parse_query(head + condition(parts[:-1]), ["Website"])
    with pytest.raises(BadQueryError):
        parse_query(head + condition(parts), ["Website"])


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Website like '%ACME.com%'", True),
        ("Website like 'acme%'", False),
        ("Website like '%.com/'", True),
        ("Website in ('x', 'https://acme.com/')", True),
        ("(Website = 'x' or Website like '%acme%')", True),
        ("(Website = 'x' and Website like '%acme%')", False),
        ("((Website = 'x' or id = '7') and Website like '%acme%')", True),
    ],
)
def test_queries_that_zoho_understands(where: str, *, found: bool) -> None:
    """The simulated language selects as Zoho's pages describe it."""
    head = "select id from Accounts where "
    query = parse_query(head + where, ["Website"])
    assert query.test({"id": "7", "Website": "https://acme.com/"}) is found


@pytest.mark.skipif(find_judge() is None, reason="Zoho's document is not beside the checkout")
@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (httpx.Request("GET", f"{BASE}/Accounts?fields=id&sort=x"), None),
        (httpx.Request("GET", f"{BASE}/Accounts?page=first"), None),
        (httpx.Request("POST", f"{BASE}/Accounts", json={"data": {}}), None),
        (httpx.Request("DELETE", f"{BASE}/Accounts/deleted"), None),
        (httpx.Request("GET", f"{BASE}/Accounts"), httpx.Response(200, json={"rows": []})),
        (
            httpx.Request("POST", f"{BASE}/Accounts", json={"data": [{}]}),
            httpx.Response(201, json={"data": [{"status": "maybe"}]}),
        ),
        (
            httpx.Request("GET", f"{BASE}/Accounts/deleted"),
            httpx.Response(200, json={"data": [{"id": 5}], "info": {}}),
        ),
        (httpx.Request("GET", f"{BASE}/Accounts"), httpx.Response(205)),
    ],
)
def test_the_judge_sees_what_the_document_forbids(
    request_: httpx.Request, reply: httpx.Response | None
) -> None:
    """The document, its slips mended, still forbids: the judge is not asleep."""
    judge = find_judge()
    assert judge is not None
    if reply is None:
        assert judge.request_problems(request_)
    else:
        assert judge.response_problems(request_, reply)
