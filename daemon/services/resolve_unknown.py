"""After a doubt, read back; never send blindly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.faults import Fault
from connectors.sdk.outcomes import Resolution, ResolutionKind
from daemon.config.definitions import definition_from_json
from daemon.db.moves import NO_LEASE
from daemon.db.rows import PushRow, TaskRow
from daemon.db.store import Transaction
from daemon.domain.continuations import SHOWS_AFTER, has_gone_on
from daemon.domain.push_states import PushEvent, PushState
from daemon.domain.task_states import TaskEvent, TaskState
from daemon.errors import StaleTransition
from daemon.extruct.adoption import AdoptionPolicy, match_created_task
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskSnapshot
from daemon.requests import audit_form
from daemon.services.accept_task import accept
from daemon.services.context import ServiceContext
from daemon.services.continuations import word_of
from daemon.services.guards import Target
from daemon.services.pauses import EXTRUCT, is_paused, pause_vendor, release_vendor
from daemon.services.push_companies import item_of
from daemon.services.push_outcomes import PushOutcomes
from daemon.services.task_requests import request_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveResult:
    """How many were found to exist, proved absent, or must be asked for again later."""

    adopted: int = 0
    absent: int = 0
    waiting: int = 0
    fault: Fault | None = None


class ResolveTasks:
    """Looks for tasks whose create reply was lost in the vendor's list."""

    def __init__(
        self,
        context: ServiceContext,
        client: ExtructClient,
        *,
        settling: timedelta,
        adoption: AdoptionPolicy,
    ) -> None:
        self._context = context
        self._client = client
        self._settling = settling
        self._adoption = adoption

    def run_once(self) -> ResolveResult:
        """Settle every task in doubt that can be settled now."""
        now = self._context.now()  # the list is as old as this, however long it takes
        with self._context.store.reading(now=now) as unit:
            doubted = unit.tasks.ready([TaskState.IN_DOUBT], now=now, limit=50)
            if not doubted or is_paused(unit, EXTRUCT, now=now):
                return ResolveResult()
        try:
            listed = list(self._client.list_tasks())
        except Fault as fault:
            with self._context.store.transaction("resolve.fault", now=self._context.now()) as unit:
                pause_vendor(unit, self._context, EXTRUCT, fault)
            return ResolveResult(waiting=len(doubted), fault=fault)
        counts = Counter[str]()
        for task in doubted:
            with self._context.store.transaction("task.resolved", now=self._context.now()) as unit:
                counts[self._settle(unit, task, listed, asked_at=now)] += 1
        return ResolveResult(
            adopted=counts["adopted"], absent=counts["absent"], waiting=counts["waiting"]
        )

    def _settle(
        self,
        unit: Transaction,
        task: TaskRow,
        listed: Sequence[TaskSnapshot],
        *,
        asked_at: datetime,
    ) -> str:
        try:
            current = unit.tasks.get(task.id)
            if (current.state, current.attempts) != (task.state, task.attempts):
                return "waiting"
            return self._settle_one(unit, task, listed, asked_at)
        except StaleTransition:
            return "waiting"  # another replica was faster, and our list may be too old by now

    def _settle_one(
        self,
        unit: Transaction,
        task: TaskRow,
        listed: Sequence[TaskSnapshot],
        asked_at: datetime,
    ) -> str:
        sent_at = task.sent_at or task.created_at
        find = self._find_created if task.continues_id is None else _find_continued
        found = find(unit, task, listed)
        name = unit.searches.by_id(task.search_id).name
        if found is not None:
            accept(unit, task, found, TaskEvent.ADOPTED)
            return "adopted"
        settling = self._settling
        if task.continues_id is not None:
            settling = max(settling, SHOWS_AFTER)
        if asked_at - sent_at < settling:
            unit.tasks.set(task.id, next_attempt_at=sent_at + settling)
            return "waiting"
        unit.tasks.move(task, TaskEvent.PROVED_ABSENT, next_attempt_at=None, error="", **NO_LEASE)
        unit.audit.write("task.proved_absent", subject=name, task=task.id, listed=len(listed))
        return "absent"

    def _find_created(
        self, unit: Transaction, task: TaskRow, listed: Sequence[TaskSnapshot]
    ) -> TaskSnapshot | None:
        definition = definition_from_json(
            unit.searches.definition(task.search_id, task.search_version)
        )
        request = request_for(
            definition,
            task.segment,
            desired=task.desired,
            exclude_domains=unit.tasks.exclusions(task.id),
        )
        return match_created_task(
            request,
            task.sent_at or task.created_at,
            listed,
            known_ids=unit.tasks.known_extruct_ids(),
            policy=self._adoption,
        )


def _find_continued(
    unit: Transaction, task: TaskRow, listed: Sequence[TaskSnapshot]
) -> TaskSnapshot | None:
    """The vendor's task, if it is seen to have gone on."""
    del unit
    for snapshot in listed:
        if snapshot.id == task.extruct_id and has_gone_on(
            word_of(snapshot),
            results_before=task.results_before,
            desired_before=task.desired_before,
        ):
            return snapshot
    return None


@dataclass(slots=True)
class _Tally:
    adopted: int = 0
    absent: int = 0
    waiting: int = 0
    fault: Fault | None = field(default=None)


class ResolvePushes:
    """Reads back pushes of unknown outcome by the CRM's unique key."""

    def __init__(self, context: ServiceContext, target: Target, *, timeout: timedelta) -> None:
        self._context = context
        self._target = target
        self._timeout = timeout
        self._outcomes = PushOutcomes(context, target)

    def run_once(self) -> ResolveResult:
        """Settle every push of unknown outcome whose time has come."""
        tally = _Tally()
        while not self._context.stopping():
            doubted = self._doubted()
            if not doubted or not self._read_back(doubted, tally):
                break
        return ResolveResult(
            adopted=tally.adopted, absent=tally.absent, waiting=tally.waiting, fault=tally.fault
        )

    def _doubted(self) -> list[PushRow]:
        now = self._context.now()
        name = self._target.name
        with self._context.store.reading(now=now) as unit:
            if is_paused(unit, name, now=now):
                return []
            ready = unit.pushes.ready(name, PushState.UNKNOWN, now=now, limit=None)
        settled = [push for push in ready if self._is_settled(push)]
        return settled[: max(1, self._target.connector.capabilities.batch_size)]

    def _read_back(self, doubted: Sequence[PushRow], tally: _Tally) -> bool:
        """Ask the CRM; false when it does not answer."""
        with self._context.requests.collect() as requests:
            try:
                answers = self._target.connector.resolve([item_of(push) for push in doubted])
            except Fault as fault:
                now = self._context.now()
                with self._context.store.transaction("resolve.fault", now=now) as unit:
                    pause_vendor(unit, self._context, self._target.name, fault)
                tally.waiting += len(doubted)
                tally.fault = fault
                return False
        self._note(doubted, answers, audit_form(requests), tally)
        return True

    def _is_settled(self, push: PushRow) -> bool:
        """A CRM without a key can only be believed when the last moment of a late write is over."""
        capabilities = self._target.connector.capabilities
        if capabilities.uniqueness is not Uniqueness.NONE:
            return True
        sent_at = push.sent_at or push.created_at
        return self._context.now() >= sent_at + self._timeout + capabilities.settling

    def _note(
        self,
        doubted: Sequence[PushRow],
        answers: Sequence[Resolution],
        requests: list[dict[str, object]],
        tally: _Tally,
    ) -> None:
        with self._context.store.transaction("push.resolved", now=self._context.now()) as unit:
            release_vendor(unit, self._target.name)
            for push, answer in zip(doubted, answers, strict=True):
                current = unit.pushes.get(push.id)
                if current is None or (current.state, current.attempts) != (
                    push.state,
                    push.attempts,
                ):
                    continue
                try:
                    self._note_one(unit, push, answer, requests, tally)
                except StaleTransition:
                    continue  # another replica was faster: this answer may be too old by now

    def _note_one(
        self,
        unit: Transaction,
        push: PushRow,
        answer: Resolution,
        requests: list[dict[str, object]],
        tally: _Tally,
    ) -> None:
        if answer.kind is ResolutionKind.UNDETERMINED:
            pause = max(timedelta(seconds=5), self._target.connector.capabilities.settling)
            unit.pushes.set(push.id, next_attempt_at=unit.now + pause, reason=answer.reason)
            tally.waiting += 1
            return
        if answer.kind is ResolutionKind.FOUND:
            self._outcomes.adopt(unit, push, answer.record_id or "", requests)
            tally.adopted += 1
            return
        unit.pushes.move(push, PushEvent.PROVED_ABSENT, next_attempt_at=None, reason="")
        unit.audit.write(
            "push.proved_absent",
            subject=push.company_key,
            push=push.id,
            connector=push.connector,
            requests=requests,
        )
        tally.absent += 1
