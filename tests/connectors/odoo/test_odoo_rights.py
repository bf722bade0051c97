"""What a user without all rights can do, and what the probe says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.odoo.fields import OWN_FIELDS
from connectors.odoo.harness import KEY, OdooHarness
from connectors.odoo.simulated.schema import PARTNER
from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.stage import Stage, company_item
from connectors.sdk.conformance.wire import Seen
from connectors.sdk.faults import BadCredentials
from connectors.sdk.outcomes import ResolutionKind
from connectors.sdk.protocol import Level
from connectors.sdk.records import CompanyRef, PushItem
from tests.connectors.odoo.stages import (
    BareHarness,
    ReaderHarness,
    calls,
    new_stage,
    odoo_of,
)


def test_an_ordinary_user_pushes_and_resolves_without_the_key_field(stages: list[Stage]) -> None:
    """Without rights on external ids they are read contact by contact, by domain and by name."""
    stage = new_stage(stages, BareHarness)
    opened = stage.ready()
    nameless = PushItem(
        trace_id="n", company=CompanyRef(key="name:x|kiel", domain=None, name="Only A Name")
    )
    made = opened.connector.push([company_item(1), nameless])
    answers = opened.connector.resolve([company_item(1), nameless, company_item(2)])
    assert [answer.record_id for answer in answers] == [made[0].record_id, made[1].record_id, None]


def test_for_an_ordinary_user_a_hidden_company_is_not_doubled(stages: list[Stage]) -> None:
    """Even where the look-up cannot find it any more, load() does, and changes nothing."""
    stage = new_stage(stages, BareHarness)
    opened = stage.ready()
    record_id = str(opened.connector.push([company_item(1)])[0].record_id)
    stage.harness.person_edits(record_id, Typed(name="Quite Different", websites=("other.com",)))
    assert opened.connector.resolve([company_item(1)])[0].kind is ResolutionKind.ABSENT
    outcome = opened.connector.push([company_item(1)])[0]
    assert outcome.record_id == record_id
    assert [record.name for record in stage.harness.live()] == ["Quite Different"]


def test_rights_that_were_taken_away_are_noticed(stage: Stage) -> None:
    """A user who loses the right on external ids goes on by the other way."""
    opened = stage.ready()
    opened.connector.push([company_item(1)])
    odoo = odoo_of(stage)
    sync = next(user for user in odoo.users if user.uid == 6)
    odoo.users = tuple(
        replace(user, groups=user.groups - {"Administration/Access Rights"})
        if user is sync
        else user
        for user in odoo.users
    )
    assert opened.connector.resolve([company_item(1)])[0].kind is ResolutionKind.FOUND


def test_a_user_who_may_not_create_is_told_so_once(stages: list[Stage]) -> None:
    """The whole connector needs a person; no company is rejected for it."""
    stage = new_stage(stages, ReaderHarness)
    opened = stage.open()
    with pytest.raises(BadCredentials, match="not allowed to create"):
        opened.connector.push([company_item(1), company_item(2)])


def test_the_probe_of_a_good_account_finds_nothing_wrong(stage: Stage) -> None:
    """With all rights and fields every finding is good, and it says what is spoken."""
    stage.ready()
    findings = stage.open().connector.probe()
    assert [finding.level for finding in findings] == [Level.OK]
    assert findings[0].text == "Odoo 17.0-20240709 accepts the login; spoken is /jsonrpc"


def test_the_probe_says_exactly_what_an_administrator_must_add(stages: list[Stage]) -> None:
    """Rights by Odoo's own names, fields with name, label and type."""
    opened = new_stage(stages, BareHarness).open()
    findings = opened.connector.probe()
    assert [finding.level for finding in findings] == [Level.OK, Level.WARNING, Level.WARNING]
    assert '"Access Rights" under Administration' in findings[1].remedy
    for own in OWN_FIELDS:
        assert f'{own.name}, label "{own.label}", type {own.type}' in findings[2].remedy


def test_the_probe_names_mapped_fields_that_do_not_exist(stages: list[Stage]) -> None:
    """A mapping to nowhere is a problem before the first push."""

    class Wrong(OdooHarness):
        options: Mapping[str, Any] = {**OdooHarness.options, "mapping": {"x_nowhere": "{search}"}}

    opened = new_stage(stages, Wrong).ready()
    problems = [f for f in opened.connector.probe() if f.level is Level.PROBLEM]
    assert [problem.text.split(",")[0] for problem in problems] == ["mapping writes x_nowhere"]


def test_the_probe_of_a_reader_is_a_problem(stages: list[Stage]) -> None:
    """Without the right to create contacts nothing can be pushed; merging is out too."""
    opened = new_stage(stages, ReaderHarness).open()
    texts = [f.text for f in opened.connector.probe() if f.level is Level.PROBLEM]
    assert texts == ["the user may not create contacts, so nothing can push companies"]
    assert opened.connector.capabilities.can_merge is False


def test_a_wrong_key_is_a_finding_that_says_how_to_make_one(stage: Stage) -> None:
    """Not an exception, and without the key."""
    odoo_of(stage).change_secret("something-else-entirely")
    (finding,) = stage.open().connector.probe()
    assert finding.level is Level.PROBLEM
    assert "New API Key" in finding.remedy
    assert KEY not in finding.text


def test_fields_are_added_once_and_by_whom_may(stage: Stage) -> None:
    """The second time there is nothing to add."""
    opened = stage.open()
    assert [finding.level for finding in opened.connector.ensure_schema()] == [Level.OK]
    assert {own.name for own in OWN_FIELDS} <= set(odoo_of(stage).orm.fields[PARTNER])
    opened.wire.calm()
    assert [finding.level for finding in opened.connector.ensure_schema()] == [Level.OK]
    assert "ir.model.fields.create" not in calls(opened)


def test_two_replicas_add_the_fields_at_once(stage: Stage) -> None:
    """The one that comes second finds them there."""
    first, second = stage.open(), stage.open()

    def meanwhile(seen: Seen) -> None:
        if b'"ir.model.fields","create"' in seen.body and len(second.wire.seen) == 0:
            second.connector.ensure_schema()

    first.wire.before = meanwhile
    assert [finding.level for finding in first.connector.ensure_schema()] == [Level.OK]


def test_fields_of_a_property_that_is_mapped_away_are_not_added(stages: list[Stage]) -> None:
    """``""`` in the mapping keeps a field out of Odoo."""

    class Less(OdooHarness):
        options: Mapping[str, Any] = {**OdooHarness.options, "mapping": {"x_prospectd_task": ""}}

    stage = new_stage(stages, Less)
    stage.open().connector.ensure_schema()
    assert "x_prospectd_task" not in odoo_of(stage).orm.fields[PARTNER]
