"""What the simulated Odoo does where no recording shows it: JSON-2, rollbacks, overlaps."""

from typing import Any

import httpx
import pytest

from connectors.odoo.simulated.errors import OdooError
from connectors.odoo.simulated.schema import DATA, PARTNER
from connectors.odoo.simulator import OdooSimulator
from connectors.sdk.conformance.clock import VirtualClock

SECRET = "the-key"
COLUMNS = ["id", "name", "is_company"]


@pytest.fixture
def odoo() -> OdooSimulator:
    return OdooSimulator(clock=VirtualClock(), secret=SECRET, version="19.0")


def post(
    odoo: OdooSimulator, path: str, body: object, *, key: str = SECRET, **headers: str
) -> httpx.Response:
    """One JSON-2 request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    authorised = {"authorization": f"bearer {key}", **named}
    url = f"https://odoo.example/json/2/{path}"
    return odoo.handle(httpx.Request("POST", url, json=body, headers=authorised))


def test_json2_answers_with_the_bare_result(odoo: OdooSimulator) -> None:
    """No envelope; new records are always a list of ids."""
    created = post(odoo, "res.partner/create", {"vals_list": {"name": "A", "is_company": True}})
    (record_id,) = created.json()
    found = post(odoo, "res.partner/search_read", {"domain": [["name", "=", "A"]], "fields": []})
    assert found.json()[0]["id"] == record_id
    read = post(odoo, "res.partner/read", {"ids": [record_id], "fields": ["name"]})
    assert read.json() == [{"id": record_id, "name": "A"}]


REFUSALS: list[tuple[str, object, int, str]] = [
    ("res.nosuch/search", {"domain": []}, 404, "werkzeug.exceptions.NotFound"),
    ("res.partner/nosuch", {}, 404, "werkzeug.exceptions.NotFound"),
    ("res.partner/_load_records", {}, 403, "odoo.exceptions.AccessError"),
    ("res.partner/search", {}, 422, "werkzeug.exceptions.UnprocessableEntity"),
    ("res.partner/create", {"ids": [1], "vals_list": {}}, 422, "werkzeug.exceptions."),
    ("res.partner/write", {"ids": [99], "vals": {}}, 404, "odoo.exceptions.MissingError"),
    ("res.partner/read", {"ids": [1], "fields": ["nme"]}, 500, "builtins.ValueError"),
    ("res.partner/check_access_rights", {"operation": "read"}, 404, "werkzeug.exceptions."),
]


@pytest.mark.parametrize(("path", "body", "status", "name"), REFUSALS)
def test_json2_refuses_with_real_statuses(
    odoo: OdooSimulator, path: str, body: object, status: int, name: str
) -> None:
    """The exception is in the body as under /jsonrpc, but the status says it too."""
    response = post(odoo, path, body)
    assert response.status_code == status
    assert response.json()["name"].startswith(name)


def test_json2_wants_its_key_and_its_database(odoo: OdooSimulator) -> None:
    """401 without the key, a web page of 404 for another database, 400 for no JSON."""
    assert post(odoo, "res.partner/search", {"domain": []}, key="wrong").status_code == 401
    other = post(odoo, "res.partner/search", {"domain": []}, x_odoo_database="other")
    assert (other.status_code, other.headers["content-type"]) == (404, "text/html; charset=utf-8")
    url = "https://odoo.example/json/2/res.partner/search"
    headers = {"authorization": f"bearer {SECRET}"}
    broken = httpx.Request("POST", url, content=b"{no", headers=headers)
    assert odoo.handle(broken).status_code == 400


def test_json2_does_not_exist_before_odoo_19() -> None:
    """Odoo 17 answers 404 as for any unknown page."""
    old = OdooSimulator(clock=VirtualClock(), secret=SECRET)
    assert post(old, "res.partner/search", {"domain": []}).status_code == 404


def load(odoo: OdooSimulator, *rows: list[str], **context: Any) -> dict[str, Any]:
    """``load()`` by hand."""
    result = odoo.by_hand(PARTNER, "load", COLUMNS, list(rows), context=context)
    return dict(result)


def test_create_only_leaves_what_is_there(odoo: OdooSimulator) -> None:
    """With mode update and noupdate a second load gives the same id and changes nothing."""
    context = {"mode": "update", "noupdate": True}
    first = load(odoo, ["m.x", "One", "1"], **context)
    second = load(odoo, ["m.x", "Two", "1"], **context)
    assert first["ids"] == second["ids"]
    (row,) = odoo.by_hand(PARTNER, "read", first["ids"], ["name"])
    assert row["name"] == "One"


def test_a_failed_call_keeps_nothing_but_the_used_ids(odoo: OdooSimulator) -> None:
    """As in PostgreSQL, a rollback does not give ids of a sequence back."""
    before = odoo.orm.tables.next_ids[PARTNER]
    result = load(odoo, ["m.a", "A", "1"], ["m.b", "", "1"])
    assert result["ids"] is False
    assert [message["record"] for message in result["messages"]] == [1]
    assert odoo.by_hand(PARTNER, "search", [["name", "=", "A"]]) == []
    assert odoo.by_hand(DATA, "search", [["module", "=", "m"]]) == []
    assert odoo.orm.tables.next_ids[PARTNER] > before


def test_a_failed_update_is_undone(odoo: OdooSimulator) -> None:
    """The old values come back, the external id stays findable."""
    (record_id,) = load(odoo, ["m.a", "A", "1"])["ids"]
    assert load(odoo, ["m.a", "Changed", "1"], ["m.b", "", "1"])["ids"] is False
    (row,) = odoo.by_hand(PARTNER, "read", [record_id], ["name"])
    assert row["name"] == "A"
    assert load(odoo, ["m.a", "Again", "1"])["ids"] == [record_id]


def test_overlapping_writers_of_one_row_conflict(odoo: OdooSimulator) -> None:
    """The first to commit wins; the other's call fails as a whole."""
    (record_id,) = load(odoo, ["m.a", "A", "1"])["ids"]
    with odoo.overlapping():
        odoo.by_hand(PARTNER, "write", [record_id], {"name": "B"})
        with pytest.raises(OdooError, match="could not serialize"):
            odoo.by_hand(PARTNER, "write", [record_id], {"name": "C"})
    odoo.by_hand(PARTNER, "write", [record_id], {"name": "D"})
    (row,) = odoo.by_hand(PARTNER, "read", [record_id], ["name"])
    assert row["name"] == "D"


def test_many_errors_end_a_load(odoo: OdooSimulator) -> None:
    """After ten bad rows in a row Odoo gives up and says so."""
    result = load(odoo, *([f"m.{number}", "", "1"] for number in range(30)))
    kinds = [message["type"] for message in result["messages"]]
    assert kinds == ["error"] * 10 + ["warning"]


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        (["|", ["name", "=", "A"], ["name", "=", "B"]], ["A", "B"]),
        (["!", ["name", "=", "A"], ["is_company", "=", True], ["id", ">", 1]], ["B"]),
        ([["city", "=", False], ["id", ">", 1]], ["A"]),
        ([["city", "!=", False], ["id", ">", 1]], ["B"]),
        ([["name", "not in", ["A", "My Company"]]], ["B"]),
        ([["city", "=ilike", "k_el%"]], ["B"]),
        ([["create_date", "<=", "tomorrow"], ["id", ">", 1]], ["A", "B"]),
    ],
)
def test_search_domains(odoo: OdooSimulator, domain: list[Any], names: list[str]) -> None:
    """Operators, nothing, wildcards and PostgreSQL's words for days."""
    for name, city in (("A", False), ("B", "Kiel")):
        values = {"name": name, "is_company": True, "city": city}
        odoo.by_hand(PARTNER, "create", values)
    found = odoo.by_hand(PARTNER, "search_read", domain, ["name"])
    assert [row["name"] for row in found] == names


def test_unknown_operators_and_orders_are_refused(odoo: OdooSimulator) -> None:
    """Nothing is silently ignored."""
    with pytest.raises(OdooError, match="Invalid operator"):
        odoo.by_hand(PARTNER, "search", [["name", "~", "A"]])
    with pytest.raises(OdooError, match="Invalid field"):
        odoo.by_hand(PARTNER, "search", [], order="nme")


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("color", "blue", "does not seem to be an integer"),
        ("partner_latitude", "north", "does not seem to be a number"),
        ("is_company", "maybe", "Unknown value 'maybe' for boolean field"),
        ("date", "someday", "does not seem to be a valid date"),
        ("country_id/id", "base.xx", "No matching record found for external id"),
        ("country_id/.id", "9999", "No matching record found for database id"),
    ],
)
def test_cells_that_load_cannot_read(
    odoo: OdooSimulator, column: str, cell: str, words: str
) -> None:
    """Each kind of field has its own words."""
    columns = ["id", "name", column]
    result = odoo.by_hand(PARTNER, "load", columns, [["m.x", "X", cell]])
    assert result["ids"] is False
    assert words in result["messages"][0]["message"]


def test_merging_has_its_limits(odoo: OdooSimulator) -> None:
    """At most three at once."""
    ids = [odoo.by_hand(PARTNER, "create", {"name": f"C{n}"}) for n in range(4)]
    wizard = "base.partner.merge.automatic.wizard"
    values = {"partner_ids": [[6, 0, ids]], "dst_partner_id": ids[0]}
    made = odoo.by_hand(wizard, "create", values)
    with pytest.raises(OdooError, match="more than 3 contacts"):
        odoo.by_hand(wizard, "action_merge", [made])
