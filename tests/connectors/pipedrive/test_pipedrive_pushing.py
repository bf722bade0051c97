"""Creating companies: what is sent, what is refused, who else was as fast, which reply was lost."""

from dataclasses import replace
from datetime import timedelta

import httpx
import orjson
import pytest

from connectors.sdk.faults import NeedsPerson, NotProcessed
from connectors.sdk.outcomes import Outcome, OutcomeKind, ResolutionKind
from connectors.sdk.records import CompanyRef, PushItem
from tests.connectors.pipedrive.account import Office, company, is_create, is_listing


def test_a_company_is_written_in_the_shapes_of_version_2(office: Office) -> None:
    """Numbers go as numbers, the place as an object, our own fields by their hashes."""
    item = company(
        "acme.com",
        city="Hamburg",
        country="Germany",
        employee_count="51-200",
        founding_year=1999,
        relevance=87.5,
        description="Makes anvils.",
        search="anvils",
    )
    (outcome,) = office.ready().push([item])
    row = office.crm.account.rows[int(outcome.record_id or 0)]
    assert row.values == {
        "name": "Acme.Com",
        "website": "https://acme.com",
        "address": {"value": "Hamburg, Germany"},
        "employee_count": 51,
    }
    held = {
        name: office.custom(row, f"Prospectd {name}")
        for name in ("key", "employees", "founded", "relevance", "description", "search", "task")
    }
    assert held == {
        "key": "acme.com",
        "employees": "51-200",
        "founded": 1999,
        "relevance": 87.5,
        "description": "Makes anvils.",
        "search": "anvils",
        "task": None,
    }
    assert (outcome.kind, outcome.warnings) == (OutcomeKind.CREATED, ())


def test_without_a_standard_website_a_custom_field_takes_it(older: Office) -> None:
    """In an account without the field "website" a custom one is made, written and read."""
    connector = older.ready()
    (outcome,) = connector.push([company("acme.com", employee_count="11-50")])
    row = older.crm.account.rows[int(outcome.record_id or 0)]
    assert older.custom(row, "Website") == "https://acme.com"
    assert outcome.warnings == ()
    record = connector.read([str(row.record_id)])[str(row.record_id)]
    assert (record.websites, record.size) == (("https://acme.com",), "11-50")


def test_a_persons_record_is_found_by_its_website(office: Office) -> None:
    """A record that a person typed, under any spelling of the website, is not doubled."""
    connector = office.ready()
    made = office.crm.person_creates("Akme", "HTTP://WWW.Acme.com/en?x=1")
    (outcome,) = connector.push([company("acme.com")])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, str(made.record_id))
    assert office.creates() == []


def test_both_websites_are_read_where_an_account_has_two(office: Office) -> None:
    """A custom field "Website" from the days before the standard one counts too."""
    code = office.crm.account.add_field("Website", "varchar")
    made = office.crm.person_creates("Acme", None, custom={code: "acme.com"})
    (outcome,) = office.ready().push([company("acme.com")])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, str(made.record_id))


def test_a_merged_company_is_found_by_the_search(office: Office) -> None:
    """After a merge, which no listing of changes shows, our key leads to the survivor."""
    connector = office.ready()
    theirs = office.crm.person_creates("Acme Holding", "acme-holding.com").record_id
    (ours,) = connector.push([company("acme.com")])
    office.settle(connector)
    office.crm.account.merge(survivor_id=theirs, lost_id=int(ours.record_id or 0))
    office.settle(connector)
    (again,) = connector.push([company("acme.com")])
    assert (again.kind, again.record_id) == (OutcomeKind.EXISTED, str(theirs))


def test_what_was_deleted_is_not_believed(office: Office) -> None:
    """A record that the index has, but that a person deleted, is no match, and is read once."""
    connector = office.ready()
    made = office.crm.person_creates("Acme", "acme.com").record_id
    for _ in range(2):  # until no listing of changes has it any more
        office.clock.advance(timedelta(hours=2))
        assert len(connector.lookup([company("acme.com").company])[0]) == 1
    office.crm.account.delete(made)
    office.requests.clear()
    for _ in range(2):
        assert connector.lookup([company("acme.com").company]) == [()]
    read = [one for one in office.requests if one.url.path.endswith(f"/{made}")]
    assert len(read) == 1


def test_what_changed_unseen_is_not_believed(office: Office) -> None:
    """A record whose website was changed without a trace in the changes is no match."""
    connector = office.ready()
    made = office.crm.person_creates("Acme", "acme.com")
    for _ in range(2):
        office.clock.advance(timedelta(hours=2))
        connector.lookup([company("acme.com").company])
    made.values["website"] = "https://elsewhere.com"
    assert connector.lookup([company("acme.com").company]) == [()]


def test_without_a_website_the_domain_is_written(office: Office) -> None:
    """A result without a website still leads to its domain, or nobody would recognise it."""
    office.ready().push([company("bücher.example", website=None)])
    assert office.crm.account.rows[1].values["website"] == "https://xn--bcher-kva.example"


@pytest.mark.parametrize("domain", [None, "acme.com"])
def test_the_website_of_another_is_no_match(office: Office, domain: str | None) -> None:
    """A company is taken for another neither by a longer domain nor by having none."""
    office.crm.person_creates("Other", "https://notacme.com")
    office.crm.person_creates("Nothing", None)
    asked = CompanyRef(key="name:acme|berlin", domain=domain, name="Acme")
    assert office.ready().lookup([asked]) == [()]


def test_a_website_that_does_not_fit_becomes_the_domain(office: Office) -> None:
    """A website of more than 255 characters is replaced by the home page, with a warning."""
    long = "https://acme.com/" + "x" * 300
    (outcome,) = office.ready().push([company("acme.com", website=long)])
    row = office.crm.account.rows[int(outcome.record_id or 0)]
    assert row.values["website"] == "https://acme.com"
    assert any("Website" in warning for warning in outcome.warnings)


def test_an_option_that_is_not_there_costs_its_field(office: Office) -> None:
    """A label becomes the option's id; an unknown label is left out with a warning."""
    office.crm.account.add_field("Branch", "enum", ("Software", "Steel"))
    connector = office.ready(mapping={"Branch": "{source}"})
    (known,) = connector.push([company("steel.com", source="steel")])
    (unknown,) = connector.push([company("wood.com", source="wood")])
    rows = office.crm.account.rows
    assert office.custom(rows[int(known.record_id or 0)], "Branch") == 101
    assert office.custom(rows[int(unknown.record_id or 0)], "Branch") is None
    assert [("Branch" in each) for each in unknown.warnings] == [True]
    assert known.warnings == ()


def test_an_unknown_property_is_named(office: Office) -> None:
    """A property of the mapping that the account does not have is left out with a warning."""
    connector = office.ready(mapping={"Colour": "{city}"})
    (outcome,) = connector.push([company("acme.com", city="Kiel")])
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.warnings == ("Colour was left out: Pipedrive has no such organization field",)


def test_a_refused_field_is_left_out(office: Office) -> None:
    """When Pipedrive refuses one custom field, the company comes without it and says so."""
    connector = office.ready()
    fields = office.crm.account.fields
    for one in fields:
        if one["field_name"] == "Prospectd search":
            one["field_type"] = "double"  # a person changed it after we looked
    (outcome,) = connector.push([company("acme.com", search="anvils", relevance=5)])
    row = office.crm.account.rows[int(outcome.record_id or 0)]
    assert outcome.warnings == ("Prospectd search was left out: Pipedrive refuses the value",)
    assert (office.custom(row, "Prospectd search"), office.custom(row, "Prospectd relevance")) == (
        None,
        5,
    )


def test_a_refused_key_stops_pushing(office: Office) -> None:
    """A company is never created without its key, by which a lost reply would be cleared up."""
    connector = office.ready()
    code = office.key_code()
    office.crm.account.fields[:] = [
        one for one in office.crm.account.fields if one["field_code"] != code
    ]
    with pytest.raises(NeedsPerson, match="Prospectd key"):
        connector.push([company("acme.com")])
    assert office.crm.account.rows == {}


def test_without_the_keys_field_nothing_is_pushed(office: Office) -> None:
    """A connector that has no field for the key says what to add and creates nothing."""
    with pytest.raises(NeedsPerson, match="Data fields"):
        office.open().push([company("acme.com")])
    assert office.creates() == []


def test_a_person_in_the_same_moment_is_named(office: Office) -> None:
    """Nothing prevents a twin made between look-up and create; the outcome names it."""
    twins: list[int] = []

    def person_is_quicker(request: httpx.Request) -> None:
        if is_create(request) and not twins:
            twins.append(office.crm.person_creates("ACME", "www.acme.com").record_id)

    office.ready()
    (outcome,) = office.open(before=person_is_quicker).push([company("acme.com")])
    assert outcome.kind is OutcomeKind.CREATED
    assert len(outcome.warnings) == 1
    assert f"also as {twins[0]}:" in outcome.warnings[0]


def test_two_daemons_see_each_others_twins(office: Office) -> None:
    """Of two creates of one company at once both succeed, and the later one names the other."""
    other = office.ready()
    outcomes: list[Outcome] = []

    def be_quicker(request: httpx.Request) -> None:
        if is_create(request) and not outcomes:
            outcomes.extend(other.push([company("acme.com")]))

    (later,) = office.open(before=be_quicker).push([company("acme.com")])
    assert [each.kind for each in (*outcomes, later)] == [OutcomeKind.CREATED] * 2
    assert outcomes[0].warnings == ()
    assert f"also as {outcomes[0].record_id}:" in later.warnings[0]


def test_two_daemons_one_after_the_other_make_one(office: Office) -> None:
    """A second daemon sees what the first created a moment ago, though the search does not yet."""
    office.crm.account.search_lag = timedelta(hours=1)
    (first,) = office.ready().push([company("acme.com")])
    (second,) = office.ready().push([company("acme.com")])
    assert (second.kind, second.record_id) == (OutcomeKind.EXISTED, first.record_id)


def test_a_lost_reply_is_found_though_the_search_is_blind(office: Office) -> None:
    """After a lost reply the listing of what is new finds the company; the search lags for ever."""
    office.crm.account.search_lag = timedelta(days=9)
    connector = office.ready()
    item = office.sent(company("acme.com"))
    office.lose_reply_of = is_create
    (outcome,) = connector.push([item])
    office.settle(connector)
    (answer,) = office.open().resolve([item])
    assert (outcome.kind, answer.kind) == (OutcomeKind.UNKNOWN, ResolutionKind.FOUND)
    assert answer.record_id == str(office.crm.account.live()[0].record_id)
    assert len(office.creates()) == 1


def test_what_arrived_and_was_merged_is_found(office: Office) -> None:
    """After a lost reply and a merge the key leads to the survivor, however old that is."""
    connector = office.ready(page_size=1)
    theirs = office.crm.person_creates("Acme Holding", "acme-holding.com").record_id
    office.clock.advance(timedelta(days=3))
    office.crm.person_creates("Other", "other.com")
    office.clock.advance(timedelta(days=3))
    item = office.sent(company("acme.com"))
    office.lose_reply_of = is_create
    connector.push([item])
    ours = max(office.crm.account.rows)
    office.crm.account.merge(survivor_id=theirs, lost_id=ours)
    office.settle(connector)
    (answer,) = connector.resolve([item])
    assert (answer.kind, answer.record_id) == (ResolutionKind.FOUND, str(theirs))


def test_what_arrives_late_is_waited_for(office: Office) -> None:
    """Before the settling time is over nothing is called absent; then what arrived is found."""
    connector = office.ready()
    item = office.sent(company("acme.com"))
    late = timedelta(seconds=50)
    code = office.key_code()
    made = office.crm.person_creates("Acme", None, after=late, custom={code: "acme.com"})
    (early,) = connector.resolve([item])
    office.settle(connector)
    (settled,) = connector.resolve([item])
    assert early.kind is ResolutionKind.UNDETERMINED
    assert (settled.kind, settled.record_id) == (ResolutionKind.FOUND, str(made.record_id))


def test_a_persons_record_does_not_settle_a_doubt(office: Office) -> None:
    """A record without our key is not what we sent: absent, and pushing again finds it."""
    connector = office.ready()
    item = office.sent(company("acme.com"))
    theirs = office.crm.person_creates("Acme", "acme.com").record_id
    office.settle(connector)
    (answer,) = connector.resolve([item])
    (again,) = connector.push([item])
    assert answer.kind is ResolutionKind.ABSENT
    assert (again.kind, again.record_id) == (OutcomeKind.EXISTED, str(theirs))


def test_a_doubt_goes_back_over_several_pages(office: Office) -> None:
    """What was created long before others is found behind the first page of the newest."""
    connector = office.ready(page_size=10)
    item = office.sent(company("acme.com"))
    office.crm.account.search_lag = timedelta(days=9)
    office.lose_reply_of = is_create
    connector.push([item])
    for number in range(35):
        office.crm.person_creates(f"Firm {number}", f"firm-{number}.com")
    office.settle(connector)
    (answer,) = connector.resolve([item])
    assert (answer.kind, answer.record_id) == (ResolutionKind.FOUND, "1")


def test_a_doubt_does_not_list_everything(office: Office) -> None:
    """The listing of what is new ends where records are older than the doubt."""
    for number in range(60):
        office.crm.person_creates(f"Firm {number}", f"firm-{number}.com")
    office.clock.advance(timedelta(days=1))
    connector = office.ready(page_size=10)
    item = office.sent(company("acme.com"))
    connector.resolve([item])
    assert len([one for one in office.requests if is_listing(one)]) == 1


def test_an_ignored_order_is_not_taken_for_absence(office: Office) -> None:
    """When the order by creation is ignored, nobody is called absent."""
    office.crm.account.ignored = {"sort_by", "sort_direction"}
    connector = office.ready()
    for number in range(3):
        office.crm.person_creates(f"Firm {number}", f"firm-{number}.com")
        office.clock.advance(timedelta(hours=2))
    with pytest.raises(NeedsPerson, match="newest"):
        connector.resolve([office.sent(company("acme.com"))])


def test_a_push_has_its_price(office: Office) -> None:
    """A new company costs 45 tokens: two listings, one search, one create."""
    connector = office.ready()
    connector.push([company("first.com")])
    before = office.crm.limits.spent
    connector.push([company("acme.com")])
    assert office.crm.limits.spent - before == 45


def test_a_company_without_domain_is_kept_by_its_key(office: Office) -> None:
    """A key that is no domain is stored, found by look-up, and shortened when it is too long."""
    connector = office.ready()
    ref = CompanyRef(key="name:" + "ä" * 400, domain=None, name="Ä")
    item = PushItem(trace_id="t", company=ref, fields={"name": "Ä"})
    (first,) = connector.push([item])
    (second,) = connector.push([replace(item, trace_id="u")])
    assert (second.kind, second.record_id) == (OutcomeKind.EXISTED, first.record_id)
    row = office.crm.account.rows[1]
    assert len(office.custom(row, "Prospectd key")) == 255
    assert row.values.get("website") is None


def test_a_name_is_cut_and_never_missing(office: Office) -> None:
    """A name of any length is cut with a warning; without one the domain stands in."""
    connector = office.ready()
    (long,) = connector.push([company("long.com", name="N" * 400)])
    nameless = company("nameless.com", name=" ")
    ref = CompanyRef(key="nameless.com", domain="nameless.com", name="")
    connector.push([replace(nameless, company=ref)])
    names = [row.values["name"] for row in office.crm.account.live()]
    assert names == ["N" * 255, "nameless.com"]
    assert long.warnings == ("name was cut to 255 characters",)


def test_the_index_is_made_anew_after_a_day(office: Office) -> None:
    """What a merge moved into a survivor shows in no change: a day later the index knows it."""
    connector = office.ready()
    survivor = office.crm.person_creates("Survivor", None).record_id
    lost = office.crm.person_creates("Lost", "acme.com").record_id
    for _ in range(2):
        office.clock.advance(timedelta(hours=2))
        assert connector.lookup([company("acme.com").company])[0][0].record_id == str(lost)
    office.crm.account.merge(survivor_id=survivor, lost_id=lost)
    assert connector.lookup([company("acme.com").company]) == [()]
    office.clock.advance(timedelta(hours=25))
    assert connector.lookup([company("acme.com").company])[0][0].record_id == str(survivor)


def test_a_field_that_was_added_meanwhile_is_read(older: Office) -> None:
    """After a field for the website was made, records that did not change are found by it."""
    code = older.crm.account.add_field("Homepage", "varchar")
    connector = older.open(website_field="Web")
    connector.lookup([company("acme.com").company])
    made = older.crm.person_creates("Acme", None, custom={code: "acme.com"})
    for _ in range(2):  # until no listing of changes has it any more
        older.clock.advance(timedelta(hours=2))
        assert connector.lookup([company("acme.com").company]) == [()]
    for one in older.crm.account.fields:
        if one["field_code"] == code:
            one["field_name"] = "Web"
    connector.probe()
    assert connector.lookup([company("acme.com").company])[0][0].record_id == str(made.record_id)


def test_a_look_up_that_cannot_be_trusted_creates_nothing(office: Office) -> None:
    """While Pipedrive ignores the filter of the listing, nothing is created on a guess."""
    connector = office.ready()
    office.crm.person_creates("Old", "old.com")
    office.clock.advance(timedelta(hours=3))
    office.crm.person_creates("New", "new.com")
    connector.lookup([company("acme.com").company])
    office.crm.account.ignored = {"updated_since"}
    with pytest.raises(NeedsPerson, match="ignored the filter"):
        connector.push([company("acme.com")])
    assert office.creates() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"success": true}',
        b'{"success": false, "data": {"id": 7}}',
        b'{"success": true, "data": {"name": "x"}}',
        b"[]",
        b"<html>",
    ],
)
def test_a_create_that_is_answered_strangely_is_in_doubt(office: Office, body: bytes) -> None:
    """A 2xx without the new record's id is neither created nor rejected."""
    connector = office.ready()
    office.scripted = lambda request: (
        httpx.Response(200, content=body) if is_create(request) else None
    )
    (outcome,) = connector.push([company("acme.com")])
    assert outcome.kind is OutcomeKind.UNKNOWN


def test_a_full_page_without_a_word_on_the_next_is_no_end(office: Office) -> None:
    """A listing whose full page says nothing of what follows is not taken for a whole one."""
    connector = office.ready(page_size=2)
    for number in range(3):
        office.crm.person_creates(f"Firm {number}", f"firm-{number}.com")

    def forgetful(request: httpx.Request) -> httpx.Response | None:
        if not is_listing(request):
            return None
        body = orjson.loads(office.crm.handle(request).content)
        del body["additional_data"]
        return httpx.Response(200, json=body)

    office.scripted = forgetful
    with pytest.raises(NotProcessed, match="full page"):
        list(connector.scan(None))
