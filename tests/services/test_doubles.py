"""The same company under another name is found, held for review, and a person's word counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.records import CrmRecord
from daemon.db.store import Store
from daemon.domain.matching import Verdict
from daemon.errors import ProspectdError
from daemon.sandbox.launch import SandboxOptions
from daemon.services.give_verdict import give_verdict
from daemon.services.mirror_crm import mirrored
from tests.support.rigs import Rig


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Rig:
    return Rig(store=store, folder=tmp_path, options=SandboxOptions(companies=5_000, crm=60))


def _found(rig: Rig) -> list[dict[str, Any]]:
    return rig.rows("companies", limit=500)


def _new_one(rig: Rig) -> dict[str, Any]:
    """A company that was new, whose key is a domain."""
    return next(
        one
        for one in sorted(_found(rig), key=lambda one: str(one["key"]))
        if one["decision"] == "new" and ":" not in one["key"]
    )


def _twin(rig: Rig, company: dict[str, Any]) -> str:
    """Give the CRM the same brand under another suffix."""
    twin = str(company["key"]).partition(".")[0] + ".group"
    rig.simulators.hubspot.create(name=company["name"], domain=twin)
    return twin


def test_a_double_in_the_crm_is_held_as_probable(rig: Rig) -> None:
    """The same brand under another suffix is no longer new."""
    rig.text += 'push = "off"\n'
    rig.once()
    company = _new_one(rig)
    _twin(rig, company)
    rig.clock.advance(timedelta(hours=2))
    rig.once(now=False)  # mirrors the twin
    with rig.store.transaction("test", now=rig.clock.now()) as unit:
        assert unit.results.match_again_companies([company["key"]]) == 1
    rig.once(now=False)
    (again,) = [one for one in _found(rig) if one["key"] == company["key"]]
    assert (again["decision"], again["rule"]) == ("probable", "same_brand")


def test_a_persons_word_beats_the_rules(rig: Rig) -> None:
    """Said to be different, the double is new; said to be the same, it is known."""
    rig.text += 'push = "off"\n'
    rig.once()
    company = _new_one(rig)
    twin = _twin(rig, company)
    rig.clock.advance(timedelta(hours=2))
    for verdict, decision in ((Verdict.DIFFERENT, "new"), (Verdict.SAME, "known_crm")):
        with rig.app() as app:
            give_verdict(app.context, verdict, twin, company["key"], actor="anna")
        rig.once(now=False)
        (again,) = [one for one in _found(rig) if one["key"] == company["key"]]
        assert again["decision"] == decision
    events = [row["actor"] for row in rig.rows("audit", event="verdict.given")]
    assert events == ["anna", "anna"]


def test_two_names_that_are_one_need_no_verdict(rig: Rig) -> None:
    """A verdict on a company and itself, or on no company, is refused."""
    with rig.app() as app:
        for one, other in (("acme.com", "https://www.acme.com/x"), ("acme.com", "n/a")):
            with pytest.raises(ProspectdError):
                give_verdict(app.context, Verdict.SAME, one, other, actor="anna")


def test_an_earlier_result_is_a_double_too(rig: Rig) -> None:
    """What is on its way to the CRM is found under another suffix before the mirror shows it."""
    rig.once()
    company = _new_one(rig)
    with rig.store.reading(now=rig.clock.now()) as unit:
        found = unit.documents.companies_with([f"d:{company['key']}"])
    assert [row.key for _, row in found] == [company["key"]]


def test_a_merged_record_counts_as_held_even_where_deleted_ones_do_not(rig: Rig) -> None:
    """Its company lives on in the record that it was merged into."""
    with rig.store.transaction("test", now=rig.clock.now()) as unit:
        records = [CrmRecord(record_id="1", name="Acme", websites=("acme.com",))]
        unit.mirror.save_page("crm", mirrored(records), now=unit.now)
        unit.mirror.tombstone("crm", ["1"], now=unit.now, into="2")
        (held,) = unit.mirror.holders(["crm"], ["acme.com"])["acme.com"]
    assert held.merged_into == "2"
