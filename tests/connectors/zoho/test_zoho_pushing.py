"""Creating companies in Zoho, each once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from connectors.sdk.faults import NeedsPerson, NotProcessed
from connectors.sdk.outcomes import Outcome, OutcomeKind, ResolutionKind
from connectors.sdk.records import CompanyRef, PushItem
from connectors.sdk.simulator import FaultKind, Faults
from connectors.zoho.harness import KEY_FIELD
from tests.connectors.zoho.organisation import Organisation, company, is_insert, keyed

LONG = "C" * 10_000


def add_field(zoho: Organisation, name: str, **changes: Any) -> None:
    """An administrator adds a text field, or changes one."""
    fields = zoho.crm.org.fields
    fields[name] = {**fields.get(name, fields["Billing_City"]), "api_name": name, **changes}


def test_a_batch_is_one_plain_insert_without_workflows(zoho: Organisation) -> None:
    """A hundred companies go in one insert: no upsert, no duplicate fields, no workflows."""
    items = [company(f"firm-{number}.com") for number in range(100)]
    outcomes = zoho.ready().push(items)
    assert {one.kind for one in outcomes} == {OutcomeKind.CREATED}
    (body,) = zoho.inserts()
    assert set(body) == {"data", "trigger"}
    assert body["trigger"] == []
    assert [row[KEY_FIELD] for row in body["data"]] == [item.company.key for item in items]


def test_eight_at_once_make_one_record(zoho: Organisation) -> None:
    """Of eight pushers that were all about to insert, one creates, and all name its record."""
    zoho.ready()
    outcomes: list[Outcome] = []

    def run(left: int) -> None:
        started = False

        def hold(request: httpx.Request) -> None:
            nonlocal started
            if is_insert(request) and left > 1 and not started:
                started = True
                run(left - 1)

        outcomes.extend(zoho.open(before=hold).push([company("acme.com")]))

    run(8)
    assert sorted(one.kind for one in outcomes) == ["created", *["existed"] * 7]
    assert len({one.record_id for one in outcomes}) == 1
    assert len(zoho.stored()) == 1


def test_a_person_in_the_same_moment_is_not_prevented_but_seen(zoho: Organisation) -> None:
    """As the guarantee says: a person does not fill in our field; the look-up shows both."""
    zoho.ready()

    def person(request: httpx.Request) -> None:
        if is_insert(request):
            zoho.crm.org.add({"Account_Name": "ACME", "Website": "http://acme.com"})

    item = company("acme.com")
    opened = zoho.open(before=person)
    assert opened.push([item])[0].kind is OutcomeKind.CREATED
    zoho.settle()
    assert len(opened.lookup([item.company])[0]) == 2


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.FAILED_AFTER])
def test_a_lost_reply_is_unknown_and_then_found(zoho: Organisation, kind: FaultKind) -> None:
    """What may have arrived is unknown, is not sent again by itself, and is read back by key."""
    zoho.ready()
    faults = Faults(rate=0.0, kinds=(kind,))

    def disturb(request: httpx.Request) -> None:
        faults.rate = 1.0 if is_insert(request) else 0.0

    items = [company("acme.com"), company("other.com")]
    outcomes = zoho.open(before=disturb, faults=faults).push(items)
    assert {one.kind for one in outcomes} == {OutcomeKind.UNKNOWN}
    assert len(zoho.inserts()) == 1
    zoho.settle()
    resolved = zoho.open().resolve([*items, company("never.com")])
    assert [one.kind for one in resolved] == ["found", "found", "absent"]


def test_after_a_lost_reply_a_second_push_meets_the_field(zoho: Organisation) -> None:
    """Even when reading back is too early, pushing again makes no second record."""
    opened = zoho.ready()
    zoho.crm.org.lag = timedelta(days=1)
    first = opened.push([company("acme.com")])[0]
    assert opened.resolve([company("acme.com")])[0].kind is ResolutionKind.ABSENT
    second = opened.push([company("acme.com")])[0]
    assert (second.kind, second.record_id) == (OutcomeKind.EXISTED, first.record_id)


def test_ten_per_cent_faults_lose_and_double_nobody(zoho: Organisation) -> None:
    """With every tenth request disturbed in any way, each company ends up there once."""
    zoho.ready()
    open_items = [company(f"firm-{number}.com") for number in range(120)]
    opened = zoho.open(faults=Faults(rate=0.1, random=zoho.crm.random))
    while open_items:
        batch, open_items = open_items[:10], open_items[10:]
        open_items += _left_over(opened.push, batch)
        zoho.settle()
    keys = [row[KEY_FIELD] for row in zoho.stored()]
    assert sorted(keys) == sorted(f"firm-{number}.com" for number in range(120))


def _left_over(push: Callable[[list[PushItem]], Any], batch: list[PushItem]) -> list[PushItem]:
    done = {OutcomeKind.CREATED, OutcomeKind.EXISTED}
    try:
        outcomes = push(batch)
    except NotProcessed:
        return batch
    return [i for i, outcome in zip(batch, outcomes, strict=True) if outcome.kind not in done]


def test_a_homonym_is_another_company(zoho: Organisation) -> None:
    """An account of the same name is neither taken for the company nor written over."""
    zoho.crm.org.add({"Account_Name": "Acme", "Website": "https://acme.org", "Phone": "1"})
    assert zoho.ready().push([company("acme.com", name="Acme")])[0].kind is OutcomeKind.CREATED
    assert [row["Account_Name"] for row in zoho.stored()] == ["Acme", "Acme"]
    assert zoho.stored()[0]["Phone"] == "1"


def test_a_unique_name_is_told_apart(zoho: Organisation) -> None:
    """Where names are unique, a homonym of another company gets its domain added, once."""
    add_field(zoho, "Account_Name", unique={"case_sensitive": False})
    zoho.crm.org.add({"Account_Name": "Acme", "Website": "https://acme.org"})
    outcome = zoho.ready().push([company("acme.com", name="Acme")])[0]
    assert outcome.kind is OutcomeKind.CREATED
    assert "Acme (acme.com)" in outcome.warnings[0]
    zoho.crm.org.add({"Account_Name": "Other (other.com)", "Website": "https://other.org"})
    zoho.crm.org.add({"Account_Name": "Other", "Website": "https://other.net"})
    outcome = zoho.ready().push([company("other.com", name="Other")])[0]
    assert outcome.kind is OutcomeKind.REJECTED
    assert "Account_Name" in outcome.reason


def test_a_unique_name_held_by_the_company_itself_is_existing(zoho: Organisation) -> None:
    """Where the account with the unique name is at the company's domain, it is the company."""
    add_field(zoho, "Account_Name", unique={"case_sensitive": False})
    held = zoho.crm.org.add({"Account_Name": "Acme", "Website": "shop.acme.com"})
    outcome = zoho.ready().push([company("acme.com", name="Acme")])[0]
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, held.account_id)


def test_another_unique_value_costs_its_field(zoho: Organisation) -> None:
    """A unique phone number that another company has is left out with a warning."""
    add_field(zoho, "Phone", unique={"case_sensitive": False})
    zoho.crm.org.add({"Account_Name": "Else", "Phone": "Hamburg"})
    opened = zoho.ready(mapping={"Phone": "{city}"})
    outcome = opened.push([company("acme.com", city="Hamburg")])[0]
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.warnings[0].startswith("Phone left out")


def test_a_duplicate_without_an_id_is_read_back(zoho: Organisation) -> None:
    """Where DUPLICATE_DATA does not name the record, it is looked for by key."""
    zoho.crm.org.names_holder = False
    opened = zoho.ready()
    first = opened.push([company("acme.com")])[0]
    zoho.settle()
    second = opened.push([company("ACME.com")])[0]
    assert (second.kind, second.record_id) == (OutcomeKind.EXISTED, first.record_id)


def test_a_refused_value_costs_its_field_and_no_more(zoho: Organisation) -> None:
    """Values that Zoho refuses are left out one by one; the others of the batch stay as sent."""
    items = [
        company("plain.com"),
        company("long.com", city=LONG, website="not a website", country="Germany"),
    ]
    outcomes = zoho.ready().push(items)
    assert [one.kind for one in outcomes] == [OutcomeKind.CREATED] * 2
    assert outcomes[0].warnings == ()
    assert {warning.split()[0] for warning in outcomes[1].warnings} == {"Billing_City", "Website"}
    assert zoho.stored()[1]["Billing_Country"] == "Germany"
    assert [len(body["data"]) for body in zoho.inserts()] == [2, 1, 1]


def test_what_zoho_would_ignore_or_invent_is_left_out_before(zoho: Organisation) -> None:
    """Unknown fields, read-only fields and options that are not in the list cost no request."""
    mapping = {"Nosuch": "{city}", "Industry": "{source}", "Mine": "{relevance}"}
    add_field(zoho, "Mine", read_only=True)
    outcome = zoho.ready(mapping=mapping).push(
        [company("acme.com", city="x", source="Fishing", relevance=5)]
    )[0]
    assert outcome.kind is OutcomeKind.CREATED
    assert {warning.split()[0] for warning in outcome.warnings} == {"Nosuch", "Industry", "Mine"}
    assert len(zoho.inserts()) == 1


def test_an_option_is_written_as_the_list_spells_it(zoho: Organisation) -> None:
    """A pick list's option is found whatever its case."""
    opened = zoho.ready(mapping={"Industry": "{source}"})
    opened.push([company("acme.com", source="technology")])
    assert zoho.stored()[0]["Industry"] == "Technology"


def test_a_long_name_is_cut_and_a_missing_one_replaced(zoho: Organisation) -> None:
    """A name is needed: it is cut to what fits, with a warning, and else the domain serves."""
    long = company("acme.com", name="N" * 300)
    nameless = PushItem(
        trace_id="t", company=CompanyRef(key="b.com", domain="b.com", name=""), fields={}
    )
    first, second = zoho.ready().push([long, nameless])
    assert first.kind is second.kind is OutcomeKind.CREATED
    assert "cut to 200" in first.warnings[0]
    assert [len(row["Account_Name"]) for row in zoho.stored()] == [200, 5]


def test_a_mandatory_field_is_named(zoho: Organisation) -> None:
    """Where people made a field mandatory, the company is rejected, and the field is named."""
    add_field(zoho, "Region", system_mandatory=True)
    outcome = zoho.ready().push([company("acme.com")])[0]
    assert outcome.kind is OutcomeKind.REJECTED
    assert '"Region"' in outcome.reason
    mapped = zoho.ready(mapping={"Region": "{country}"})
    assert mapped.push([company("acme.com", country="DE")])[0].kind is OutcomeKind.CREATED


@pytest.mark.parametrize("multi_status", [True, False])
def test_verdicts_are_read_in_order_under_any_status(
    zoho: Organisation, *, multi_status: bool
) -> None:
    """Created, refused and existing in one batch each get their own outcome."""
    zoho.crm.multi_status = multi_status
    opened = zoho.ready()
    known = opened.push([company("known.com")])[0]
    zoho.crm.org.refused_names.add("Refused.Com")
    outcomes = opened.push([company(f"{name}.com") for name in ("new", "refused", "known", "last")])
    assert [one.kind for one in outcomes] == ["created", "rejected", "existed", "created"]
    assert outcomes[2].record_id == known.record_id


def test_nothing_is_sent_without_the_unique_field(zoho: Organisation) -> None:
    """Zoho ignores unknown fields: without the key's field an insert has no guard at all."""
    opened = zoho.open()
    for act in (opened.push, opened.resolve):
        with pytest.raises(NeedsPerson, match="Prospectd_Key"):
            act([company("acme.com")])
    add_field(zoho, KEY_FIELD, length=255)
    with pytest.raises(NeedsPerson, match="allows duplicates"):
        opened.push([company("acme.com")])
    assert zoho.inserts() == []
    add_field(zoho, KEY_FIELD, unique={"case_sensitive": False})
    assert opened.push([company("acme.com")])[0].kind is OutcomeKind.CREATED


def test_a_field_that_vanishes_is_noticed(zoho: Organisation) -> None:
    """The definitions of fields are read again from time to time."""
    opened = zoho.ready()
    opened.push([company("acme.com")])
    del zoho.crm.org.fields[KEY_FIELD]
    zoho.clock.advance(timedelta(minutes=10))
    with pytest.raises(NeedsPerson):
        opened.push([company("other.com")])


def test_a_company_twice_in_a_batch_is_sent_once(zoho: Organisation) -> None:
    """The same key in one batch is one insert; the second is told as existing."""
    first, second = zoho.ready().push([company("acme.com"), company("Acme.com")])
    assert (first.kind, second.kind) == (OutcomeKind.CREATED, OutcomeKind.EXISTED)
    assert first.record_id == second.record_id
    assert len(zoho.inserts()[0]["data"]) == 1


@pytest.mark.parametrize("key", ["k" * 400, "name:o'neil & söhne|berlin", "profile:x.com/a'b''c"])
def test_any_key_is_kept_and_found(zoho: Organisation, key: str) -> None:
    """Keys that are too long or full of quotes are stored, guarded and read back."""
    opened = zoho.ready()
    created = opened.push([keyed(key)])[0]
    zoho.settle()
    assert opened.push([keyed(key)])[0].record_id == created.record_id
    assert opened.resolve([keyed(key)])[0].record_id == created.record_id
    assert opened.lookup([keyed(key).company])[0][0].record_id == created.record_id
    assert len(zoho.stored()) == 1


def _answers(status: int, body: Any) -> Callable[[httpx.Request], httpx.Response | None]:
    def answer(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(status, json=body) if is_insert(request) else None

    return answer


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": [{"code": "SUCCESS", "status": "success", "details": {}, "message": ""}]},
        {"data": [{"code": "INTERNAL_ERROR", "status": "error", "details": {}, "message": ""}]},
        {"data": ["?"]},
        {"data": [{}]},
        {"unexpected": 1},
        [],
    ],
)
def test_a_reply_that_does_not_tell_is_unknown(zoho: Organisation, body: Any) -> None:
    """A 2xx without a clear verdict is in doubt: neither created nor rejected."""
    opened = zoho.ready()
    zoho.script = _answers(201, body)
    assert opened.push([company("acme.com")])[0].kind is OutcomeKind.UNKNOWN


def test_one_poisonous_company_does_not_hold_up_the_batch(zoho: Organisation) -> None:
    """When a request is refused as a whole, the batch is halved down to the one to blame."""
    opened = zoho.ready()

    def poisoned(request: httpx.Request) -> httpx.Response | None:
        if is_insert(request) and b"poison.com" in request.content:
            refusal = {"code": "INVALID_DATA", "status": "error", "message": "invalid data"}
            return httpx.Response(400, json={**refusal, "details": {}})
        return None

    zoho.script = poisoned
    names = ("a", "b", "poison", "c", "d")
    outcomes = opened.push([company(f"{name}.com") for name in names])
    assert [one.kind for one in outcomes] == [
        "created", "created", "rejected", "created", "created",
    ]  # fmt: skip
    assert len(zoho.stored()) == 4


def test_a_module_that_is_not_there_needs_a_person(zoho: Organisation) -> None:
    """A refusal that is about the organisation rejects no company."""
    opened = zoho.ready()
    refusal = {"code": "INVALID_MODULE", "status": "error", "message": "?", "details": {}}
    zoho.script = _answers(400, refusal)
    with pytest.raises(NeedsPerson):
        opened.push([company("acme.com")])


def test_an_outage_amid_a_push_keeps_what_was_done(zoho: Organisation) -> None:
    """When the repeat of a refused company cannot be sent, the others keep their outcomes."""
    zoho.ready()

    def fail(request: httpx.Request) -> None:
        if is_insert(request) and len(orjson.loads(request.content)["data"]) == 1:
            raise httpx.ConnectError("no route", request=request)

    items = [company("plain.com"), company("long.com", city=LONG)]
    outcomes = zoho.open(before=fail).push(items)
    assert [one.kind for one in outcomes] == [OutcomeKind.CREATED, OutcomeKind.NOT_SENT]
