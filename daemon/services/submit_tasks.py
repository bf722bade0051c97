"""Send planned tasks to the vendor: the intent first, and a lost reply is never repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus

from connectors.sdk.faults import Ambiguous, Fault, Permanent
from connectors.sdk.protocol import Exchange
from daemon.config.definitions import definition_from_json
from daemon.db.moves import NO_LEASE, lease
from daemon.db.rows import TaskRow
from daemon.db.store import Transaction
from daemon.domain.guards import Blocked
from daemon.domain.pauses import Remedy
from daemon.domain.suffixes import Section, owner_of
from daemon.domain.task_states import TaskEvent, TaskState
from daemon.errors import StaleTransition
from daemon.extruct.client import ExtructClient
from daemon.extruct.payloads import TaskRequest, TaskSnapshot
from daemon.extruct.refusals import InvalidRequest, find_refused_exclusions
from daemon.requests import audit_form
from daemon.services.accept_task import accept
from daemon.services.context import ServiceContext
from daemon.services.credits import fetch_credits
from daemon.services.guards import Targets, check_mirrors
from daemon.services.pauses import (
    EXTRUCT,
    EXTRUCT_STARTS,
    is_paused,
    pause_vendor,
    release_vendor,
    remedy_of,
)
from daemon.services.task_requests import request_for

HELD_BY_GUARD = timedelta(seconds=15)
"""How soon a planned task looks again whether the mirrors may be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResult:
    """Ids of tasks that now run, may run, go back to wait, or can never run."""

    started: tuple[int, ...] = ()
    in_doubt: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()


@dataclass(slots=True)
class _Tally:
    started: list[int] = field(default_factory=list)
    in_doubt: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


class SubmitTasks:
    """Sends what is planned, one task after the other."""

    def __init__(
        self, context: ServiceContext, client: ExtructClient, targets: Callable[[], Targets]
    ) -> None:
        self._context = context
        self._client = client
        self._targets = targets

    def run_once(self) -> SubmitResult:
        """Send every planned task whose time has come."""
        tally = _Tally()
        while not self._context.stopping():
            claimed = self._claim(tally)
            if claimed is None:
                break
            self._send(*claimed, tally)
        return SubmitResult(
            started=tuple(tally.started),
            in_doubt=tuple(tally.in_doubt),
            waiting=tuple(tally.waiting),
            failed=tuple(tally.failed),
        )

    def _claim(self, tally: _Tally) -> tuple[TaskRow, TaskRequest] | None:
        """Commit that one task is about to be sent; None when there is none to send."""
        now = self._context.now()
        with self._context.store.transaction("task.submitting", now=now) as unit:
            if any(is_paused(unit, name, now=now) for name in (EXTRUCT, EXTRUCT_STARTS)):
                return None
            for task in unit.tasks.ready([TaskState.PLANNED], now=now, limit=10):
                version = unit.searches.definition(task.search_id, task.search_version)
                definition = definition_from_json(version)
                blocked = check_mirrors(unit, self._targets(), definition.push_to, now=now)
                if blocked is not None:
                    self._hold(unit, task, blocked)
                    tally.waiting.append(task.id)
                    continue
                request = request_for(
                    definition,
                    task.segment,
                    desired=task.desired,
                    exclude_domains=unit.tasks.exclusions(task.id),
                )
                return self._intend(unit, task), request
        return None

    def _hold(self, unit: Transaction, task: TaskRow, blocked: Blocked) -> None:
        """A mirror was lost between plan and start; said once, however often it is looked at."""
        said = task.error.startswith(f"{blocked.code}: ")
        unit.tasks.set(
            task.id,
            next_attempt_at=unit.now + HELD_BY_GUARD,
            error=f"{blocked.code}: {blocked.text}",
        )
        if not said:
            unit.audit.write(
                "task.held",
                subject=_search(unit, task),
                task=task.id,
                code=blocked.code,
                reason=blocked.text,
            )

    def _intend(self, unit: Transaction, task: TaskRow) -> TaskRow:
        held = lease(self._context.owner, self._context.lease_end())
        attempts = task.attempts + 1
        state = unit.tasks.move(
            task, TaskEvent.SUBMIT, sent_at=unit.now, attempts=attempts, error="", **held
        )
        unit.audit.write(
            "task.submitting", subject=_search(unit, task), task=task.id, attempt=attempts
        )
        return replace(
            task,
            state=state,
            attempts=attempts,
            sent_at=unit.now,
            lease_owner=self._context.owner,
        )

    def _send(self, task: TaskRow, request: TaskRequest, tally: _Tally) -> None:
        credits_before = fetch_credits(self._client)
        answer: TaskSnapshot | Fault
        with self._context.requests.collect() as requests:
            try:
                answer = self._ask(task, request)
            except Fault as fault:
                answer = fault
        try:
            with self._context.store.transaction("task.answered", now=self._context.now()) as unit:
                unit.tasks.set(task.id, credits_before=credits_before)
                self._note_answer(unit, task, request, answer, requests, tally)
        except StaleTransition:
            # Our lease ran out while the vendor took its time: the resolver has the task now.
            tally.in_doubt.append(task.id)

    def _ask(self, task: TaskRow, request: TaskRequest) -> TaskSnapshot:
        if task.continues_id is not None and task.extruct_id is not None:
            return self._client.resume_task(task.extruct_id, task.desired)
        return self._client.create_task(request)

    def _note_answer(
        self,
        unit: Transaction,
        task: TaskRow,
        request: TaskRequest,
        answer: TaskSnapshot | Fault,
        requests: Sequence[Exchange],
        tally: _Tally,
    ) -> None:
        sent = audit_form(list(requests))
        match answer:
            case TaskSnapshot():
                accept(unit, task, answer, TaskEvent.ACCEPTED, requests=sent)
                release_vendor(unit, EXTRUCT)
                release_vendor(unit, EXTRUCT_STARTS)
                tally.started.append(task.id)
            case Ambiguous():
                unit.tasks.move(task, TaskEvent.REPLY_LOST, error=answer.message, **NO_LEASE)
                _say(unit, task, "task.doubted", answer, sent)
                tally.in_doubt.append(task.id)
            case Permanent():
                self._refused(unit, task, request, answer, sent, tally)
            case _:
                self._wait(unit, task, answer, sent, tally)

    def _refused(
        self,
        unit: Transaction,
        task: TaskRow,
        request: TaskRequest,
        fault: Permanent,
        sent: list[dict[str, object]],
        tally: _Tally,
    ) -> None:
        refused: tuple[str, ...] = ()
        if isinstance(fault, InvalidRequest) and task.continues_id is None:
            refused = find_refused_exclusions(fault.problems, request.exclude_domains)
            refused = refused or _doubtful(request.exclude_domains)
        if refused:
            unit.tasks.drop_exclusions(task.id, refused, reason=fault.message, now=unit.now)
            unit.tasks.move(task, TaskEvent.NOT_PROCESSED, error=fault.message, **NO_LEASE)
            unit.audit.write(
                "exclusion.refused",
                subject=_search(unit, task),
                task=task.id,
                domains=list(refused),
                reason=fault.message,
                requests=sent,
            )
            tally.waiting.append(task.id)
            return
        unit.tasks.move(task, TaskEvent.REFUSED, error=fault.message, ended_at=unit.now, **NO_LEASE)
        _say(unit, task, "task.refused", fault, sent)
        tally.failed.append(task.id)

    def _wait(
        self,
        unit: Transaction,
        task: TaskRow,
        fault: Fault,
        sent: list[dict[str, object]],
        tally: _Tally,
    ) -> None:
        vendor = EXTRUCT_STARTS if fault.status == HTTPStatus.PAYMENT_REQUIRED else EXTRUCT
        until = pause_vendor(unit, self._context, vendor, fault)
        counts = remedy_of(fault) is Remedy.REPEAT
        if counts and task.attempts >= self._context.retries.attempts:
            reason = f"given up after {task.attempts} attempts: {fault.message}"
            unit.tasks.move(task, TaskEvent.REFUSED, error=reason, ended_at=unit.now, **NO_LEASE)
            _say(unit, task, "task.gave_up", fault, sent)
            tally.failed.append(task.id)
            return
        unit.tasks.move(
            task,
            TaskEvent.NOT_PROCESSED,
            error=fault.message,
            next_attempt_at=until,
            attempts=task.attempts - (0 if counts else 1),  # waiting burns no attempt
            **NO_LEASE,
        )
        _say(unit, task, "task.postponed", fault, sent)
        tally.waiting.append(task.id)


def _doubtful(domains: Sequence[str]) -> tuple[str, ...]:
    """The entries that a server with an older list of top-level domains may not understand.

    For a vendor that refuses an exclusion without saying which one.
    """
    return tuple(one for one in domains if owner_of(one)[1] is Section.UNLISTED)


def _say(
    unit: Transaction,
    task: TaskRow,
    event: str,
    fault: Fault,
    sent: list[dict[str, object]],
) -> None:
    unit.audit.write(
        event,
        subject=_search(unit, task),
        task=task.id,
        code=fault.code,
        reason=fault.message,
        requests=sent,
    )


def _search(unit: Transaction, task: TaskRow) -> str:
    return unit.searches.by_id(task.search_id).name
