"""Creating contacts: once, without overwriting, whatever Odoo says."""

from dataclasses import replace

import httpx

from connectors.odoo.fields import external_id
from connectors.odoo.simulated.schema import PARTNER
from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.stage import Stage, company_item
from connectors.sdk.conformance.wire import Seen
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.simulator import FaultKind
from tests.connectors.odoo.stages import MappedHarness, calls, contact, new_stage, odoo_of


def test_a_push_writes_the_record_and_its_key_in_one_call(stage: Stage) -> None:
    """One look-up and one load, create-only, in the default mapping."""
    opened = stage.ready()
    outcome = opened.connector.push([company_item(1)])[0]
    assert calls(opened) == ["ir.model.data.search_read", "res.partner.load"]
    held = contact(stage, outcome.record_id)
    assert held["name"] == "Firm 1 Ltd"
    assert held["website"] == "https://www.firm-1.com"
    assert held["comment"] == "<p>Firm 1 Ltd makes software for harbours.</p>"
    assert held["country_id"][1] == "Germany"
    assert (held["is_company"], held["city"]) == (True, "Hamburg")
    assert (held["x_prospectd_relevance"], held["x_prospectd_founded"]) == (87, "2011")
    (metadata,) = odoo_of(stage).by_hand(PARTNER, "get_metadata", [held["id"]])
    assert metadata["xmlids"] == [{"xmlid": external_id("firm-1.com"), "noupdate": True}]


def test_a_persons_edit_survives_even_between_look_up_and_load(stage: Stage) -> None:
    """Create-only is Odoo's own doing, not only our look-up's."""
    first, second = stage.ready(), stage.ready()

    def meanwhile(seen: Seen) -> None:
        if seen.number == 2:
            record_id = str(second.connector.push([company_item(1)])[0].record_id)
            stage.harness.person_edits(record_id, Typed(name="A Person", websites=("firm-1.com",)))

    first.wire.before = meanwhile
    outcome = first.connector.push([company_item(1, name="Our Newer Name")])[0]
    (held,) = stage.harness.live()
    assert (held.record_id, held.name) == (outcome.record_id, "A Person")


def test_an_archived_company_stays_archived_and_unchanged(stage: Stage) -> None:
    """What people put into the archive is held, and a push leaves it alone."""
    opened = stage.ready()
    record_id = opened.connector.push([company_item(1)])[0].record_id
    odoo_of(stage).by_hand(PARTNER, "write", [int(str(record_id))], {"active": False})
    outcome = opened.connector.push([company_item(1, name="Newer")])[0]
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, record_id)
    held = contact(stage, record_id)
    assert (held["active"], held["name"]) == (False, "Firm 1 Ltd")


def test_a_merged_company_is_found_as_its_survivor(stage: Stage) -> None:
    """After people merged our contact away, its key leads to the one that is left."""
    opened = stage.ready()
    ours = str(opened.connector.push([company_item(1)])[0].record_id)
    (theirs,) = stage.people_add(1)
    stage.harness.person_merges(survivor_id=theirs, lost_id=ours)
    outcome = opened.connector.push([company_item(1)])[0]
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, theirs)


def test_a_dangling_key_is_no_company(stage: Stage) -> None:
    """An external id that points to nothing is absent, and a push makes the contact anew."""
    opened = stage.ready()
    record_id = int(str(opened.connector.push([company_item(1)])[0].record_id))
    tables = odoo_of(stage).orm.tables
    del tables.rows[PARTNER][record_id]
    assert opened.connector.resolve([company_item(1)])[0].kind is ResolutionKind.ABSENT
    outcome = opened.connector.push([company_item(1)])[0]
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.record_id != str(record_id)


def test_a_value_that_odoo_refuses_is_left_out_and_told(stages: list[Stage]) -> None:
    """Neither the company nor its neighbours are lost for one bad cell."""
    stage = new_stage(stages, MappedHarness)
    opened = stage.ready()
    good = company_item(2, fields={"search": "contact"})
    refused, fine = opened.connector.push([company_item(1), good])
    assert (refused.kind, fine.kind) == (OutcomeKind.CREATED, OutcomeKind.CREATED)
    (warning,) = refused.warnings
    assert warning.startswith("type was left out: Value 'harbour-software' not found")
    assert fine.warnings == ()
    assert contact(stage, refused.record_id)["ref"].startswith("00000000")


def test_a_company_that_odoo_refuses_is_rejected_with_its_words(stage: Stage) -> None:
    """After three tries, since PostgreSQL may complain in any language about a passing matter."""
    opened = stage.ready()
    stage.harness.refuse_company("Firm 1 Ltd")
    before = stage.clock.monotonic()
    bad, good = opened.connector.push([company_item(1), company_item(2)])
    assert (bad.kind, good.kind) == (OutcomeKind.REJECTED, OutcomeKind.CREATED)
    assert "may not be called Firm 1 Ltd" in bad.reason
    assert 0 < stage.clock.monotonic() - before < 5


def test_a_lost_race_is_repeated(stage: Stage) -> None:
    """``ids: false`` with a serialisation failure means that nothing was kept: try again."""
    opened = stage.ready()
    odoo_of(stage).lose_races(3)
    outcomes = opened.connector.push([company_item(1), company_item(2)])
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.CREATED] * 2
    assert len(stage.harness.live()) == 2


def test_a_race_that_is_lost_again_and_again_is_not_sent(stage: Stage) -> None:
    """It is never called rejected, and never a doubt."""
    opened = stage.ready()
    odoo_of(stage).lose_races(1_000)
    outcomes = opened.connector.push([company_item(1), company_item(2)])
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.NOT_SENT}
    assert "could not serialize access" in outcomes[0].reason


def test_one_key_twice_in_a_push_is_one_record(stage: Stage) -> None:
    """The second finds what the first made."""
    opened = stage.ready()
    again = replace(company_item(1), trace_id="other")
    first, second = opened.connector.push([company_item(1), again])
    assert first.kind is OutcomeKind.CREATED
    assert (second.kind, second.record_id) == (OutcomeKind.EXISTED, first.record_id)


def test_a_column_that_vanished_costs_one_repeat(stage: Stage) -> None:
    """A field that was deleted after we learned of it breaks load(); then it is left out."""
    opened = stage.ready()
    opened.connector.push([company_item(1)])
    del odoo_of(stage).orm.fields[PARTNER]["x_prospectd_search"]
    outcomes = opened.connector.push([company_item(2), company_item(3)])
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.CREATED] * 2
    assert "harbour-software" in contact(stage, outcomes[0].record_id)["comment"]


def test_after_a_doubt_the_rest_is_not_sent(stage: Stage) -> None:
    """The load whose reply is lost is unknown; what would have come after it was not sent."""
    opened = stage.ready()
    cityless = company_item(2, fields={"city": None})
    opened.wire.faults[2] = FaultKind.REPLY_LOST
    first, second = opened.connector.push([company_item(1), cityless])
    assert (first.kind, second.kind) == (OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT)
    answer = opened.connector.resolve([company_item(1)])[0]
    assert answer.kind is ResolutionKind.FOUND


def test_a_rate_limit_in_the_middle_keeps_what_was_made(stage: Stage) -> None:
    """The first group's outcomes stand; the second was not sent."""
    opened = stage.ready()
    for number in range(3, 12):
        opened.wire.faults[number] = FaultKind.RATE_LIMITED
    cityless = company_item(2, fields={"city": None})
    first, second = opened.connector.push([company_item(1), cityless])
    assert (first.kind, second.kind) == (OutcomeKind.CREATED, OutcomeKind.NOT_SENT)


def test_load_that_answers_nonsense_is_a_doubt(stage: Stage) -> None:
    """Fewer ids than rows, or no object at all, tell nothing about what was written."""
    opened = stage.ready()
    answers_of_load: list[object] = [{"ids": [1]}, [], None, {"ids": [1, 2, 3]}]
    for nonsense in answers_of_load:
        answers = iter([_answer([]), _answer(nonsense)])
        opened.wire.scripted = lambda _, answers=answers: next(answers)
        outcomes = opened.connector.push([company_item(1), company_item(2)])
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.UNKNOWN}


def _answer(result: object) -> httpx.Response:
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": result})


def test_resolve_of_many_is_one_question(stage: Stage) -> None:
    """After an outage a whole batch is resolved without a request for each company."""
    opened = stage.ready()
    items = [company_item(number) for number in range(40)]
    opened.connector.push(items[:20])
    opened.wire.calm()
    kinds = [answer.kind for answer in opened.connector.resolve(items)]
    assert kinds == [ResolutionKind.FOUND] * 20 + [ResolutionKind.ABSENT] * 20
    assert calls(opened) == ["ir.model.data.search_read", "res.partner.search_read"]
