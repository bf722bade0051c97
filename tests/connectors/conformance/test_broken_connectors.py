"""The suite finds what is wrong: each law catches a connector that was broken on purpose."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar

import pytest

from connectors.memory import connector as memory
from connectors.memory.connector import MemoryConnector
from connectors.memory.harness import MemoryHarness
from connectors.memory.options import MemoryOptions
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Capabilities, Uniqueness
from connectors.sdk.conformance import Harness, LawBroken, Wire
from connectors.sdk.conformance.laws import LAWS, Law
from connectors.sdk.conformance.openapi import OpenApiValidator
from connectors.sdk.conformance.stage import play
from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.sdk.protocol import Connector, ConnectorPlugin
from connectors.sdk.skeleton.samplecrm.connector import SampleCrmConnector
from connectors.sdk.skeleton.samplecrm.harness import SampleCrmHarness
from connectors.webhook.harness import WebhookHarness
from tests.connectors.conformance import broken_readers as readers
from tests.connectors.conformance import broken_sample as sample
from tests.connectors.conformance import broken_writers as writers

PLAIN = MemoryTraits(page_size=10)
LAGGING = MemoryTraits(page_size=10, settling=timedelta(seconds=40))
KEYLESS = MemoryTraits(page_size=10, uniqueness=Uniqueness.NONE)
OVERWRITING = MemoryTraits(page_size=10, create_only=False)


def on_memory(kind: type[MemoryConnector], chosen: MemoryTraits = PLAIN) -> type[Harness]:
    """A harness whose connectors are of this kind, over a CRM in memory."""

    class Broken(MemoryHarness):
        traits: ClassVar[MemoryTraits] = chosen
        many = 45

        def open(self, wire: Wire) -> Connector:
            opened = kind(self.crm, {}, self.context(wire))
            opened.line = wire.line
            return opened

    return Broken


def declaring(**changes: Any) -> type[Harness]:
    """A harness of the memory connector whose plugin declares something else."""

    class Broken(MemoryHarness):
        plugin: ClassVar[ConnectorPlugin[Any]] = replace(memory, **changes)

    return Broken


def on_sample(kind: type[SampleCrmConnector]) -> type[Harness]:
    """A harness whose connectors are of this kind, over the simulated SampleCrm."""

    class Broken(SampleCrmHarness):
        plugin: ClassVar[ConnectorPlugin[Any]] = replace(SampleCrmHarness.plugin, open=kind)

    return Broken


@cache
def judge() -> OpenApiValidator:
    """SampleCrm's specification, as far as the listing."""
    company = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}},
    }
    listing = {
        "type": "object",
        "required": ["companies"],
        "properties": {"companies": {"type": "array", "items": company}},
    }
    parameter = {"name": "after", "in": "query", "schema": {"type": "integer"}}
    reply = {"description": "a page", "content": {"application/json": {"schema": listing}}}
    operation = {"parameters": [parameter], "responses": {"200": reply}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "SampleCrm", "version": "1"},
        "paths": {"/v1/companies": {"get": operation}},
    }
    return OpenApiValidator(
        [document],
        base_url="https://api.samplecrm.example",
        elsewhere=("/v1/me", "/v1/changes", "/v1/companies/"),
    )


class JudgedSample(SampleCrmHarness):
    """SampleCrm with its specification."""

    def validator(self) -> OpenApiValidator:
        """The one document."""
        return judge()


class JudgedAsksForMore(JudgedSample):
    """SampleCrm with its specification, and a connector that does not keep to it."""

    plugin: ClassVar[ConnectorPlugin[Any]] = replace(
        SampleCrmHarness.plugin, open=sample.AsksForMore
    )


class SendsBlindly(WebhookHarness):
    """A webhook that cannot be asked anything."""

    plugin: ClassVar[ConnectorPlugin[Any]] = replace(
        WebhookHarness.plugin, open=sample.CannotLookUp
    )


class CannotMerge(MemoryHarness):
    """Merges are declared, and cannot be tried."""

    person_merges = Harness.person_merges


class TokenByValue(MemoryOptions):
    """The token itself stands in the options."""

    token: str = ""


BROKEN: Mapping[str, type[Harness]] = {
    "plugin_says_what_it_is": declaring(guarantee=replace(memory.guarantee, repaired=" ")),
    "options_hold_no_secret": declaring(options=TokenByValue, secrets=("token",)),
    "capabilities_fit_together": declaring(
        capabilities=Capabilities(uniqueness=Uniqueness.NONE, sees_merges=True)
    ),
    "what_is_declared_can_be_tried": CannotMerge,
    "schema_is_made_once": on_memory(writers.PreparesOnce),
    "probe_changes_nothing": on_memory(writers.ProbesByWriting),
    "close_can_be_repeated": on_memory(writers.ClosesOnce),
    "merge_keeps_the_survivor": on_memory(writers.MergesBackwards),
    "scan_lists_every_live_record": on_memory(readers.DropsLastPage),
    "scan_marks_its_last_page": on_memory(readers.ForgetsTheEnd),
    "a_cursor_can_always_be_had": on_memory(readers.HasNoCursor),
    "scan_of_an_empty_crm_is_empty": on_memory(readers.NothingForNothing),
    "scan_resumes_from_every_cursor": on_memory(readers.StartsOver),
    "scan_misses_nobody_when_others_vanish": on_memory(readers.CountsRows),
    "scan_does_not_run_in_circles": on_memory(readers.RunsInCircles),
    "scan_tells_names_and_websites": on_memory(readers.AsciiOnly),
    "lookup_answers_each_company_in_order": on_memory(readers.UnorderedLookup),
    "lookup_knows_nothing_of_the_unreadable": SendsBlindly,
    "lookup_sees_common_spellings": on_memory(readers.LiteralLookup),
    "lookup_is_exact": on_memory(readers.LooseLookup),
    "lookup_leaves_deleted_records_out": on_memory(readers.SeesTheBin),
    "lookup_is_as_strong_as_declared": on_memory(readers.BoastsOfStrength, LAGGING),
    "read_gives_what_is_there": on_memory(readers.OldReads),
    "reading_takes_any_number": on_memory(readers.CutsLongQuestions),
    "changes_tell_new_records": on_memory(readers.HidesNewRecords),
    "changes_tell_edits": on_memory(readers.HidesEdits),
    "changes_go_on_from_every_cursor": on_memory(readers.LosesItsPlace),
    "changes_tell_what_comes_after": on_memory(readers.EndsForGood),
    "changes_with_one_stamp_are_all_told": on_memory(readers.PagesByStampAlone),
    "changes_overlap_by_the_settling_time": on_memory(readers.NoOverlap, LAGGING),
    "changes_from_a_moment_include_late_commits": on_memory(readers.StartsLate, LAGGING),
    "changes_do_not_run_in_circles": on_memory(readers.CirclesOfChanges),
    "mirror_follows_deletions": on_memory(readers.HidesDeletions),
    "mirror_follows_merges": on_memory(readers.SwapsMerges),
    "mirror_follows_revivals": on_memory(readers.ForgetsTheRevived),
    "mirror_follows_people": on_memory(readers.TellsHalf),
    "push_creates_each_company": on_memory(writers.MixesOutcomesUp),
    "push_takes_a_whole_batch": on_memory(writers.CutsTheBatch),
    "push_writes_what_is_mapped": on_memory(writers.WritesNoWebsite),
    "second_push_finds_the_first": on_memory(writers.LooksNever, KEYLESS),
    "a_repeated_push_is_told_as_existing": on_memory(writers.SaysCreated),
    "push_keeps_what_people_changed": on_memory(writers.Overwrites, OVERWRITING),
    "push_leaves_deleted_companies_deleted": on_memory(writers.RevivesTheDeleted),
    "push_meets_merged_companies": on_memory(writers.FindsTheMergedAway),
    "push_of_a_mixed_batch_keeps_its_order": on_sample(sample.TakesTurns),
    "a_refused_company_is_rejected_alone": on_memory(writers.RejectsTheBatch),
    "extreme_values_lose_no_company": on_memory(writers.RejectsLongTexts),
    "extreme_names_lose_no_company": on_memory(writers.RejectsLongTexts),
    "companies_without_a_domain_have_a_key": on_memory(writers.KeyIsTheDomain),
    "resolve_creates_nothing": on_memory(writers.ResolvesByCreating),
    "resolve_finds_what_arrived": on_memory(writers.ResolvesByGuessing),
    "a_lost_reply_makes_no_second_record": on_memory(writers.DoubtIsNotSent),
    "a_lost_request_loses_no_company": on_memory(writers.DoubtIsCreated),
    "an_error_after_the_work_makes_no_second_record": on_memory(writers.DoubtIsRejected),
    "an_outage_loses_no_company": on_memory(writers.OutageIsRejected),
    "a_timeout_makes_no_second_record": on_sample(sample.RepeatsItsWrites),
    "push_does_not_repeat_in_doubt": on_memory(writers.SendsAgain),
    "a_lasting_outage_rejects_nobody": on_memory(writers.DoubtIsRejected),
    "a_rate_limit_is_no_doubt": on_memory(writers.LimitIsDoubt),
    "two_pushers_make_one_record": on_memory(writers.HasNoKey, KEYLESS),
    "two_pushers_take_turns": on_memory(writers.HasNoKey, KEYLESS),
    "a_person_is_not_doubled": on_memory(writers.TrustsItsLookup),
    "reading_survives_one_fault": on_memory(readers.NeverRepeats),
    "a_lasting_fault_is_no_empty_listing": on_memory(readers.ForgivesFaults),
    "misbehaviours_become_their_faults": on_sample(sample.ReadsNothingWithoutToken),
    "a_refused_token_is_told": on_sample(sample.ProbesNothing),
    "retry_after_is_heeded": on_sample(sample.ForgetsRetryAfter),
    "forbidden_pages_are_no_listing": on_sample(sample.GivesUpOnForbidden),
    "rubbish_is_no_listing": on_sample(sample.ReadsRubbish),
    "endless_replies_are_cut": on_sample(sample.ReadsEndlessly),
    "secrets_stay_secret": on_sample(sample.TellsItsToken),
    "every_request_is_observed": on_sample(sample.WorksUnseen),
    "unknown_fields_are_ignored": on_sample(sample.KnowsEveryField),
    "same_seed_same_requests": on_sample(sample.RollsItsOwnDice),
    "requests_fit_the_specification": JudgedAsksForMore,
}

ALSO: tuple[tuple[str, type[Harness]], ...] = (
    ("scan_does_not_run_in_circles", on_memory(readers.StopsAtARepeat)),
    ("push_creates_each_company", on_memory(writers.LosesOne)),
    ("push_creates_each_company", on_sample(sample.TakesTurns)),
    ("a_refused_company_is_rejected_alone", on_memory(writers.KeepsReasonsBack)),
    ("a_lost_reply_makes_no_second_record", on_memory(writers.DoubtIsRejected)),
    ("a_lost_reply_makes_no_second_record", on_sample(sample.RepeatsItsWrites)),
)

BY_NAME: Mapping[str, Law] = {law.__name__: law for law in LAWS}


def test_every_law_has_a_connector_that_breaks_it() -> None:
    """No law is in the suite that was never seen to catch anything."""
    assert set(BROKEN) == set(BY_NAME)


@pytest.mark.parametrize(
    ("name", "harness"),
    [*BROKEN.items(), *ALSO],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_broken_connector_is_caught(name: str, harness: type[Harness]) -> None:
    """The law catches the connector that breaks it."""
    with pytest.raises(LawBroken):
        play(BY_NAME[name], harness)


class TestJudgedSample(ConformanceSuite):
    """What was broken above keeps every law when nothing is broken, and the specification too."""

    harness = JudgedSample
