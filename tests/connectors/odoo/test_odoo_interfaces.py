"""``/jsonrpc`` and JSON-2: which is spoken, how it fails; and merging on both."""

import httpx
import pytest

from connectors.odoo.harness import KEY, OdooHarness, OdooJson2Harness, OdooOrdinaryUserHarness
from connectors.odoo.simulated.schema import PARTNER
from connectors.sdk.conformance.harness import Harness
from connectors.sdk.conformance.mirror import read_scan
from connectors.sdk.conformance.stage import Stage, company_item
from connectors.sdk.faults import Ambiguous, NeedsPerson, Permanent, RateLimited
from connectors.sdk.simulator import FaultKind
from tests.connectors.odoo.stages import contact, new_stage, odoo_of, open_with


@pytest.mark.parametrize("kind", [OdooHarness, OdooJson2Harness, OdooOrdinaryUserHarness])
def test_a_merge_keeps_the_survivor_and_takes_what_it_lacks(
    stages: list[Stage], kind: type[Harness]
) -> None:
    """By Odoo's own wizard; our key leads to the survivor afterwards."""
    stage = new_stage(stages, kind)
    opened = stage.ready()
    ours = str(opened.connector.push([company_item(1)])[0].record_id)
    (theirs,) = stage.people_add(1)
    assert opened.connector.capabilities.can_merge
    opened.connector.merge(survivor_id=theirs, lost_id=ours)
    opened.connector.merge(survivor_id=theirs, lost_id=ours)  # done already: nothing to do
    (held,) = stage.harness.live()
    assert (held.record_id, held.name) == (theirs, "Person's 10000")
    assert contact(stage, theirs)["city"] == "Hamburg"


def test_a_merge_that_odoo_refuses_says_why(stage: Stage) -> None:
    """Different e-mail addresses may be merged by an administrator only."""
    opened = stage.ready()
    one, other = stage.people_add(2)
    for number, record_id in enumerate((one, other)):
        values = {"email": f"info@firm-{number}.com"}
        odoo_of(stage).by_hand(PARTNER, "write", [int(record_id)], values)
    with pytest.raises(Permanent, match="same email"):
        opened.connector.merge(survivor_id=one, lost_id=other)
    with pytest.raises(Permanent, match="no contact 999"):
        opened.connector.merge(survivor_id="999", lost_id=other)


def test_a_merge_whose_reply_is_lost_is_a_doubt(stage: Stage) -> None:
    """It is never repeated blindly."""
    opened = stage.ready()
    one, other = stage.people_add(2)
    opened.wire.faults[3] = FaultKind.REPLY_LOST
    with pytest.raises(Ambiguous):
        opened.connector.merge(survivor_id=one, lost_id=other)
    assert set(opened.connector.read([one, other])) == {one}


@pytest.mark.parametrize(
    ("kind", "secret", "path"),
    [
        (OdooHarness, "token", "/jsonrpc"),
        (OdooHarness, "password", "/jsonrpc"),
        (OdooJson2Harness, "token", "/json/2/res.partner/search_read"),
        (OdooJson2Harness, "password", "/jsonrpc"),
    ],
)
def test_the_interface_is_chosen_by_version_and_secret(
    stages: list[Stage], kind: type[Harness], secret: str, path: str
) -> None:
    """JSON-2 takes API keys only, so a password goes by ``/jsonrpc`` while Odoo still has it."""
    stage = new_stage(stages, kind)
    opened = open_with(stage, {secret: KEY}, login="sync@crm.example")
    read_scan(opened)
    assert httpx.URL(opened.wire.seen[-1].url).path == path


def test_json2_is_taken_where_jsonrpc_is_gone(stages: list[Stage]) -> None:
    """Odoo 22 is to drop ``/jsonrpc``: a 404 there means JSON-2, not a wrong address."""
    stage = new_stage(stages, OdooJson2Harness)
    opened = open_with(stage, {"token": KEY})
    opened.wire.scripted = lambda request: (
        httpx.Response(404, text="no") if request.url.path == "/jsonrpc" else None
    )
    stage.people_add(1)
    assert len(read_scan(opened)[0].records) == 1


def test_an_older_odoo_needs_a_login(stage: Stage) -> None:
    """With an API key alone Odoo 17 cannot tell whose it is; the fault says what to write."""
    opened = open_with(stage, {"token": KEY}, login="")
    with pytest.raises(NeedsPerson, match="needs login"):
        read_scan(opened)


@pytest.mark.parametrize("kind", [OdooHarness, OdooJson2Harness])
def test_a_wrong_database_needs_a_person(stages: list[Stage], kind: type[Harness]) -> None:
    """It is no matter of a single company, and no use to try again soon."""
    stage = new_stage(stages, kind)
    opened = open_with(stage, {"token": KEY}, database="nosuchdb")
    with pytest.raises(NeedsPerson, match=r"check (base_url and )?database"):
        read_scan(opened)


def test_a_wrong_address_needs_a_person(stage: Stage) -> None:
    """A web server without Odoo answers 404."""
    opened = open_with(stage, {"token": KEY}, api="jsonrpc")
    opened.wire.scripted = lambda _: httpx.Response(404, text="<html>")
    with pytest.raises(NeedsPerson, match="no Odoo at this address"):
        read_scan(opened)


def test_the_operators_own_rate_is_kept(stage: Stage) -> None:
    """Odoo has no limit of its own; one request in two seconds is one in two seconds."""
    opened = open_with(stage, {"token": KEY}, requests_per_second=0.5)
    before = stage.clock.monotonic()
    read_scan(opened)
    requests = len(opened.wire.seen)
    assert stage.clock.monotonic() - before >= 2 * (requests - 1) > 0


def test_a_proxys_429_is_waited_out(stage: Stage) -> None:
    """Odoo itself sends none; a proxy in front of it may."""
    opened = stage.ready()
    opened.wire.every_fault = FaultKind.RATE_LIMITED
    with pytest.raises(RateLimited):
        read_scan(opened)
