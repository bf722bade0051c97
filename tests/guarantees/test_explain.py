"""One company's story: who found it, what was decided, where it went, and by which requests."""

from datetime import timedelta

import pytest

from daemon.domain.exclusions import Exclusion, ExclusionReason
from daemon.domain.searches import PushMode, WithoutDomain
from daemon.services.explain import Explanation, explain_company
from tests.guarantees.stage import Stage


def explain(stage: Stage, company: str) -> Explanation:
    """What the store tells of a company."""
    with stage.store.reading(now=stage.clock.now()) as unit:
        return explain_company(unit, company)


def test_a_pushed_company_is_explained_from_search_to_request(stage: Stage) -> None:
    """Search, task, scores, rule, record and the requests that carried it are all named."""
    row = stage.row("https://acme.com", relevance=83, scores={"fit": {"grade": 5}})
    task = stage.run(stage.search("freight", min_relevance=50), rows=[row])
    stage.deliver()
    told = explain(stage, "acme.com")
    (found,) = told.found
    assert (found["search"], found["task"], found["relevance"]) == ("freight", task, 83)
    assert found["scores"] == {"fit": 5}
    assert [(one["decision"], one["rule"]) for one in told.decided] == [("new", "nothing_alike")]
    (push,) = told.pushed
    (ours,) = stage.live()
    assert (push["state"], push["record_id"]) == ("created", ours)
    assert [record["record_id"] for record in told.crm] == [ours]
    created = next(row for row in told.history if row["event"] == "push.created")
    assert [one["path"] for one in created["requests"]] == ["create"]


@pytest.mark.parametrize(
    "spelling",
    [
        "acme.com",
        "https://www.ACME.com/about?x=1",
        " http://shop.acme.com ",
        "info@acme.com",
        "ACME.COM.",
    ],
)
def test_any_spelling_of_the_website_will_do(stage: Stage, spelling: str) -> None:
    """However somebody writes the address, it is the same company."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    told = explain(stage, spelling)
    assert told.key == "acme.com"
    assert len(told.pushed) == 1


def test_an_exclusion_is_explained_with_its_reason_and_rank(stage: Stage) -> None:
    """A domain that was never found is known by the tasks that were told to leave it out."""
    task = stage.run(stage.search(), "https://other.com")
    entry = Exclusion(domain="acme.com", rank=7, reason=ExclusionReason.ALIKE, score=0.4)
    with stage.store.transaction("test", now=stage.clock.now()) as unit:
        unit.tasks.save_exclusions(task, [entry])
        unit.tasks.drop_exclusions(task, ["bad.com"], reason="no such domain", now=unit.now)
    told = explain(stage, "acme.com")
    assert [(one["task"], one["rank"], one["reason"]) for one in told.excluded] == [
        (task, 7, "alike")
    ]
    assert not told.is_empty
    assert explain(stage, "bad.com").refused_as_exclusion == "no such domain"


def test_what_was_held_and_why_is_told(stage: Stage) -> None:
    """A company in review says so, with the reason's name."""
    stage.run(stage.search(push=PushMode.REVIEW), "https://acme.com")
    stage.deliver()
    (push,) = explain(stage, "acme.com").pushed
    assert (push["state"], push["hold_reason"]) == ("held", "review")


def test_a_company_without_a_domain_is_found_by_its_key(stage: Stage) -> None:
    """What has no website of its own is asked for by the key that every listing shows."""
    stage.run(
        stage.search(without_domain=WithoutDomain.PUSH), "https://www.linkedin.com/company/acme"
    )
    stage.deliver()
    (key,) = stage.pushes()
    assert key.startswith("profile:")
    assert explain(stage, key).pushed
    assert explain(stage, "linkedin.com/company/acme").pushed


def test_a_second_record_is_part_of_the_story(stage: Stage) -> None:
    """What reconciliation found, and what became of it, is told too."""
    stage.run(stage.search(), "https://acme.com")
    stage.deliver()
    stage.person_adds("Acme", "acme.com")
    stage.clock.advance(timedelta(minutes=3))
    stage.reconcile()
    told = explain(stage, "acme.com")
    assert [pair["state"] for pair in told.pairs] == ["merged"]
    assert len(told.crm) == 2
    assert {"duplicate.found", "duplicate.merged"} <= {row["event"] for row in told.history}


def test_nothing_known_is_said_to_be_nothing(stage: Stage) -> None:
    """A company that nobody ever met has an empty story."""
    assert explain(stage, "never-heard-of.com").is_empty
