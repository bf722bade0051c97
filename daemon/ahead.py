"""Reading ahead: the next page is fetched while the last one is written."""

import contextvars
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Full, Queue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_LOOK = 0.1
"""Seconds after which a thread that cannot hand its page on looks whether it is still wanted."""


def in_turn(pages: Iterator[T]) -> Iterator[T]:
    """One page after the other, in this thread: what can be replayed."""
    return pages


def read_ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages, fetched by a thread of its own that is at most two ahead.

    What the pages raise is raised here, in its turn. Closing this ends the thread; a page that it
    is just fetching is thrown away.
    """
    reader = _Reader(pages)
    reader.start()
    try:
        while (item := reader.ready.get()) is not None:
            if item.error is not None:
                raise item.error
            yield from item.pages
    finally:
        reader.stop()


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    """A page, or what was raised in place of one."""

    pages: tuple[T, ...] = ()
    error: BaseException | None = None


class _Reader(threading.Thread, Generic[T]):
    """Fetches pages into a queue until there are no more, or nobody wants them; None ends it."""

    def __init__(self, pages: Iterator[T]) -> None:
        super().__init__(name="read-ahead", daemon=True)
        self.ready: Queue[_Item[T] | None] = Queue(maxsize=1)
        self._pages = pages
        self._unwanted = threading.Event()
        self._surroundings = contextvars.copy_context()

    def run(self) -> None:
        """Fetch; called by the thread."""
        self._surroundings.run(self._fetch)

    def stop(self) -> None:
        """Want no more, and wait for the thread."""
        self._unwanted.set()
        self.join()

    def _fetch(self) -> None:
        try:
            for page in self._pages:
                if not self._hand_on(_Item((page,))):
                    break
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are read
            self._hand_on(_Item(error=error))
        finally:
            close: Any = getattr(self._pages, "close", None)
            if close is not None:
                close()
        self._hand_on(None)

    def _hand_on(self, item: _Item[T] | None) -> bool:
        while not self._unwanted.is_set():
            try:
                self.ready.put(item, timeout=_LOOK)
            except Full:
                continue
            return True
        return False
