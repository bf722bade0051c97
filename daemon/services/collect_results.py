"""Read what running tasks have found, on the fly; then everything again until nothing is new."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from connectors.sdk.faults import Fault, Permanent
from daemon.db.results import FoundRow, StoredPage
from daemon.db.rows import TaskRow
from daemon.db.store import Transaction
from daemon.domain.continuations import has_ended_again
from daemon.domain.identities import identify
from daemon.domain.task_states import TaskEvent, TaskState
from daemon.errors import StaleTransition
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import ResultRow, ResultsPage, TaskSnapshot
from daemon.services.context import ServiceContext
from daemon.services.continuations import word_of
from daemon.services.credits import fetch_credits
from daemon.services.pauses import EXTRUCT, is_paused, pause_vendor, release_vendor

PASSES = 5
"""So many readings of an ended task in one run; the rest goes on at the next poll."""
YOUNG = timedelta(minutes=5)
"""A task that the vendor does not know is asked for again for so long after its creation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectResult:
    """What one run did, over all tasks."""

    polled: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0
    fault: Fault | None = None


class CollectResults:
    """Polls every running task."""

    def __init__(
        self,
        context: ServiceContext,
        client: ExtructClient,
        *,
        poll_every: timedelta,
        page_size: int = 50,
    ) -> None:
        self._context = context
        self._client = client
        self._poll_every = poll_every
        self._page_size = page_size
        self._result = CollectResult()

    def run_once(self) -> CollectResult:
        """Poll each task whose time has come; a fault of the vendor ends the run."""
        self._result = CollectResult()
        for task in self._claim():
            if self._context.stopping():
                self._release(task)
                continue
            try:
                self._collect(task)
            except Fault as fault:
                self._note(task, fault)
            except StaleTransition:
                continue  # another replica has the task now
        return self._result

    def _claim(self) -> list[TaskRow]:
        now = self._context.now()
        with self._context.store.transaction("task.claimed", now=now) as unit:
            if is_paused(unit, EXTRUCT, now=now):
                return []
            states = [TaskState.RUNNING, TaskState.DRAINING]
            until = self._context.lease_end()
            return [
                unit.tasks.take(task, owner=self._context.owner, until=until)
                for task in unit.tasks.ready(states, now=now, limit=20)
            ]

    def _collect(self, task: TaskRow) -> None:
        snapshot = self._client.get_task(task.extruct_id or "")
        counters = dict(zip(_COUNTERS, snapshot.counters, strict=True))
        if self._has_ended(task, snapshot):
            task = self._begin_draining(task, snapshot)
            self._drain(task, snapshot, counters)
        elif counters != dict(task.counters):
            self._read_all(task)
            self._rest(task, snapshot, counters)
        else:
            self._rest(task, snapshot, counters)
        self._result = replace(self._result, polled=self._result.polled + 1)

    def _has_ended(self, task: TaskRow, snapshot: TaskSnapshot) -> bool:
        if task.continues_id is None or task.state is TaskState.DRAINING:
            return snapshot.is_terminal
        since = self._context.now() - (task.started_at or task.created_at)
        return has_ended_again(word_of(snapshot), results_before=task.results_before, since=since)

    def _begin_draining(self, task: TaskRow, snapshot: TaskSnapshot) -> TaskRow:
        if task.state is TaskState.DRAINING:
            return task
        with self._context.store.transaction("task.ended", now=self._context.now()) as unit:
            state = unit.tasks.move(task, TaskEvent.ENDED, vendor_status=snapshot.status)
            unit.audit.write(
                "task.ended",
                subject=_search(unit, task),
                task=task.id,
                extruct_id=task.extruct_id,
                status=snapshot.status,
                exhausted=snapshot.is_exhausted,
                results=snapshot.results,
            )
        return replace(task, state=state, vendor_status=snapshot.status)

    def _drain(self, task: TaskRow, snapshot: TaskSnapshot, counters: dict[str, int]) -> None:
        """Rows shift while they are read: only a pass without news shows that none is missed."""
        for _ in range(PASSES):
            if not self._read_all(task):
                self._finish(task, snapshot, counters)
                return
        self._rest(task, snapshot, counters)

    def _read_all(self, task: TaskRow) -> bool:
        """Store every visible row; whether there was anything new or changed."""
        news = False
        for page in self._pages(task):
            now = self._context.now()
            with self._context.store.transaction("result.page", now=now) as unit:
                stored = unit.results.save_page(
                    task.id, [_found(row) for row in page.rows], now=now
                )
                self._say(unit, task, page, stored)
                unit.tasks.set(task.id, lease_until=self._context.lease_end())
            news = news or bool(stored.new or stored.changed)
            self._result = replace(
                self._result,
                new=self._result.new + len(stored.new),
                changed=self._result.changed + len(stored.changed),
            )
        return news

    def _pages(self, task: TaskRow) -> Iterator[ResultsPage]:
        offset = 0
        while True:  # ends: a page without rows comes at the latest behind the last row
            page = self._client.results_page(task.extruct_id or "", offset, self._page_size)
            if page.received == 0:
                return
            yield page
            offset += page.received

    def _say(self, unit: Transaction, task: TaskRow, page: ResultsPage, stored: StoredPage) -> None:
        search = _search(unit, task)
        by_id = {row.company.result_id: row for row in page.rows}
        for event, names in (("result.stored", stored.new), ("result.changed", stored.changed)):
            for name in names:
                unit.audit.write(
                    event,
                    subject=identify(by_id[name].company).key,
                    search=search,
                    task=task.id,
                    result=name,
                    relevance=by_id[name].company.relevance,
                )
        for bad in page.malformed:
            unit.audit.write("result.unreadable", subject=search, task=task.id, reason=bad.reason)

    def _rest(self, task: TaskRow, snapshot: TaskSnapshot, counters: dict[str, int]) -> None:
        now = self._context.now()
        with self._context.store.transaction("task.polled", now=now) as unit:
            unit.tasks.release(
                task.id,
                owner=self._context.owner,
                counters=counters,
                vendor_status=snapshot.status,
                is_exhausted=snapshot.is_exhausted,
                next_attempt_at=now + self._poll_every,
                error="",
            )
            release_vendor(unit, EXTRUCT)

    def _finish(self, task: TaskRow, snapshot: TaskSnapshot, counters: dict[str, int]) -> None:
        failed = snapshot.status == "failed"
        event = TaskEvent.DRAINED_FAILED if failed else TaskEvent.DRAINED
        credits_after = fetch_credits(self._client)
        now = self._context.now()
        with self._context.store.transaction("task.finished", now=now) as unit:
            unit.tasks.move(
                task,
                event,
                counters=counters,
                is_exhausted=snapshot.is_exhausted,
                ended_at=now,
                credits_after=credits_after,
                lease_owner=None,
                lease_until=None,
                error="the vendor says that the task failed, without a reason" if failed else "",
            )
            unit.results.match_again(task.id)
            unit.audit.write(
                "task.failed" if failed else "task.done",
                subject=_search(unit, task),
                task=task.id,
                extruct_id=task.extruct_id,
                results=snapshot.results,
                exhausted=snapshot.is_exhausted,
            )
            release_vendor(unit, EXTRUCT)
        self._result = replace(self._result, ended=self._result.ended + 1)

    def _note(self, task: TaskRow, fault: Fault) -> None:
        """A task that the vendor no longer knows has failed; any other fault pauses the vendor."""
        now = self._context.now()
        with self._context.store.transaction("task.fault", now=now) as unit:
            if isinstance(fault, Permanent) and self._is_gone(task, fault):
                unit.tasks.move(
                    unit.tasks.get(task.id),
                    TaskEvent.VANISHED,
                    error=fault.message,
                    ended_at=now,
                    lease_owner=None,
                    lease_until=None,
                )
                unit.results.match_again(task.id)
                unit.audit.write(
                    "task.vanished",
                    subject=_search(unit, task),
                    task=task.id,
                    reason=fault.message,
                )
            else:
                until = pause_vendor(unit, self._context, EXTRUCT, fault)
                unit.tasks.release(
                    task.id, owner=self._context.owner, next_attempt_at=until, error=fault.message
                )
        self._result = replace(self._result, fault=fault)

    def _is_gone(self, task: TaskRow, fault: Permanent) -> bool:
        """A 404 soon after the creation may only mean that the vendor has not caught up."""
        known_since = task.started_at or task.created_at
        return fault.code == "task_missing" and self._context.now() - known_since > YOUNG

    def _release(self, task: TaskRow) -> None:
        with self._context.store.transaction("task.released", now=self._context.now()) as unit:
            unit.tasks.release(task.id, owner=self._context.owner)


_COUNTERS = ("discovered", "enriched", "evaluated", "results")


def _found(row: ResultRow) -> FoundRow:
    raw = dict(row.raw)
    mark = hashlib.blake2b(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS), digest_size=12)
    return FoundRow(
        found=row.company,
        identity=identify(row.company),
        raw=raw,
        fingerprint=mark.hexdigest(),
    )


def _search(unit: Transaction, task: TaskRow) -> str:
    return unit.searches.by_id(task.search_id).name
