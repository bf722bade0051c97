import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.ahead import in_turn, read_ahead
from daemon.db import schema
from daemon.db.engine import open_engine
from daemon.db.store import Store
from daemon.sandbox.launch import SandboxOptions
from tests.support.clocks import VirtualClock
from tests.support.rigs import Rig


@pytest.mark.parametrize("ahead", [in_turn, read_ahead])
def test_pages_come_whole_and_in_order(ahead: object) -> None:
    """Whoever reads sees each page once, in its place."""
    assert callable(ahead)
    assert list(ahead(iter(range(200)))) == list(range(200))


def test_what_a_page_raises_is_raised_in_its_turn() -> None:
    """The pages before a failure are given first, then the failure itself."""

    def pages() -> Iterator[int]:
        yield 1
        yield 2
        raise ConnectionError("away")

    seen: list[int] = []
    with pytest.raises(ConnectionError, match="away"):
        seen.extend(read_ahead(pages()))
    assert seen == [1, 2]


def test_closing_ends_the_thread_and_the_listing() -> None:
    """Whoever stops half-way leaves neither a thread nor an open listing behind."""
    closed = threading.Event()

    def pages() -> Iterator[int]:
        try:
            yield from range(1_000_000)
        finally:
            closed.set()

    reading = read_ahead(pages())
    assert next(reading) == 0
    reading.close()  # type: ignore[attr-defined]
    assert closed.is_set()
    assert "read-ahead" not in {thread.name for thread in threading.enumerate()}


def test_only_what_can_be_read_again_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """A page of a listing is written with NORMAL; the next intent waits with FULL again."""
    store = Store(open_engine(f"sqlite:///{tmp_path / 'store.db'}"))
    schema.upgrade(store.engine)
    now = VirtualClock().now()
    levels = []
    for repeatable in (False, True, False):
        with store.transaction("x", now=now, repeatable=repeatable) as unit:
            levels.append(unit.connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    store.close()
    assert levels == [2, 1, 2]


def test_a_pass_ends_where_a_connector_is_gone(store: Store, tmp_path: Path) -> None:
    """Companies that wait for a connector which is configured no more are told, not waited for."""
    rig = Rig(store, tmp_path, SandboxOptions(seed=11, companies=200, crm=50, known_share=0.2))
    rig.text = rig.text.replace('push_to = ["crm"]', 'push_to = ["crm"]\npush = "review"')
    rig.until_quiet()
    with rig.app() as app, store.transaction("test", now=rig.clock.now()) as unit:
        held = [row["id"] for row in unit.listings.pushes(limit=10)]
        assert held
        unit.connection.exec_driver_sql("UPDATE pushes SET state = 'pending', connector = 'gone'")
        assert app.targets.keys() == {"crm"}
    result = rig.once(now=False)
    assert [problem for problem in result.problems if "wait for gone" in problem]
