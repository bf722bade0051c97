"""HubSpot on a bad line and with rivals: one record for each company, and none lost."""

from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.faults import Fault
from connectors.sdk.simulator import FaultKind, Faults
from tests.connectors.delivery import Delivery
from tests.connectors.hubspot.account import KEY, Account, company


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("seed", range(5))
def test_each_fault_leaves_one_record_for_each_company(seed: int, kind: FaultKind) -> None:
    """With a third of all requests failing in one way, all companies arrive, each once."""
    account = Account()
    account.ready()
    crm = account.open(faults=Faults(rate=0.34, kinds=(kind,), random=Random(seed)))
    items = [company(f"firm-{number}.com") for number in range(30)]
    ids = Delivery(crm, items).run()
    assert account.values(KEY) == sorted(item.company.key for item in items)
    assert all(account.properties(ids[key])[KEY] == key for key in ids)
    assert len(ids) == 30


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 0.6),
    shared=st.integers(0, 10),
    conflict=st.booleans(),
)
def test_two_replicas_on_bad_lines_make_no_second_record(
    seed: int, rate: float, shared: int, *, conflict: bool
) -> None:
    """Replicas that push the same companies at once, with lost replies, make each of them once."""
    account = Account()
    account.simulator.conflict_on_upsert = conflict
    account.ready()
    faults = Faults(rate=rate, random=Random(seed))
    rival = account.open(faults=faults)
    items = [company(f"firm-{number}.com") for number in range(10)]
    busy: list[bool] = []

    def interfere(request: httpx.Request) -> None:
        if request.url.path.endswith("/upsert") and not busy and shared:
            busy.append(True)
            Delivery(rival, items[:shared]).run()
            busy.clear()

    crm = account.open(before=interfere, faults=faults)
    ids = Delivery(crm, items).run()
    assert account.values(KEY) == sorted(item.company.key for item in items)
    assert {account.properties(record_id)[KEY] for record_id in ids.values()} == set(ids)


def test_a_listing_survives_a_bad_line(large_account: Account) -> None:
    """A scan on a bad line gives every record once, or a fault; never a short list that ends."""
    ids = set(large_account.simulator.seed([{"name": str(number)} for number in range(1_000)]))
    for seed in range(30):
        crm = large_account.open(faults=Faults(rate=0.3, random=Random(seed)))
        seen: list[str] = []
        try:
            for page in crm.scan(None):
                seen += [record.record_id for record in page.records]
        except Fault:
            assert len(seen) < 1_000
            continue
        assert set(seen) == ids
        assert len(seen) == 1_000


def test_no_message_holds_the_token(account: Account) -> None:
    """On a line with every fault, no message, outcome or exchange holds the token."""
    account.ready()
    faults: list[Fault] = []
    for seed in range(10):
        crm = account.open(faults=Faults(rate=0.8, random=Random(seed)))
        delivery = Delivery(crm, [company(f"firm-{seed}.com")])
        delivery.run()
        faults += delivery.faults
    told = " ".join(
        [*(f"{fault!r} {fault.message}" for fault in faults), *map(str, account.exchanges)]
    )
    assert faults
    assert account.simulator.token not in told
