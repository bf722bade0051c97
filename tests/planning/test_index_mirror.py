"""The index of known companies keeps up with the mirror."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from connectors.sdk.records import CrmRecord
from daemon.db.copying import throwaway_copy
from daemon.db.store import Store
from daemon.domain.query_terms import Term
from daemon.services.context import ServiceContext
from daemon.services.index_mirror import index_mirror
from daemon.services.mirror_crm import mirrored
from tests.support.clocks import VirtualClock


def _context(store: Store, clock: VirtualClock) -> ServiceContext:
    return ServiceContext(store=store, clock=clock, random=Random(1), owner="test")


def _save(store: Store, clock: VirtualClock, records: Sequence[CrmRecord]) -> None:
    with store.transaction("test", now=clock.now()) as unit:
        unit.mirror.save_page("crm", mirrored(records), now=clock.now())


def _record(number: int, text: str, name: str = "") -> CrmRecord:
    return CrmRecord(
        record_id=str(number),
        name=name or f"Firm {number}",
        websites=(f"firm{number}.com",),
        description=text or None,
    )


def _ranked(store: Store, clock: VirtualClock, *words: str) -> list[str]:
    terms = [Term(word=word, weight=1.0) for word in words]
    with store.reading(now=clock.now()) as unit:
        ids = [found for found, _ in unit.documents.likeness.rank(terms, limit=50)]
        rows = unit.documents.records_with(["crm"], [f"d:firm{n}.com" for n in range(1, 30)])
        names = {record.record_id: record for _, record in rows}
        order = {
            row.id: row.record_id
            for row in unit.connection.exec_driver_sql("SELECT id, record_id FROM crm_records")
        }
    assert set(order.values()) == set(names)
    return [order[found] for found in ids]


def test_the_record_that_says_most_of_the_query_comes_first(
    store: Store, clock: VirtualClock
) -> None:
    """Rarer and more of the words put a record first; one without any is not found."""
    _save(
        store,
        clock,
        [
            _record(1, "software for bakeries"),
            _record(2, "software for freight forwarders"),
            _record(3, "a bakery"),
        ],
    )
    assert index_mirror(_context(store, clock)).records == 3
    assert _ranked(store, clock, "freight", "software") == ["2", "1"]


def test_words_are_found_in_their_other_forms(store: Store, clock: VirtualClock) -> None:
    """A query in the plural finds a record in the singular."""
    _save(store, clock, [_record(1, "robot for a warehouse"), _record(2, "flowers")])
    index_mirror(_context(store, clock))
    assert _ranked(store, clock, "robots", "warehouses") == ["1"]


def test_a_changed_record_is_found_by_its_new_text_only(store: Store, clock: VirtualClock) -> None:
    """The old text and the old keys are gone from the index."""
    context = _context(store, clock)
    _save(store, clock, [_record(1, "freight", name="Old Name"), _record(2, "freight")])
    index_mirror(context)
    clock.advance(timedelta(hours=1))
    _save(store, clock, [_record(1, "bakery", name="New Title")])
    assert index_mirror(context).records == 1
    assert _ranked(store, clock, "freight") == ["2"]
    assert _ranked(store, clock, "bakery") == ["1"]
    with store.reading(now=clock.now()) as unit:
        assert not list(unit.documents.records_with(["crm"], ["n:adelmno"]))
        assert list(unit.documents.records_with(["crm"], ["n:eeilnttw"]))


def test_nothing_is_indexed_twice_and_nothing_is_missed(store: Store, clock: VirtualClock) -> None:
    """Batches smaller than a page of equal moments read every record once."""
    context = _context(store, clock)
    _save(store, clock, [_record(number, "freight") for number in range(1, 24)])
    assert index_mirror(context, batch=5).records == 23
    assert index_mirror(context, batch=5).records == 0
    assert len(_ranked(store, clock, "freight")) == 23


def test_a_page_that_was_committed_late_is_not_missed(store: Store, clock: VirtualClock) -> None:
    """A record whose moment lies before the watermark is indexed all the same."""
    context = _context(store, clock)
    early = VirtualClock(clock.now() - timedelta(seconds=30))
    _save(store, clock, [_record(1, "freight")])
    index_mirror(context)
    _save(store, early, [_record(2, "freight")])
    assert index_mirror(context).records == 1
    assert sorted(_ranked(store, clock, "freight")) == ["1", "2"]


def test_an_empty_mirror_counts_as_read(store: Store, clock: VirtualClock) -> None:
    """Where there is nothing to read, the index is up to date."""
    index_mirror(_context(store, clock))
    with store.reading(now=clock.now()) as unit:
        assert unit.documents.watermark("documents:crm").caught_up_at == clock.now()


def test_a_dry_runs_copy_has_the_index_too(store: Store, clock: VirtualClock) -> None:
    """The throw-away copy finds what the original finds."""
    _save(store, clock, [_record(1, "freight"), _record(2, "bakery")])
    index_mirror(_context(store, clock))
    with throwaway_copy(store.engine) as copy:
        assert _ranked(copy, clock, "freight") == ["1"]
