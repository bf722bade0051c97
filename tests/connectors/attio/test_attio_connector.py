"""The Attio connector over the simulated server: what the conformance suite does not ask."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.attio import connector as plugin
from connectors.attio.attributes import DEFAULTS, Body, new_mapping, refused_attributes, tidy_place
from connectors.attio.companies import is_company, parse_time
from connectors.attio.connector import AttioConnector
from connectors.attio.cursors import OVERLAP, Cursor, from_moment
from connectors.attio.harness import HOST, KEY_ATTRIBUTE
from connectors.attio.options import AttioOptions
from connectors.attio.simulated_values import BadFilterError, passes
from connectors.attio.simulator import AttioSimulator
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.faults import BadCredentials, NotProcessed, Permanent
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.protocol import ConnectorContext, Level
from connectors.sdk.records import FIELD_NAMES, CompanyRef, CrmRecord, FieldValue, PushItem
from connectors.sdk.simulator import SimulatorTransport
from connectors.sdk.websites import host_of

TOKEN = "attio-token-0017"


class Office:
    """One workspace and connectors to it; ``requests`` holds all that was sent."""

    def __init__(self, *, scopes: str | None = None) -> None:
        self.clock = VirtualClock()
        self.crm = AttioSimulator(token=TOKEN, clock=self.clock, random=Random(5))
        if scopes is not None:
            self.crm.scopes = scopes
        self.requests: list[httpx.Request] = []

    def open(
        self, *, before: Callable[[httpx.Request], None] | None = None, **options: Any
    ) -> AttioConnector:
        """A new connector; ``before`` is called with each request that it sends."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        context = ConnectorContext(
            name="attio",
            secrets={"token": TOKEN},
            transport=SimulatorTransport({HOST: self.crm}, before=watch),
            clock=self.clock,
            random=Random(1),
        )
        opened = plugin.open(AttioOptions.model_validate({"type": "attio", **options}), context)
        assert isinstance(opened, AttioConnector)
        return opened

    def ready(self, **options: Any) -> AttioConnector:
        """A connector whose attributes exist."""
        opened = self.open(**options)
        opened.ensure_schema()
        self.requests.clear()
        return opened

    def creates(self) -> int:
        """How many creates of records were sent."""
        return sum(1 for one in self.requests if one.url.path.endswith("/records"))


@pytest.fixture
def office() -> Office:
    return Office()


def acme(**fields: FieldValue) -> PushItem:
    """Acme Ltd of acme.com."""
    values: dict[str, FieldValue] = {"name": "Acme Ltd", **fields}
    company = CompanyRef(key="acme.com", domain="acme.com", name="Acme Ltd")
    return PushItem(trace_id="t-1", company=company, fields=values)


def profile() -> PushItem:
    """A company without a domain of its own."""
    company = CompanyRef(key="profile:linkedin.com/company/acme", domain=None, name="Acme Ltd")
    return PushItem(trace_id="t-2", company=company, fields={"name": "Acme Ltd"})


def test_a_person_who_is_quicker_meets_the_constraint(office: Office) -> None:
    """A record made between look-up and create stops the create, and its id is told."""
    made: list[str] = []

    def person_is_quicker(request: httpx.Request) -> None:
        if request.url.path.endswith("/records"):
            made.append(office.crm.person_adds("ACME", ["acme.com"]))

    office.ready()
    (outcome,) = office.open(before=person_is_quicker).push([acme()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, made[0])
    assert len(office.crm.workspace.records) == 1


def test_eight_at_once_make_one_record(office: Office) -> None:
    """Of eight pushers that all looked up before any created, one creates."""
    office.ready()
    outcomes: list[Any] = []

    def run(left: int) -> None:
        started = False

        def hold(request: httpx.Request) -> None:
            nonlocal started
            if request.url.path.endswith("/records") and left > 1 and not started:
                started = True
                run(left - 1)

        outcomes.extend(office.open(before=hold).push([acme()]))

    run(8)
    assert sorted(one.kind for one in outcomes) == ["created", *["existed"] * 7]
    assert len(office.crm.workspace.records) == 1


@pytest.mark.parametrize("domain", ["www.acme.com", "shop.acme.com", "acme.com"])
def test_a_subdomain_is_the_company(office: Office, domain: str) -> None:
    """Attio keeps subdomains apart; we look for the registered domain."""
    record_id = office.crm.person_adds("Acme", [domain])
    (outcome,) = office.ready().push([acme()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, record_id)


def test_a_company_without_domain_is_unique_by_key(office: Office) -> None:
    """Without a domain our key's attribute keeps the company from being made twice."""
    opened = office.ready()
    first, second = opened.push([profile()])[0], office.open().push([profile()])[0]
    assert [first.kind, second.kind] == [OutcomeKind.CREATED, OutcomeKind.EXISTED]
    assert first.record_id == second.record_id


def test_a_company_without_domain_waits_for_the_key_attribute(office: Office) -> None:
    """Where nothing would stop a second record, the company is held back and not lost."""
    (outcome,) = office.open().push([profile()])
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert KEY_ATTRIBUTE in outcome.reason
    assert office.creates() == 0


def test_a_lost_reply_is_unknown_and_then_found(office: Office) -> None:
    """After a lost reply nothing is sent again; reading back finds the record."""
    office.ready()

    def cut(request: httpx.Request) -> None:
        if request.url.path.endswith("/records"):
            office.crm.handle(request)
            raise httpx.ReadError("connection reset")

    (outcome,) = office.open(before=cut).push([acme()])
    assert outcome.kind is OutcomeKind.UNKNOWN
    (resolution,) = office.open().resolve([acme()])
    assert resolution.kind is ResolutionKind.FOUND
    assert len(office.crm.workspace.records) == 1


def test_a_refused_value_costs_its_attribute_and_no_more(office: Office) -> None:
    """An option that the workspace does not have is left out with a warning."""
    opened = office.ready(mapping={"categories": "{source}"})
    (outcome,) = opened.push([acme(source="web_search", city="Hamburg", country="Germany")])
    assert outcome.kind is OutcomeKind.CREATED
    assert any("categories" in warning for warning in outcome.warnings)
    (record,) = office.crm.workspace.records.values()
    assert record.values["domains"][0]["domain"] == "acme.com"


def test_what_attio_fills_itself_is_not_written(office: Office) -> None:
    """An enriched attribute is left out before Attio refuses it."""
    opened = office.ready(mapping={"employee_range": "{employee_count}", "nosuch": "{city}"})
    (outcome,) = opened.push([acme(employee_count="11-50", city="Hamburg")])
    assert outcome.kind is OutcomeKind.CREATED
    assert {warning.split()[0] for warning in outcome.warnings} == {"employee_range", "nosuch"}
    assert office.creates() == 1


def test_a_merge_under_way_is_waited_for(office: Office) -> None:
    """While Attio merges, a create was not processed: it may be repeated."""
    opened = office.ready()
    office.crm.merging = True
    with pytest.raises(NotProcessed):
        opened.push([acme()])
    office.crm.merging = False
    assert opened.push([acme()])[0].kind is OutcomeKind.CREATED


def test_a_bad_token_is_seen_though_attio_answers_200(office: Office) -> None:
    """``active: false`` under 200 is a problem of the probe, not a good account."""
    office.crm.token = "another"
    (finding,) = office.open().probe()
    assert finding.level is Level.PROBLEM
    assert finding.remedy
    with pytest.raises(BadCredentials):
        list(office.open().scan(None))


def test_missing_scopes_are_named() -> None:
    """The probe names each scope that the token lacks."""
    office = Office(scopes="record_permission:read object_configuration:read")
    texts = [one.text for one in office.open().probe() if one.level is Level.PROBLEM]
    assert any("record_permission:read-write" in text for text in texts)


def test_a_token_that_may_not_make_attributes_says_what_to_add() -> None:
    """Without the scope the finding tells type, slug and uniqueness."""
    office = Office(scopes="record_permission:read-write object_configuration:read")
    problem = office.open().ensure_schema()[0]
    assert problem.level is Level.PROBLEM
    assert f'"{KEY_ATTRIBUTE}"' in problem.remedy
    assert "Unique" in problem.remedy


def test_the_attributes_are_made_once(office: Office) -> None:
    """The second time there is nothing to do, and a probe finds everything in order."""
    assert {one.level for one in office.open().ensure_schema()} == {Level.OK}
    assert office.crm.workspace.attributes[KEY_ATTRIBUTE]["is_unique"]
    assert office.open().ensure_schema() == []
    assert {one.level for one in office.open().probe()} == {Level.OK}


def test_records_of_one_moment_are_all_listed(office: Office) -> None:
    """More records than a page holds with one time stamp do not stop the listing."""
    ids = {office.crm.person_adds(f"Firm {number}") for number in range(11)}
    office.clock.advance(timedelta(seconds=1))
    ids.add(office.crm.person_adds("Later"))
    pages = list(office.open(page_size=3).scan(None))
    assert {record.record_id for page in pages for record in page.records} == ids


def test_a_listing_misses_nobody_when_records_vanish_on_the_way(office: Office) -> None:
    """A record that is deleted during the listing shifts nobody out of sight."""
    ids = []
    for number in range(7):
        ids.append(office.crm.person_adds(f"Firm {number}"))
        office.clock.advance(timedelta(seconds=1))
    pages = office.open(page_size=3).scan(None)
    seen = {record.record_id for record in next(pages).records}
    del office.crm.workspace.records[ids[0]]
    seen |= {record.record_id for page in pages for record in page.records}
    assert seen == set(ids)


def test_merging_is_not_offered(office: Office) -> None:
    """Attio's API cannot merge; asking for it is a permanent fault and sends nothing."""
    with pytest.raises(Permanent):
        office.open().merge(survivor_id="1", lost_id="2")
    assert office.requests == []


# Pure parts.


@given(st.none() | st.text(max_size=30), st.integers(0, 1000))
def test_a_cursor_is_read_back_as_it_was_written(since: str | None, skip: int) -> None:
    """Nothing of a cursor is lost on its way through the store."""
    cursor = Cursor(since=since, skip=skip)
    assert Cursor.load(cursor.dump()) == cursor


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"since": null, "skip": "x"}'])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """A cursor that cannot be read is a fault and not a listing from the start."""
    with pytest.raises(Permanent):
        Cursor.load(text)


def test_the_feed_overlaps() -> None:
    """A cursor from a moment begins before it."""
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    since = from_moment(moment).since
    assert since is not None
    assert parse_time(since) == moment - OVERLAP


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2022-11-21T13:22:49.061281000Z", 61281),
        ("2022-11-21T13:22:49.5Z", 500_000),
        ("2022-11-21T13:22:49Z", 0),
    ],
)
def test_times_with_any_number_of_digits(text: str, microsecond: int) -> None:
    """Attio's nanoseconds are read as far as a datetime goes."""
    assert parse_time(text) == datetime(2022, 11, 21, 13, 22, 49, microsecond, tzinfo=UTC)


@given(st.text(max_size=60))
def test_no_domain_breaks_the_comparison(text: str) -> None:
    """Any text may stand in a record's domains."""
    record = CrmRecord(record_id="1", websites=(text,))
    company = CompanyRef(key="acme.com", domain="acme.com", name="Acme")
    assert is_company(record, company) == (
        host_of(text) == "acme.com" or host_of(text).endswith(".acme.com")
    )


@pytest.mark.parametrize(
    ("given_place", "tidy"),
    [("Hamburg, , Germany", "Hamburg, Germany"), (", , Germany", "Germany"), (", , ", None)],
)
def test_a_place_has_no_empty_parts(given_place: str, tidy: str | None) -> None:
    """What is not known of a place leaves no comma behind."""
    assert tidy_place(given_place) == tidy


def test_a_refusal_that_names_nothing_costs_all_but_what_is_needed() -> None:
    """Where Attio does not say which value it refuses, the company is saved without the rest."""
    body = Body(values={"name": ["A"], "domains": ["a.com"], "description": ["x"], "other": [1]})
    gone = refused_attributes("Something is wrong.", body, {}, needed={"name", "domains"})
    assert gone == ["description", "other"]
    left = body.without(gone, "refused")
    assert refused_attributes("Again.", left, {}, needed={"name", "domains"}) == []


def test_an_attribute_is_recognised_by_its_id() -> None:
    """Attio's messages name attributes by id too."""
    attribute_id = "cef4b6ae-2046-48b3-b3b6-9adf0ab251b8"
    attributes = {"other": {"id": {"attribute_id": attribute_id}}}
    body = Body(values={"description": ["x"], "other": [1]})
    message = f'The value "1" provided for attribute with ID "{attribute_id}" is bad.'
    assert refused_attributes(message, body, attributes, needed=()) == ["other"]


def test_the_default_mapping_uses_only_fields_of_a_result() -> None:
    """Every default template can be filled from a result."""
    templates = new_mapping({}, key_attribute="k").templates
    assert {name for one in templates.values() for name in one.names} <= set(FIELD_NAMES)
    assert set(DEFAULTS) == set(templates)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_attribute": "Prospectd Key"},
        {"mapping": {"domains": "{domain}"}},
        {"mapping": {"prospectd_key": "{name}"}},
        {"mapping": {"name": "{nosuch}"}},
        {"page_size": 501},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """What Attio would refuse at run time is refused when the file is read."""
    with pytest.raises(ValidationError):
        AttioOptions.model_validate({"type": "attio", **wrong})


# The simulated filters.


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"name": "Acme"}, True),
        ({"name": {"$contains": "CM"}}, True),
        ({"name": {"value": {"$starts_with": "ac"}}}, True),
        ({"name": {"$ends_with": "x"}}, False),
        ({"name": {"$in": ["Acme", "x"]}}, True),
        ({"name": {"$not_empty": True}}, True),
        ({"domains": {"root_domain": {"$eq": "acme.com"}}}, True),
        ({"domains": "acme.com"}, False),
        ({"$not": {"domains": "acme.com"}}, True),
        ({"$or": [{"name": "x"}, {"domains": "www.acme.com"}]}, True),
        ({"$and": [{"name": "x"}, {"domains": "www.acme.com"}]}, False),
        ({"description": {"$gte": "a"}}, False),
    ],
)
def test_filters_of_the_simulator(wanted: dict[str, Any], found: bool) -> None:
    """The simulator selects as Attio's guide describes it."""
    record = {
        "name": [{"value": "Acme"}],
        "domains": [{"domain": "www.acme.com", "root_domain": "acme.com"}],
    }
    kinds = {"name": "text", "description": "text", "domains": "domain"}
    assert passes(record, wanted, kinds) is found


@pytest.mark.parametrize("wanted", [{"nosuch": "x"}, {"name": {"$like": "x"}}])
def test_bad_filters_are_refused(wanted: dict[str, Any]) -> None:
    """An unknown attribute or operator is an error and not an empty list."""
    with pytest.raises(BadFilterError):
        passes({"name": [{"value": "Acme"}]}, wanted, {"name": "text"})
