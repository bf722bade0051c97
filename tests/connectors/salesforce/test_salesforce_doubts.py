"""Salesforce on a bad line and with rivals: one account for each company, and none lost."""

from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.faults import Fault
from connectors.sdk.simulator import FaultKind, Faults
from tests.connectors.delivery import Delivery
from tests.connectors.salesforce.organisation import INSERT, KEY, Organisation, company


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("seed", range(4))
def test_each_fault_leaves_one_account_for_each_company(seed: int, kind: FaultKind) -> None:
    """With a third of all requests failing in one way, all companies arrive, each once."""
    org = Organisation()
    org.ready()
    crm = org.open(faults=Faults(rate=0.34, kinds=(kind,), random=Random(seed)))
    items = [company(f"firm-{number}.com") for number in range(30)]
    ids = Delivery(crm, items).run()
    assert org.values(KEY) == sorted(item.company.key for item in items)
    assert all(org.account(ids[key])[KEY] == key for key in ids)


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 0.6),
    shared=st.integers(0, 10),
    locks=st.integers(0, 5),
)
def test_two_replicas_on_bad_lines_make_no_second_account(
    seed: int, rate: float, shared: int, locks: int
) -> None:
    """Replicas that push the same at once, with lost replies and locks, make each once."""
    org = Organisation()
    org.ready()
    faults = Faults(rate=rate, random=Random(seed))
    rival = org.open(faults=faults)
    items = [company(f"firm-{number}.com") for number in range(10)]
    busy: list[bool] = []

    def interfere(request: httpx.Request) -> None:
        if request.url.path == INSERT and not busy and shared:
            busy.append(True)
            Delivery(rival, items[:shared]).run()
            busy.clear()

    crm = org.open(before=interfere, faults=faults)
    org.site.rules.locks = locks
    ids = Delivery(crm, items).run()
    assert org.values(KEY) == sorted(item.company.key for item in items)
    assert {org.account(record_id)[KEY] for record_id in ids.values()} == set(ids)


def test_a_late_first_write_changes_nothing(org: Organisation) -> None:
    """A create that arrives after its successor is refused, and a person's edit stays."""
    crm = org.ready()
    item = company("acme.com")
    (made,) = crm.push([item])
    late = next(request for request in org.requests if request.url.path == INSERT)
    org.site.edit(str(made.record_id), Name="A person's")
    response = org.site.handle(late)
    assert b"DUPLICATE_VALUE" in response.content
    assert org.values("Name") == ["A person's"]


def test_no_message_holds_a_secret(org: Organisation) -> None:
    """On a line with every fault, no message, outcome or exchange holds secret or token."""
    org.ready()
    faults: list[Fault] = []
    for seed in range(10):
        delivery = Delivery(
            org.open(faults=Faults(rate=0.8, random=Random(seed))), [company(f"firm-{seed}.com")]
        )
        delivery.run()
        faults += delivery.faults
    told = " ".join([*(f"{fault!r} {fault.message}" for fault in faults), *map(str, org.exchanges)])
    tokens = {
        request.headers["authorization"][7:]
        for request in org.requests
        if "authorization" in request.headers
    }
    assert faults
    assert tokens
    assert not [secret for secret in (*tokens, org.site.client_secret) if secret in told]
