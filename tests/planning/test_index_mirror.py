"""The index of known companies keeps up with the mirror."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from connectors.sdk.records import CrmRecord
from daemon.db.copying import throwaway_copy
from daemon.db.results import FoundRow
from daemon.db.store import Store
from daemon.domain.blocking import blocking_keys_of_record
from daemon.domain.identities import identify
from daemon.domain.query_terms import Term
from daemon.domain.task_states import TaskState
from daemon.extruct.payloads import ResultRow
from daemon.extruct.reading import parse_row
from daemon.services.context import ServiceContext
from daemon.services.index_mirror import index_mirror, is_indexed, records_mark
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
        assert is_indexed(unit)
        assert unit.documents.watermark(records_mark()).caught_up_at == clock.now()


def test_a_dry_runs_copy_has_the_index_too(store: Store, clock: VirtualClock) -> None:
    """The throw-away copy finds what the original finds."""
    _save(store, clock, [_record(1, "freight"), _record(2, "bakery")])
    index_mirror(_context(store, clock))
    with throwaway_copy(store.engine) as copy:
        assert _ranked(copy, clock, "freight") == ["1"]


class _Upgrade:
    """Another program on the same store: its rules make one key more of each name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def to(self, version: str) -> None:
        """From now on this version runs."""

        def keys(
            name: str,
            domain_keys: Sequence[str],
            profile_id: str | None,
            country: str | None,
            city: str | None,
        ) -> tuple[str, ...]:
            usual = blocking_keys_of_record(name, domain_keys, profile_id, country, city)
            return (*usual, f"x:{version}:{name}")

        for name, changed in (
            ("daemon.domain.documents.blocking_keys_of_record", keys),
            ("daemon.domain.documents.rules_version", lambda: version),
            ("daemon.services.index_mirror.rules_version", lambda: version),
        ):
            self._monkeypatch.setattr(name, changed)


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> _Upgrade:
    """What changes the rules."""
    return _Upgrade(monkeypatch)


def _held(store: Store, clock: VirtualClock, key: str) -> int:
    with store.reading(now=clock.now()) as unit:
        return len(list(unit.documents.records_with(["crm"], [key])))


def _is_indexed(store: Store, clock: VirtualClock) -> bool:
    with store.reading(now=clock.now()) as unit:
        return is_indexed(unit)


def test_other_rules_make_all_keys_anew(
    store: Store, clock: VirtualClock, upgrade: _Upgrade
) -> None:
    """After an upgrade nothing is trusted until all records have the new keys, and only these."""
    context = _context(store, clock)
    _save(store, clock, [_record(number, "freight") for number in range(1, 8)])
    upgrade.to("aaaaaaaa")
    index_mirror(context)
    assert _is_indexed(store, clock)
    upgrade.to("bbbbbbbb")
    assert not _is_indexed(store, clock)
    assert index_mirror(context, batch=3).records == 7
    assert _is_indexed(store, clock)
    assert [_held(store, clock, f"x:{old}:Firm 4") for old in ("aaaaaaaa", "bbbbbbbb")] == [0, 1]
    assert len(_ranked(store, clock, "freight")) == 7
    assert index_mirror(context).records == 0


def test_a_rebuilding_that_was_cut_short_goes_on(
    store: Store, clock: VirtualClock, upgrade: _Upgrade
) -> None:
    """What was rebuilt before the process ended is not rebuilt again, and half is not trusted."""
    context = _context(store, clock)
    for number in range(1, 8):
        _save(store, clock, [_record(number, "freight")])
        clock.advance(timedelta(hours=1))
    upgrade.to("aaaaaaaa")
    index_mirror(context)
    upgrade.to("bbbbbbbb")
    looks = iter([False, True])
    stopped = replace(context, stopping=lambda: next(looks, True))
    assert index_mirror(stopped, batch=3).records == 3
    assert not _is_indexed(store, clock)
    assert index_mirror(context, batch=3).records == 4
    assert _is_indexed(store, clock)
    assert all(_held(store, clock, f"x:bbbbbbbb:Firm {number}") for number in range(1, 8))


def test_going_back_to_the_older_program_is_a_change_too(
    store: Store, clock: VirtualClock, upgrade: _Upgrade
) -> None:
    """The older program does not trust what it had indexed before the newer one came."""
    context = _context(store, clock)
    _save(store, clock, [_record(1, "freight")])
    for version in ("aaaaaaaa", "bbbbbbbb", "aaaaaaaa"):
        upgrade.to(version)
        assert not _is_indexed(store, clock)
        assert index_mirror(context).records == 1
        assert _is_indexed(store, clock)
        assert _held(store, clock, f"x:{version}:Firm 1") == 1


def _find(store: Store, clock: VirtualClock, number: int) -> None:
    raw = {
        "id": f"row-{number}",
        "company_name": f"Found {number}",
        "company_website": f"https://found{number}.com",
        "company_description": "bakery",
        "relevance": 90,
        "scores": {},
    }
    parsed = parse_row(raw)
    assert isinstance(parsed, ResultRow)
    row = FoundRow(
        found=parsed.company,
        identity=identify(parsed.company),
        raw=raw,
        fingerprint=str(number),
    )
    with store.transaction("test", now=clock.now()) as unit:
        search_id = unit.searches.add(f"s{number}", {}, f"s{number}", now=clock.now())
        task_id = unit.tasks.add(
            search_id=search_id,
            search_version=1,
            state=TaskState.DONE,
            request={},
            desired=1,
            counters={},
            created_at=clock.now(),
        )
        unit.results.save_page(task_id, [row], now=clock.now())


def test_found_companies_get_the_new_keys_too(
    store: Store, clock: VirtualClock, upgrade: _Upgrade
) -> None:
    """What earlier results brought is found by the present rules as well."""
    context = _context(store, clock)
    for number in range(1, 6):
        _find(store, clock, number)
    upgrade.to("aaaaaaaa")
    assert index_mirror(context, batch=2).companies == 5
    upgrade.to("bbbbbbbb")
    assert not _is_indexed(store, clock)
    assert index_mirror(context, batch=2).companies == 5
    assert index_mirror(context, batch=2).companies == 0
    assert _is_indexed(store, clock)
    with store.reading(now=clock.now()) as unit:
        found = unit.documents.companies_with([f"x:bbbbbbbb:Found {n}" for n in range(1, 6)])
        assert len(found) == 5
        assert not unit.documents.companies_with(["x:aaaaaaaa:Found 1"])
