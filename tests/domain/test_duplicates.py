"""Which record of a pair survives, and when no person is needed for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.duplicates import (
    MergePolicy,
    MergeRule,
    RecordFacts,
    SentFacts,
    is_untouched,
    propose_merge,
)

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SENT = SentFacts(
    key="acme.com", name="Acme", domain="acme.com", sent_at=NOW, texts={"city": "Kiel"}
)
OURS = RecordFacts(
    record_id="1",
    name="Acme",
    domains=("acme.com",),
    key="acme.com",
    created_at=NOW + timedelta(seconds=1),
    modified_at=NOW + timedelta(seconds=2),
    texts={"city": "Kiel"},
)
THEIRS = replace(OURS, record_id="2", key=None, texts={"city": "Hamburg"})
POLICY = MergePolicy(can_merge=True)
MOMENTS = st.none() | st.integers(-10_000, 10_000).map(lambda span: NOW + timedelta(seconds=span))
RECORDS = st.builds(
    RecordFacts,
    record_id=st.just("x"),
    name=st.sampled_from(["Acme", "ACME GmbH", "Globex", ""]),
    domains=st.sampled_from([(), ("acme.com",), ("acme.com", "other.com")]),
    key=st.sampled_from([None, "acme.com", "other.com"]),
    created_at=MOMENTS,
    modified_at=MOMENTS,
    texts=st.sampled_from([{}, {"city": "Kiel"}, {"city": "Bremen"}, {"city": None}]),
)


def test_our_untouched_record_goes() -> None:
    """The plain case: as sent, at once, of one name."""
    proposal = propose_merge(OURS, THEIRS, SENT, POLICY)
    assert (proposal.survivor_id, proposal.lost_id) == ("2", "1")
    assert proposal.is_automatic


def test_the_younger_of_two_of_our_own_goes() -> None:
    """Both as we sent them: the first one stays, whichever way round they are told."""
    twin = replace(
        OURS,
        record_id="3",
        created_at=NOW + timedelta(seconds=9),
        modified_at=NOW + timedelta(seconds=9),
    )
    for pair in ((OURS, twin), (twin, OURS)):
        assert propose_merge(*pair, SENT, POLICY).lost_id == "3"


def test_where_nothing_may_go_by_itself_the_younger_is_proposed() -> None:
    """A person gets a proposal all the same."""
    touched = replace(OURS, name="Acme (customer)")
    later = replace(THEIRS, created_at=NOW + timedelta(days=3))
    proposal = propose_merge(touched, later, SENT, POLICY)
    assert (proposal.lost_id, proposal.rule) == ("2", MergeRule.NOT_OURS_ALONE)


@given(RECORDS, RECORDS, st.booleans())
def test_only_our_own_untouched_record_ever_goes_by_itself(
    one: RecordFacts, other: RecordFacts, can_merge: bool
) -> None:
    """Whatever the two records are: an automatic merge loses ours, with our key, as sent."""
    one, other = replace(one, record_id="1"), replace(other, record_id="2")
    policy = MergePolicy(can_merge=can_merge)
    proposal = propose_merge(one, other, SENT, policy)
    assert {proposal.survivor_id, proposal.lost_id} == {"1", "2"}
    if proposal.is_automatic:
        lost, kept = (one, other) if proposal.lost_id == "1" else (other, one)
        assert can_merge
        assert lost.key == SENT.key
        assert lost.name == SENT.name
        assert lost.texts.get("city") in {None, "Kiel"}
        assert lost.created_at is not None
        assert lost.modified_at is not None
        assert abs(lost.modified_at - lost.created_at) <= policy.at_once
        assert kept.created_at is not None
        assert kept.created_at <= lost.created_at + policy.race


@given(RECORDS)
def test_a_record_without_its_times_counts_as_touched(record: RecordFacts) -> None:
    """A CRM that tells no time of a change gives no ground to merge anything."""
    assert not is_untouched(replace(record, modified_at=None), SENT, POLICY)
    assert not is_untouched(replace(record, created_at=None), SENT, POLICY)
