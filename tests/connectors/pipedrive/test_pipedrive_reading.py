"""Listing, following changes, the fields of an account, and what a probe says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.pipedrive.harness import KEY_FIELD
from connectors.sdk.faults import Ambiguous, BadCredentials, NeedsPerson, Permanent
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.simulator import LostConnection
from tests.connectors.pipedrive.account import Office, company, is_listing


def problems(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.level is not Level.OK]


def is_field_create(request: httpx.Request) -> bool:
    return request.method == "POST" and request.url.path.endswith("/organizationFields")


def test_a_listing_asks_for_500_at_once(office: Office) -> None:
    """A listing asks for the largest page, since each page costs the same; and for the website."""
    list(office.ready().scan(None))
    (request,) = [one for one in office.requests if is_listing(one)]
    assert request.url.params["limit"] == "500"
    assert request.url.params["include_fields"] == "website,employee_count"
    codes = request.url.params["custom_fields"].split(",")
    assert office.key_code() in codes


def test_a_listing_tells_key_place_and_times(office: Office) -> None:
    """A listed record has its key, its place and its times in UTC."""
    connector = office.ready()
    connector.push([company("acme.com", city="Kiel", employee_count="11-50")])
    ((record,),) = [page.records for page in connector.scan(None)]
    assert (record.key, record.city, record.size) == ("acme.com", "Kiel", "11")
    assert record.created_at == record.modified_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_changes_ask_in_whole_seconds(office: Office) -> None:
    """Pipedrive refuses fractions of a second, so the filter is the second that had begun."""
    connector = office.ready()
    cursor = connector.changes_from(datetime(2026, 3, 2, 9, 0, 0, 987654, tzinfo=UTC))
    pages = list(connector.changes(cursor))
    (request,) = [one for one in office.requests if is_listing(one)]
    assert request.url.params["updated_since"] == "2026-03-02T08:58:30Z"
    assert request.url.params["sort_by"] == "update_time"
    assert [page.more for page in pages] == [False]


def test_an_ignored_filter_is_a_fault(office: Office) -> None:
    """When ``updated_since`` is passed over in silence, changes end with a fault that says so."""
    connector = office.ready()
    office.crm.person_creates("Old", "old.com")
    office.clock.advance(timedelta(days=1))
    office.crm.account.ignored = {"updated_since"}
    cursor = connector.changes_from(office.clock.now())
    with pytest.raises(Permanent, match="ignored the filter") as caught:
        list(connector.changes(cursor))
    assert caught.value.code == "filter_ignored"


def test_an_ignored_order_is_a_fault(office: Office) -> None:
    """When the order is passed over in silence, the watermark would lie: changes end in a fault."""
    connector = office.ready()
    cursor = connector.changes_from(office.clock.now())
    first = office.crm.person_creates("First", "first.com").record_id
    office.clock.advance(timedelta(hours=1))
    office.crm.person_creates("Second", "second.com")
    office.clock.advance(timedelta(hours=1))
    office.crm.person_edits(first, "First again", "first.com")
    office.crm.account.ignored = {"sort_by", "sort_direction"}
    with pytest.raises(Permanent, match="order"):
        list(connector.changes(cursor))


def test_the_probe_sees_an_ignored_filter(office: Office) -> None:
    """The probe asks for changes from tomorrow on; what comes shows that nothing is filtered."""
    connector = office.ready()
    office.crm.person_creates("Acme", "acme.com")
    assert problems(list(connector.probe())) == []
    office.crm.account.ignored = {"updated_since"}
    (finding,) = problems(list(connector.probe()))
    assert (finding.level, "ignored" in finding.text) == (Level.WARNING, True)


def test_a_quiet_account_is_not_read_again_for_ever(office: Office) -> None:
    """After a great import the watermark moves on by itself, though nothing changes any more."""
    connector = office.ready()
    cursor = connector.changes_from(office.clock.now())
    office.crm.person_creates("Acme", "acme.com")
    told = []
    for _ in range(4):
        pages = list(connector.changes(cursor))
        told.append(sum(len(page.upserts) for page in pages))
        cursor = pages[-1].cursor
        office.clock.advance(timedelta(hours=1))
    assert (told[0], told[-1]) == (1, 0)


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", "7", '{"since": 1}'])
def test_what_is_no_cursor_is_refused(office: Office, text: str) -> None:
    """A cursor of another connector, or a broken one, leads to a full listing."""
    with pytest.raises(Permanent, match="not a cursor"):
        list(office.open().changes(text))


@pytest.mark.parametrize("asked", ["scan", "look up", "resolve", "push"])
def test_a_removed_field_is_noticed(office: Office, asked: str) -> None:
    """After a refused listing the fields are asked for anew, not only after a restart."""
    connector = office.ready()
    item = office.sent(company("acme.com"))
    acts: dict[str, Callable[[], object]] = {
        "scan": lambda: list(connector.scan(None)),
        "look up": lambda: connector.lookup([item.company]),
        "resolve": lambda: connector.resolve([item]),
        "push": lambda: connector.push([item]),
    }
    act = acts[asked]
    refusal = httpx.Response(400, json={"success": False, "error": "unknown custom field"})
    office.scripted = lambda request: refusal if is_listing(request) else None
    with pytest.raises((Permanent, NeedsPerson)):
        act()
    office.scripted = lambda _: None
    office.requests.clear()
    act()
    assert office.requests[0].url.path.endswith("/organizationFields")


def test_the_fields_are_made_once(office: Office) -> None:
    """The first look creates our fields, the second nothing; the probe is then content."""
    connector = office.open()
    made = connector.ensure_schema()
    assert [one.level for one in made] == [Level.OK] * 7
    assert office.open().ensure_schema() == []
    assert problems(list(connector.probe())) == []
    names = [one["field_name"] for one in office.crm.account.fields if one["is_custom_field"]]
    assert len(names) == len(set(names)) == 7


def test_a_lost_reply_makes_no_second_field(office: Office) -> None:
    """A field whose creation was in doubt is looked for before anything is sent again."""
    office.lose_reply_of = is_field_create
    office.open().ensure_schema()
    assert len(office.crm.account.codes_of(KEY_FIELD)) == 1
    names = [one.content for one in office.requests if is_field_create(one)]
    assert len(names) == len(set(names))


def test_a_field_that_did_not_arrive_stays_in_doubt(office: Office) -> None:
    """A field whose creation was lost on the way is neither taken for made nor sent again."""

    def lose(request: httpx.Request) -> None:
        if is_field_create(request):
            raise LostConnection(processed=False)

    office.scripted = lose
    with pytest.raises(Ambiguous):
        office.open().ensure_schema()
    assert len([one for one in office.requests if is_field_create(one)]) == 1


def test_a_token_that_may_not_make_fields_says_what_to_add(office: Office) -> None:
    """Without the right to make fields, each missing one is told with what a person must do."""
    office.crm.may_add_fields = False
    findings = list(office.open().ensure_schema())
    assert {one.level for one in findings} == {Level.PROBLEM, Level.WARNING}
    (key,) = [one for one in findings if KEY_FIELD in one.text]
    assert key.level is Level.PROBLEM
    assert "Data fields" in key.remedy
    assert '"Text"' in key.remedy


def test_a_bad_token_is_not_taken_for_a_missing_right(office: Office) -> None:
    """A refused token is a fault, not a finding about fields."""
    office.crm.token = ""
    with pytest.raises(BadCredentials):
        office.open().ensure_schema()


def test_two_fields_of_one_name_are_both_read(office: Office) -> None:
    """Keys in either of two fields of one name are found, and the probe warns of the second."""
    office.ready()
    second = office.crm.account.add_field(KEY_FIELD, "varchar")
    made = office.crm.person_creates("Acme", None, custom={second: "acme.com"})
    connector = office.open()
    (finding,) = problems(list(connector.probe()))
    assert "2 fields" in finding.text
    found = connector.lookup([company("acme.com").company])[0]
    assert [one.record_id for one in found] == [str(made.record_id)]


def test_a_key_field_of_another_type_is_a_problem(office: Office) -> None:
    """A field that cannot hold our key as text is named."""
    office.crm.account.add_field(KEY_FIELD, "double")
    found = [one for one in office.open().probe() if "double" in one.text]
    assert [one.level for one in found] == [Level.PROBLEM]


def test_a_field_named_by_its_hash_is_not_made(office: Office) -> None:
    """A key field that is named by a hash and is not there is a problem, and nothing is created."""
    connector = office.open(key_field="ab" * 20)
    found = [one for one in connector.ensure_schema() if "ab" * 20 in one.text]
    assert [one.level for one in found] == [Level.PROBLEM]
    assert office.crm.account.codes_of("ab" * 20) == []


def test_a_field_may_be_named_by_its_hash(office: Office) -> None:
    """The key's field may be named by the hash that Pipedrive gave it."""
    code = office.crm.account.add_field("Company key", "varchar")
    office.ready(key_field=code).push([company("acme.com")])
    assert office.crm.account.rows[1].custom[code] == "acme.com"
    assert office.crm.account.codes_of(KEY_FIELD) == []


def test_many_records_are_read_in_one_listing(office: Office) -> None:
    """A few ids are read one by one for a token each, many by a listing of 100."""
    connector = office.ready()
    ids = [str(office.crm.person_creates(f"F{n}", f"f{n}.com").record_id) for n in range(120)]
    office.crm.account.delete(7)
    assert set(connector.read([*ids, "none", "9999"])) == set(ids) - {"7"}
    assert len([one for one in office.requests if is_listing(one)]) == 2
    before = office.crm.limits.spent
    assert set(connector.read(["3", "7"])) == {"3"}
    assert office.crm.limits.spent - before == 2


def test_merging_is_not_offered(office: Office) -> None:
    """Version 2 has no merging: the connector says so in its capabilities and when asked."""
    connector = office.open()
    assert connector.capabilities.can_merge is False
    with pytest.raises(Permanent, match="Merge duplicates"):
        connector.merge(survivor_id="1", lost_id="2")
