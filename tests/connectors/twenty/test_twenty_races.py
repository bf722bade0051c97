"""Many writers at once: what the simulated server allows, and that one record comes of it."""

from collections import Counter
from collections.abc import Callable
from random import Random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.delivery import deliver
from connectors.sdk.conformance.stage import Stage, company_item
from connectors.sdk.outcomes import Outcome, OutcomeKind, ResolutionKind
from connectors.sdk.simulator import FaultKind
from connectors.twenty.connector import TwentyConnector
from connectors.twenty.harness import TwentyHarness
from connectors.twenty.identity import record_id_of
from connectors.twenty.simulator import ADMINISTRATOR, TwentySimulator
from tests.connectors.twenty.bench import BATCH, CREATE, HOST, Bench, company

ACME = record_id_of("acme.com")
EIGHT = 8


def create(**body: object) -> httpx.Request:
    return httpx.Request(
        "POST",
        f"https://{HOST}{CREATE}",
        headers={"authorization": f"Bearer {ADMINISTRATOR}"},
        json=body,
    )


def all_at_once(bench: Bench, *, inside: bool) -> list[Outcome]:
    """Eight connectors push one company; each starts when the one before is about to create it.

    With ``inside`` it starts in the midst of the server's work: after the server has looked
    whether the id exists, and before it writes.
    """
    outcomes: list[Outcome] = []
    started = 1

    def start_next(request: httpx.Request) -> None:
        nonlocal started
        if (request.method, request.url.path) == ("POST", CREATE) and started < EIGHT:
            started += 1
            outcomes.extend(opened().push([company()]))

    def opened() -> TwentyConnector:
        return bench.ready() if inside else bench.ready(answer=start_next)

    if inside:
        bench.crm.between = after_steps(2, start_next)
    first = opened()
    return [*first.push([company()]), *outcomes]


def after_steps(count: int, act: Callable[[httpx.Request], None]) -> Callable[..., None]:
    """Acts once for each request, when so many of its steps are done."""
    steps: Counter[httpx.Request] = Counter()

    def between(request: httpx.Request) -> None:
        steps[request] += 1
        if steps[request] == count:
            act(request)

    return between


@pytest.mark.parametrize("inside", [False, True])
def test_eight_pushers_at_once_make_one_record(inside: bool) -> None:
    """However eight replicas interleave, there is one record, and every outcome names it."""
    bench = Bench()
    outcomes = all_at_once(bench, inside=inside)
    assert len(outcomes) == EIGHT
    assert [row["id"] for row in bench.rows.values()] == [ACME]
    assert {o.record_id for o in outcomes} == {ACME}
    kinds = [o.kind for o in outcomes]
    assert set(kinds) <= {OutcomeKind.CREATED, OutcomeKind.EXISTED}
    assert kinds.count(OutcomeKind.CREATED) == (EIGHT if inside else 1)


@given(schedule=st.lists(st.integers(0, EIGHT - 1), max_size=40))
def test_eight_creates_with_one_id_make_one_record(schedule: list[int]) -> None:
    """In any order of the server's steps: one record, and 201 or "already exists" for each."""
    crm = TwentySimulator(clock=VirtualClock(), random=Random(3))
    address = {"primaryLinkUrl": "https://acme.com"}
    requests = [create(id=ACME, name=f"Acme {n}", domainName=address) for n in range(EIGHT)]
    answers = crm.interleave(requests, schedule)
    assert list(crm.workspace.table.rows) == [ACME]
    statuses = [answer.status_code for answer in answers]
    assert 201 in statuses
    assert set(statuses) <= {201, 400}


@given(schedule=st.lists(st.integers(0, EIGHT - 1), max_size=40))
def test_eight_creates_with_one_address_make_one_record(schedule: list[int]) -> None:
    """People who create one address at once, with ids of the server's: one 201, seven 400."""
    crm = TwentySimulator(clock=VirtualClock(), random=Random(3))
    address = {"primaryLinkUrl": "https://acme.com"}
    requests = [create(name=f"Acme {n}", domainName=address) for n in range(EIGHT)]
    answers = crm.interleave(requests, schedule)
    assert len(crm.workspace.table.rows) == 1
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7


def test_a_person_with_the_usual_spelling_is_not_doubled() -> None:
    """A person who is a moment faster, as Twenty's form writes addresses, keeps the only record."""
    bench = Bench()
    theirs: list[str] = []

    def answer(request: httpx.Request) -> None:
        if request.url.path == CREATE and not theirs:
            address = {"primaryLinkUrl": "https://acme.com", "primaryLinkLabel": ""}
            theirs.append(bench.add(name="A person's", domainName=address))

    (outcome,) = bench.ready(answer=answer).push([company()])
    assert (outcome.kind, [outcome.record_id]) == (OutcomeKind.EXISTED, theirs)
    assert list(bench.rows) == theirs


def test_a_person_with_another_spelling_is_doubled_and_then_seen() -> None:
    """No more is promised: www in that very moment makes two, and a look-up sees both."""
    bench = Bench()
    theirs: list[str] = []

    def answer(request: httpx.Request) -> None:
        if request.url.path == CREATE and not theirs:
            address = {"primaryLinkUrl": "https://www.acme.com"}
            theirs.append(bench.add(name="A person's", domainName=address))

    connector = bench.ready(answer=answer)
    (outcome,) = connector.push([company()])
    assert outcome.kind is OutcomeKind.CREATED
    (found,) = connector.lookup([company().company])
    assert {record.record_id for record in found} == {ACME, *theirs}


@pytest.mark.parametrize("count", [1, 60])
def test_a_create_whose_reply_was_lost_is_found_by_its_id(count: int) -> None:
    """After a lost reply everything is in doubt, nothing is sent again, and all is found by id."""
    bench = Bench()
    lost: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path in (CREATE, BATCH):
            lost.append(request.url.path)
            bench.crm.handle(request)
            raise httpx.ReadTimeout("the reply never came", request=request)
        return None

    items = [company(f"firm-{n}.com") for n in range(count)]
    connector = bench.ready(answer=answer)
    outcomes = connector.push(items)
    assert {o.kind for o in outcomes} == {OutcomeKind.UNKNOWN}
    assert len(lost) == 1
    answers = connector.resolve(items)
    assert [a.record_id for a in answers] == [record_id_of(i.company.key) for i in items]


def test_a_late_first_create_meets_the_primary_key() -> None:
    """A create that was believed lost and arrives after the second one changes nothing."""
    bench = Bench()
    kept: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == CREATE and not kept:
            kept.append(request)
            raise httpx.ReadError("connection lost", request=request)
        return None

    connector = bench.ready(answer=answer)
    (first,) = connector.push([company(name="First")])
    (resolved,) = connector.resolve([company()])
    assert (first.kind, resolved.kind) == (OutcomeKind.UNKNOWN, ResolutionKind.ABSENT)
    (second,) = connector.push([company(name="Second")])
    late = bench.crm.handle(kept[0])
    assert (second.kind, late.status_code) == (OutcomeKind.CREATED, 400)
    assert [row["name"] for row in bench.rows.values()] == ["Second"]


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_network_neither_doubles_nor_loses(seed: int) -> None:
    """A tenth of all requests go wrong in every way; pushed twice, each company is there once."""
    dice = Random(seed)
    stage = Stage(TwentyHarness, seed=seed)
    items = [company_item(number) for number in range(150)]
    for _ in range(2):
        opened = stage.ready()
        for number in range(1, 2_000):
            if dice.random() < 0.1:
                opened.wire.faults[number] = dice.choice(list(FaultKind))
        deliver(stage, opened, items)
    assert [len(stage.records_of(item)) for item in items] == [1] * len(items)
    stage.close()
