"""Pushing to a simulated Twenty: what is created, what is left alone, what is left out."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from connectors.sdk.faults import BadCredentials, NeedsPerson
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.records import CompanyRef
from connectors.twenty.identity import record_id_of
from connectors.twenty.pushing import DELETED
from tests.connectors.twenty.bench import BATCH, CREATE, Bench, company, refusing

ACME = record_id_of("acme.com")


def test_a_company_is_created_with_our_id_and_one_spelling_of_its_address() -> None:
    """The record has the id made out of the key, and https://DOMAIN as its main address."""
    bench = Bench()
    outcomes = bench.ready().push([company(employee_count="51-200", city="Porto", relevance=87)])
    assert [(o.kind, o.record_id, o.warnings) for o in outcomes] == [
        (OutcomeKind.CREATED, ACME, ())
    ]
    row = bench.rows[ACME]
    assert row["domainName"]["primaryLinkUrl"] == "https://acme.com/"
    assert (row["employees"], row["address"]["addressCity"]) == (51, "Porto")
    assert (row["prospectdRelevance"], row["prospectdKey"]) == (87, "acme.com")


def test_sixty_companies_take_one_create() -> None:
    """A whole batch is looked up in six requests and created in one."""
    bench = Bench()
    items = [company(f"firm-{n}.com") for n in range(60)]
    outcomes = bench.ready().push(items)
    assert {o.kind for o in outcomes} == {OutcomeKind.CREATED}
    assert [r.url.path for r in bench.seen] == ["/graphql"] * 6 + [BATCH]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.acme.com",
        "http://acme.com",
        "acme.com",
        "ACME.COM",
        "https://acme.com/about/us",
        "https://shop.acme.com/?a=b",
        "acme.com:8080/x",
    ],
)
def test_every_spelling_of_the_domain_is_seen_before_creating(address: str) -> None:
    """A company that people hold under another spelling, which Twenty allows, is not doubled."""
    bench = Bench()
    theirs = bench.add(name="Acme of ours", domainName={"primaryLinkUrl": address})
    (outcome,) = bench.ready().push([company()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, theirs)
    assert "Acme of ours" in outcome.reason
    assert len(bench.rows) == 1


def test_a_secondary_link_counts_as_the_company() -> None:
    """A domain that stands among another record's secondary links is not created again."""
    bench = Bench()
    links = {"primaryLinkUrl": "https://group.example", "secondaryLinks": [{"url": "acme.com"}]}
    theirs = bench.add(name="Group", domainName=links)
    (outcome,) = bench.ready().push([company()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, theirs)


def test_a_similar_domain_is_another_company() -> None:
    """Neither a longer word nor a longer suffix is taken for the company's own domain."""
    bench = Bench()
    for address in ("https://notacme.com", "https://acme.com.example", "https://acme.community"):
        bench.add(name="Other", domainName={"primaryLinkUrl": address})
    (outcome,) = bench.ready().push([company()])
    assert outcome.kind is OutcomeKind.CREATED


def test_what_a_person_deleted_stays_deleted_and_as_it_was() -> None:
    """Our deleted record is reported as deleted by a person, and no create is sent over it."""
    bench = Bench()
    connector = bench.ready()
    connector.push([company()])
    bench.delete(ACME)
    bench.seen.clear()
    (outcome,) = connector.push([company(name="Newer Name")])
    assert (outcome.kind, outcome.record_id, outcome.reason) == (
        OutcomeKind.EXISTED,
        ACME,
        DELETED,
    )
    assert bench.sent("POST", CREATE) == []
    assert (bench.rows[ACME]["name"], bench.live) == ("Acme", [])


def test_a_persons_own_deleted_record_stays_deleted() -> None:
    """A company that a person made and deleted is not made again, though Twenty would allow it."""
    bench = Bench()
    theirs = bench.add(name="Theirs", domainName={"primaryLinkUrl": "https://acme.com"})
    bench.delete(theirs)
    (outcome,) = bench.ready().push([company()])
    assert (outcome.kind, outcome.record_id, outcome.reason) == (
        OutcomeKind.EXISTED,
        theirs,
        DELETED,
    )
    assert bench.live == []


def test_recreate_deleted_takes_our_record_out_of_the_bin() -> None:
    """With recreate_deleted our own record is restored, once, with what people wrote in it."""
    bench = Bench()
    connector = bench.ready(recreate_deleted=True)
    connector.push([company()])
    bench.delete(ACME)
    (outcome,) = connector.push([company(name="Newer Name")])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.CREATED, ACME)
    assert [row["name"] for row in bench.live] == ["Acme"]


def test_recreate_deleted_makes_a_record_where_theirs_is_in_the_bin() -> None:
    """With recreate_deleted a person's deleted record stays there, and ours is made beside it."""
    bench = Bench()
    theirs = bench.add(name="Theirs", domainName={"primaryLinkUrl": "https://acme.com"})
    bench.delete(theirs)
    (outcome,) = bench.ready(recreate_deleted=True).push([company()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.CREATED, ACME)
    assert [row["id"] for row in bench.live] == [ACME]


def test_restoring_is_refused_when_the_domain_was_taken_meanwhile() -> None:
    """A restore that Twenty refuses for a duplicate domain names the record that holds it."""
    bench = Bench()
    taken: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if b"restoreCompany" in request.content and not taken:
            taken.append(bench.add(name="T", domainName={"primaryLinkUrl": "https://acme.com"}))
        return None

    connector = bench.ready(recreate_deleted=True, answer=answer)
    connector.push([company()])
    bench.delete(ACME)
    (outcome,) = connector.push([company()])
    assert (outcome.kind, [outcome.record_id]) == (OutcomeKind.EXISTED, taken)


@pytest.mark.parametrize("count", [1, 3])
def test_a_person_who_deletes_after_our_look_up_is_believed(count: int) -> None:
    """Twenty's "Created record not found" is read as deleted; the others of the batch are created.

    The row in the bin is written over by Twenty itself; the outcome says so.
    """
    bench = Bench()
    done: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path in (CREATE, BATCH) and not done:
            done.append(True)
            bench.add(id=ACME, name="By another replica")
            bench.delete(ACME)
        return None

    items = [company(), company("birch.com"), company("cedar.com")][:count]
    outcomes = bench.ready(answer=answer).push(items)
    assert outcomes[0].kind is OutcomeKind.EXISTED
    assert DELETED in outcomes[0].reason
    assert "replaced" in outcomes[0].reason
    assert [o.kind for o in outcomes[1:]] == [OutcomeKind.CREATED] * (count - 1)
    assert {row["id"] for row in bench.live} == {o.record_id for o in outcomes[1:]}


def test_one_conflict_in_a_batch_costs_nobody_else_the_creation() -> None:
    """Twenty refuses the batch as a whole; halved, everybody but the conflicting one is created."""
    bench = Bench()
    theirs: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == BATCH and not theirs:
            address = {"primaryLinkUrl": "https://firm-7.com"}
            theirs.append(bench.add(name="A person", domainName=address))
        return None

    connector = bench.ready(answer=answer)
    outcomes = connector.push([company(f"firm-{n}.com") for n in range(16)])
    kinds = [o.kind for o in outcomes]
    assert kinds == [OutcomeKind.CREATED] * 7 + [OutcomeKind.EXISTED] + [OutcomeKind.CREATED] * 8
    assert outcomes[7].record_id == theirs[0]
    creates = len(bench.sent("POST", BATCH)) + len(bench.sent("POST", CREATE))
    assert creates == 9, "halving sixteen finds the culprit in nine creates"


def test_the_same_company_twice_in_one_push_is_sent_once() -> None:
    """Two items of one company get the same outcome, and one record."""
    bench = Bench()
    again = replace(company(), trace_id="again")
    outcomes = bench.ready().push([company(), company("birch.com"), again])
    assert outcomes[0] == outcomes[2]
    assert len(bench.live) == 2


def test_upsert_is_never_asked_for() -> None:
    """No request of any push speaks of upsert, which would make second records."""
    bench = Bench()
    connector = bench.ready(recreate_deleted=True)
    connector.push([company()])
    bench.delete(ACME)
    connector.push([company(), company("birch.com")])
    assert not [r for r in bench.seen if b"upsert" in r.content]


def test_properties_of_a_search_cannot_replace_what_is_ours() -> None:
    """An id or address among a search's own properties is left out with a warning."""
    bench = Bench()
    item = replace(company(), properties={"id": "x", "domainName": "https://evil.example"})
    (outcome,) = bench.ready().push([item])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.CREATED, ACME)
    assert len(outcome.warnings) == 2
    assert bench.rows[ACME]["domainName"]["primaryLinkUrl"] == "https://acme.com/"


def test_a_wrong_address_of_the_server_rejects_nobody() -> None:
    """A 404 to a create says nothing about the company: a person is asked, nothing is rejected."""
    connector = Bench().ready(answer=refusing(CREATE, status=404, message="Cannot POST"))
    with pytest.raises(NeedsPerson, match="base_url"):
        connector.push([company()])


def test_a_token_revoked_in_the_middle_keeps_what_was_done() -> None:
    """After the first half of a refused batch, 401 leaves the rest not sent, and loses nothing."""
    bench = Bench()
    posts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path in (CREATE, BATCH):
            posts.append(request.url.path)
            if len(posts) == 1:
                body = {"statusCode": 400, "messages": ["something"]}
                return httpx.Response(400, json=body)
            if len(posts) == 3:
                return httpx.Response(401, json={"statusCode": 401, "messages": ["Token invalid."]})
        return None

    connector = bench.ready(answer=answer)
    outcomes = connector.push([company(f"firm-{n}.com") for n in range(4)])
    expected = [OutcomeKind.CREATED] * 2 + [OutcomeKind.NOT_SENT] * 2
    assert [o.kind for o in outcomes] == expected
    assert len(posts) == 3
    bench.crm.tokens.clear()
    with pytest.raises(BadCredentials):
        connector.push([company("late.com")])


def test_resolve_finds_what_a_person_deleted_since() -> None:
    """What arrived and was then deleted did arrive; what never came is absent."""
    bench = Bench()
    connector = bench.ready()
    connector.push([company()])
    bench.delete(ACME)
    found, absent = connector.resolve([company(), company("birch.com")])
    assert (found.kind, found.record_id) == (ResolutionKind.FOUND, ACME)
    assert absent.kind is ResolutionKind.ABSENT


def test_a_company_without_domain_is_keyed_by_its_identity() -> None:
    """Another identity than a domain is an id too; a host is also looked for among addresses."""
    bench = Bench()
    theirs = bench.add(name="X", domainName={"primaryLinkUrl": "https://x.github.io/site"})
    hosted = CompanyRef(key="host:x.github.io", domain=None, name="X")
    named = CompanyRef(key="name:no web|kiel", domain=None, name="No Web")
    items = [
        replace(company(), company=each, fields={"name": each.name}) for each in (hosted, named)
    ]
    first, second = bench.ready().push(items)
    assert (first.kind, first.record_id) == (OutcomeKind.EXISTED, theirs)
    assert (second.kind, second.record_id) == (OutcomeKind.CREATED, record_id_of(named.key))


def test_the_request_limit_is_kept() -> None:
    """No more than 100 requests go out in any minute, over both interfaces together."""
    bench = Bench()
    times: list[float] = []

    def answer(_: httpx.Request) -> None:
        times.append(bench.clock.monotonic())

    connector = bench.ready(answer=answer)
    for number in range(150):
        connector.push([company(f"firm-{number}.com")])
    assert max(sum(1 for t in times if at <= t < at + 60) for at in times) <= 100
    assert bench.clock.monotonic() < timedelta(minutes=10).total_seconds()
