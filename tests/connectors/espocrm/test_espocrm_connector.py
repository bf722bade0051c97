"""The EspoCRM connector over the simulated server: what the conformance suite does not ask."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.espocrm import connector as plugin
from connectors.espocrm.connector import EspoCrmConnector
from connectors.espocrm.harness import API_USER, HOST, KEY_FIELD, PERSON
from connectors.espocrm.options import EspoCrmOptions
from connectors.espocrm.simulated_users import SimulatedUser
from connectors.espocrm.simulator import EspoCrmSimulator
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.faults import Ambiguous, BadCredentials, Permanent, RateLimited
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.protocol import ConnectorContext, Level
from connectors.sdk.records import CompanyRef, FieldValue, PushItem
from connectors.sdk.simulator import LostConnection, SimulatorTransport

READER = SimulatedUser(
    user_id="6b01d40449c5337e8", name="reader", login="key-reader", read="own", create=False
)


class Office:
    """One EspoCRM and connectors to it; ``requests`` holds all that was sent."""

    def __init__(self, *, key_field: bool = True) -> None:
        self.clock = VirtualClock()
        self.crm = EspoCrmSimulator(users=(API_USER, PERSON, READER), clock=self.clock)
        self.requests: list[httpx.Request] = []
        if key_field:
            for name in (KEY_FIELD, "cProspectdSearch", "cProspectdTask"):
                self.crm.add_field(name, {"type": "varchar", "maxLength": 255})

    def open(
        self,
        *,
        token: str = API_USER.login,
        before: Callable[[httpx.Request], None] | None = None,
        **options: Any,
    ) -> EspoCrmConnector:
        """A new connector; ``before`` is called with each request that it sends."""

        def watch(request: httpx.Request) -> None:
            self.requests.append(request)
            if before is not None:
                before(request)

        table = {"type": "espocrm", "base_url": f"https://{HOST}", **options}
        context = ConnectorContext(
            name="espo",
            secrets={"token": token},
            transport=SimulatorTransport({HOST: self.crm}, before=watch),
            clock=self.clock,
            random=Random(1),
        )
        opened = plugin.open(EspoCrmOptions.model_validate(table), context)
        assert isinstance(opened, EspoCrmConnector)
        return opened

    def sent(self, method: str) -> list[httpx.Request]:
        """The requests with this method."""
        return [one for one in self.requests if one.method == method]

    def person_adds(self, name: str, website: str | None = None, **values: Any) -> str:
        """A person adds an Account by hand; gives its id."""
        account = {"name": name, "website": website, **values}
        return str(self.crm.accounts.insert(PERSON, account)["id"])


@pytest.fixture
def office() -> Office:
    return Office()


def acme(**fields: FieldValue) -> PushItem:
    """Acme Ltd of acme.com."""
    values: dict[str, FieldValue] = {"name": "Acme Ltd", "website": "https://acme.com", **fields}
    company = CompanyRef(key="acme.com", domain="acme.com", name="Acme Ltd")
    return PushItem(trace_id="t-1", company=company, fields=values)


def profile() -> PushItem:
    """A company without a domain of its own."""
    company = CompanyRef(key="profile:linkedin.com/company/acme", domain=None, name="Acme Ltd")
    return PushItem(trace_id="t-2", company=company, fields={"name": "Acme Ltd"})


# Pushing.


def test_a_homonym_does_not_stop_a_company(office: Office) -> None:
    """A different company of the same name is no reason to lose ours: it is created beside it."""
    office.person_adds("Acme Ltd", "https://acme-of-norway.no")
    (outcome,) = office.open().push([acme()])
    assert outcome.kind is OutcomeKind.CREATED
    assert any("same name" in warning for warning in outcome.warnings)
    assert [one.headers.get("x-skip-duplicate-check") for one in office.sent("POST")] == [
        None,
        "true",
    ]


def test_the_check_is_not_left_out_when_the_company_hides_behind_a_homonym(office: Office) -> None:
    """The 409 lists one match only; the company itself, made meanwhile, is found by looking up."""
    office.person_adds("Acme Ltd", "https://acme-of-norway.no")

    def person_is_quicker(request: httpx.Request) -> None:
        if request.method == "POST" and len(office.crm.live()) == 1:
            office.person_adds("Acme Ltd", "www.acme.com/en")

    (outcome,) = office.open(before=person_is_quicker).push([acme()])
    assert outcome.kind is OutcomeKind.EXISTED
    assert len(office.crm.live()) == 2


def test_a_person_who_is_quicker_is_seen_by_the_check(office: Office) -> None:
    """A record of the company made between look-up and create makes the push EXISTED."""

    def person_is_quicker(request: httpx.Request) -> None:
        if request.method == "POST":
            office.person_adds("ACME Ltd", "http://acme.com/")

    (outcome,) = office.open(before=person_is_quicker).push([acme()])
    assert outcome.kind is OutcomeKind.EXISTED
    assert len(office.crm.live()) == 1


@pytest.mark.parametrize(
    "website", ["acme.com", "HTTPS://WWW.ACME.com/", "http://shop.acme.com/de?x=1", " acme.com "]
)
def test_any_spelling_of_the_website_is_the_company(office: Office, website: str) -> None:
    """However a person wrote the website, the company is not created a second time."""
    record_id = office.person_adds("Another Name", website)
    (outcome,) = office.open().push([acme()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, record_id)


@pytest.mark.parametrize("website", ["https://notacme.com", "https://acme.com.br", "acme.comx"])
def test_a_longer_domain_is_another_company(office: Office, website: str) -> None:
    """A website that merely contains the domain is not the company's."""
    office.person_adds("Another Name", website)
    (outcome,) = office.open().push([acme()])
    assert outcome.kind is OutcomeKind.CREATED


def test_eight_at_once_leave_one_record_where_the_check_is_quick(office: Office) -> None:
    """Eight pushers whose creates all overlap make one record while the server's check works."""
    outcomes = race(office, 8)
    assert sorted(one.kind for one in outcomes) == ["created", *["existed"] * 7]
    assert len(office.crm.live()) == 1


def test_eight_at_once_are_told_about_where_the_check_is_slow(office: Office) -> None:
    """In the rare round in which several get through, nobody is lost and the twins are named."""
    with office.crm.race():
        outcomes = race(office, 8)
    assert len(office.crm.live()) == 8
    assert [one.kind for one in outcomes] == ["created"] * 8
    told = [one for one in outcomes if any("more than once" in text for text in one.warnings)]
    assert len(told) == 7
    found = office.open().lookup([acme().company])[0]
    assert len(found) == 8


def race(office: Office, runners: int) -> list[Any]:
    """So many pushers of one company, each held at its create until all have looked up."""
    outcomes: list[Any] = []

    def run(left: int) -> None:
        started = False

        def hold(request: httpx.Request) -> None:
            nonlocal started
            if request.method == "POST" and left > 1 and not started:
                started = True
                run(left - 1)

        outcomes.extend(office.open(before=hold).push([acme()]))

    run(runners)
    return outcomes


def test_a_lost_reply_is_unknown_and_found_by_our_key(office: Office) -> None:
    """After a lost reply nothing is sent again; reading back finds the record by its key."""
    first = office.open(before=lose_the_reply(office))
    (outcome,) = first.push([acme()])
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert len(office.crm.live()) == 1
    (resolution,) = office.open().resolve([acme()])
    assert resolution.kind is ResolutionKind.FOUND
    assert resolution.record_id == office.crm.live()[0]["id"]


def lose_the_reply(office: Office) -> Callable[[httpx.Request], None]:
    """The create is carried out, and then the line is cut."""

    def cut(request: httpx.Request) -> None:
        if request.method == "POST":
            office.crm.handle(request)
            raise httpx.ReadError("connection reset")

    return cut


def test_what_did_not_arrive_is_absent_only_after_the_settling_time(office: Office) -> None:
    """A create may still be at work on the server: absence counts once that is over."""
    item = PushItem(
        trace_id="t-1",
        company=acme().company,
        fields=acme().fields,
        sent_at=office.clock.now(),
    )
    opened = office.open()
    assert opened.resolve([item])[0].kind is ResolutionKind.UNDETERMINED
    office.clock.advance(opened.capabilities.settling)
    assert opened.resolve([item])[0].kind is ResolutionKind.ABSENT


def test_without_the_key_field_a_lost_create_is_found_by_name_and_time() -> None:
    """Where nobody made the key's field, what was created since the sending is looked through."""
    office = Office(key_field=False)
    item = profile()
    old = office.person_adds("Acme Ltd")
    office.clock.advance(timedelta(hours=3))
    sent = PushItem(
        trace_id="t-2", company=item.company, fields=item.fields, sent_at=office.clock.now()
    )
    new = office.person_adds("acme ltd")
    (resolution,) = office.open().resolve([sent])
    assert resolution.record_id == new != old


def test_a_company_without_domain_is_kept_apart_by_its_key(office: Office) -> None:
    """A company without a domain is created once, though a homonym is there."""
    office.person_adds("Acme Ltd", "https://acme-of-norway.no")
    first, second = office.open().push([profile()]), office.open().push([profile()])
    assert [one.kind for one in (*first, *second)] == [OutcomeKind.CREATED, OutcomeKind.EXISTED]


# Values that the CRM refuses.


def test_a_refused_value_costs_its_field_and_no_more(office: Office) -> None:
    """Each field that EspoCRM refuses is left out with a warning; the company is created."""
    opened = office.open(mapping={"industry": "{source}", "sicCode": "{query}"})
    (outcome,) = opened.push([acme(source="Harbours", query="1" * 41, city="C" * 101)])
    assert outcome.kind is OutcomeKind.CREATED
    named = {warning.split()[0] for warning in outcome.warnings}
    assert named == {"industry", "sicCode", "billingAddressCity"}
    assert office.crm.live()[0][KEY_FIELD] == "acme.com"


def test_a_name_that_is_refused_is_shortened_and_cleaned(office: Office) -> None:
    """EspoCRM requires a name: one that it refuses is changed, with a warning, not left out."""
    (outcome,) = office.open().push([acme(name="<b>" + "Acme=" * 100)])
    assert outcome.kind is OutcomeKind.CREATED
    name = office.crm.live()[0]["name"]
    assert 0 < len(name) <= 249
    assert not set("<>=") & set(name)
    assert outcome.warnings


def test_a_website_that_is_refused_becomes_the_domain(office: Office) -> None:
    """A website in letters that EspoCRM refuses is written as its domain in ASCII."""
    company = CompanyRef(key="müller.de", domain="müller.de", name="Müller")
    item = PushItem(
        trace_id="t-3",
        company=company,
        fields={"name": "Müller", "website": "https://müller.de/über"},
    )
    (outcome,) = office.open().push([item])
    assert outcome.kind is OutcomeKind.CREATED
    assert office.crm.live()[0]["website"] == "https://xn--mller-kva.de"
    assert office.open().push([item])[0].kind is OutcomeKind.EXISTED


def test_a_field_that_the_crm_does_not_have_is_told(office: Office) -> None:
    """EspoCRM ignores unknown fields without a word; we say which values went nowhere."""
    (outcome,) = office.open().push([acme(employee_count="11-50")])
    assert [warning.split()[0] for warning in outcome.warnings] == ["cProspectdEmployees"]
    body = json.loads(office.sent("POST")[0].content)
    assert "cProspectdEmployees" not in body


def test_a_foreign_owner_is_left_out(office: Office) -> None:
    """A user to whom the API user may not assign records does not cost the company."""
    opened = office.open(mapping={"assignedUserId": "6b01cb9048700519d"})
    office.crm.accounts.fields["assignedUser"] = {"type": "link"}
    (outcome,) = opened.push([acme()])
    assert outcome.kind is OutcomeKind.CREATED
    assert any("assignedUserId" in warning for warning in outcome.warnings)


# Logging in.


def test_a_wrong_key_is_sent_once_a_minute_at_most(office: Office) -> None:
    """After a refused login nothing is sent for a minute, so that the address is never locked."""
    opened = office.open(token="wrong")
    for _ in range(20):
        with pytest.raises(BadCredentials):
            opened.probe()
    assert len(office.requests) == 1
    office.clock.advance(timedelta(seconds=61))
    with pytest.raises(BadCredentials):
        opened.probe()
    assert len(office.requests) == 2


def test_a_locked_address_is_waited_for(office: Office) -> None:
    """The empty 403 of a locked address is a wait of a minute, not a bad token."""
    office.crm.gate.wrong.extend([office.clock.now()] * 11)
    opened = office.open()
    with pytest.raises(RateLimited) as caught:
        opened.read(["1"])
    assert caught.value.until is not None
    office.clock.advance(caught.value.until - office.clock.now())
    assert opened.read(["1"]) == {}


def test_an_administrator_comes_with_name_and_password() -> None:
    """With username the token is a password, and the missing fields are made, once."""
    office = Office(key_field=False)
    opened = office.open(token=PERSON.login, username=PERSON.name)
    findings = opened.ensure_schema()
    assert {one.level for one in findings} == {Level.OK}
    assert len(office.sent("POST")) == 6
    assert office.open(token=PERSON.login, username=PERSON.name).ensure_schema() == []
    assert KEY_FIELD in office.crm.accounts.fields


def test_an_api_user_is_told_what_an_administrator_must_add() -> None:
    """Only administrators make fields: the finding says which one, where, and with what values."""
    office = Office(key_field=False)
    problem = office.open().ensure_schema()[0]
    assert problem.level is Level.PROBLEM
    assert '"prospectdKey"' in problem.remedy
    assert "255" in problem.remedy
    assert len(office.sent("POST")) == 1
    assert problem in office.open().probe()


def test_the_probe_tells_missing_rights(office: Office) -> None:
    """A user who reads a part only would create again what it does not see: a problem."""
    opened = office.open(token=READER.login)
    problems = [one.text for one in opened.probe() if one.level is Level.PROBLEM]
    assert len(problems) == 2
    assert any("may read own" in text for text in problems)


def test_a_probe_of_a_good_account_has_no_problem(office: Office) -> None:
    """With key, role and field in order the probe finds nothing to do."""
    office.open(token=PERSON.login, username=PERSON.name).ensure_schema()
    findings = office.open().probe()
    assert {one.level for one in findings} == {Level.OK}


def test_a_right_that_is_missing_is_not_taken_for_a_bad_value(office: Office) -> None:
    """A user who may not create makes push fail as a whole: no company is rejected for it."""
    maker = SimulatedUser(user_id="1", name="x", login="key-x", create=False)
    office.crm.gate.users.append(maker)
    with pytest.raises(BadCredentials, match="No create access"):
        office.open(token=maker.login).push([acme()])


# Reading.


def test_a_full_listing_misses_nobody_when_records_vanish_on_the_way(office: Office) -> None:
    """Pages go by id: a record that is deleted during the listing shifts nobody out of sight."""
    ids = [office.person_adds(f"Firm {number}") for number in range(7)]
    pages = office.open(page_size=3).scan(None)
    first = next(pages)
    office.crm.accounts.delete(PERSON, ids[0])
    rest = [record.record_id for page in pages for record in page.records]
    assert [record.record_id for record in first.records] + rest == ids


def test_changes_overlap_and_move_on(office: Office) -> None:
    """What changed comes again within the overlap and no longer once an hour has passed."""
    opened = office.open()
    cursor = opened.changes_from(office.clock.now())
    record_id = office.person_adds("Firm")
    (page,) = opened.changes(cursor)
    assert [one.record_id for one in page.upserts] == [record_id]
    (again,) = opened.changes(page.cursor)
    assert [one.record_id for one in again.upserts] == [record_id]
    office.clock.advance(timedelta(hours=1, minutes=3))
    (later,) = opened.changes(again.cursor)
    (last,) = opened.changes(later.cursor)
    assert last.upserts == ()


def test_a_cursor_of_something_else_is_refused(office: Office) -> None:
    """A cursor that is none is a fault: EspoCRM answers a wrong date with everything."""
    with pytest.raises(Permanent):
        next(iter(office.open().changes('{"since": "yesterday"}')))
    assert office.requests == []


def test_another_api_at_that_address_is_noticed(office: Office) -> None:
    """An answer that is no list of EspoCRM's is a fault, never an empty CRM."""

    class Other:
        def handle(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"data": [], "path": request.url.path})

    context = ConnectorContext(
        name="espo",
        secrets={"token": "key-1234"},
        transport=SimulatorTransport({HOST: Other()}),
        clock=office.clock,
    )
    options = EspoCrmOptions(type="espocrm", base_url=f"https://{HOST}")
    with pytest.raises(Permanent, match="EspoCRM"):
        list(plugin.open(options, context).scan(None))


# Merging.


def test_merging_fills_what_the_survivor_has_empty(office: Office) -> None:
    """The survivor keeps its own values and takes over those that it lacks, our key included."""
    survivor = office.person_adds("Acme", None, description="typed by hand")
    lost = office.person_adds("Acme Ltd", "https://acme.com", description="ours")
    office.crm.accounts.records[lost][KEY_FIELD] = "acme.com"
    office.open().merge(survivor_id=survivor, lost_id=lost)
    (left,) = office.crm.live()
    assert (left["id"], left["website"], left[KEY_FIELD]) == (
        survivor,
        "https://acme.com",
        "acme.com",
    )
    assert left["description"] == "typed by hand"


def test_merging_what_is_gone_is_a_permanent_fault(office: Office) -> None:
    """A record that was deleted cannot be merged, and nothing is sent."""
    survivor = office.person_adds("Acme")
    with pytest.raises(Permanent, match="no live Account"):
        office.open().merge(survivor_id=survivor, lost_id="0123456789abcdef0")
    assert office.sent("POST") == []


def test_a_lost_reply_to_a_merge_is_ambiguous(office: Office) -> None:
    """Whether a merge happened is not guessed."""
    survivor, lost = office.person_adds("Acme"), office.person_adds("Acme Ltd")

    def cut(request: httpx.Request) -> None:
        if request.method == "POST":
            raise LostConnection(processed=True)

    class Cutting:
        def handle(self, request: httpx.Request) -> httpx.Response:
            cut(request)
            return office.crm.handle(request)

    context = ConnectorContext(
        name="espo",
        secrets={"token": API_USER.login},
        transport=SimulatorTransport({HOST: Cutting()}),
        clock=office.clock,
    )
    options = EspoCrmOptions(type="espocrm", base_url=f"https://{HOST}")
    with pytest.raises(Ambiguous):
        plugin.open(options, context).merge(survivor_id=survivor, lost_id=lost)


# Options.


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_field": "prospectdKey"},
        {"mapping": {"name": "{nosuch}"}},
        {"mapping": {KEY_FIELD: "{name}"}},
        {"page_size": 201},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """What EspoCRM would refuse or ignore at run time is refused when the file is read."""
    with pytest.raises(ValidationError):
        EspoCrmOptions.model_validate({"type": "espocrm", "base_url": "https://x.example", **wrong})


@pytest.mark.parametrize(
    "base_url", ["https://x.example/crm", "https://x.example/crm/", "https://x.example/crm/api/v1"]
)
def test_the_address_may_be_written_in_any_way(base_url: str) -> None:
    """The address from the browser and that of the API mean the same."""
    options = EspoCrmOptions(type="espocrm", base_url=base_url)
    assert options.api_url == "https://x.example/crm/api/v1"
