"""Give each due slot its task: check the guards, plan the exclusions, write the intent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.sdk.faults import Fault, Permanent
from daemon.config.definitions import definition_from_json
from daemon.config.models import BudgetOptions
from daemon.db.rows import SlotRow
from daemon.db.store import Transaction
from daemon.domain.budgets import Allowed, RunOver
from daemon.domain.guards import Blocked
from daemon.domain.searches import SearchDefinition
from daemon.domain.task_states import TASKS, SlotEvent, SlotState, TaskState
from daemon.domain.waves import Wave, WavesEnd, plan_wave
from daemon.extruct.client import ExtructClient
from daemon.services.check_budget import check_spending
from daemon.services.context import ServiceContext
from daemon.services.continuations import Continuation, find_continuation
from daemon.services.excluded_tasks import ExcludedTasks
from daemon.services.guards import Targets, check_mirrors
from daemon.services.index_mirror import is_indexed
from daemon.services.pauses import EXTRUCT, EXTRUCT_STARTS, is_paused, pause_vendor
from daemon.services.plan_exclusions import Planned, plan_task, samples_of
from daemon.services.task_requests import request_for
from daemon.services.wave_policy import wave_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPolicy:
    """The vendor's caps, as the configuration has them."""

    max_exclusions: int = 1000
    max_results_per_task: int = 250
    max_running_tasks: int = 5
    continue_tasks: bool = True
    budget: BudgetOptions = field(default_factory=BudgetOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartResult:
    """Tasks that were planned, slots that are held, and slots that came to their end."""

    planned: tuple[int, ...] = ()
    held: tuple[Blocked, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    planned: list[int] = field(default_factory=list)
    held: list[Blocked] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    slot: SlotRow
    search: str
    version: int
    definition: SearchDefinition
    paused: bool
    retired: bool


class StartTasks:
    """Plans the first task of due slots, and the next wave of those at work."""

    def __init__(
        self,
        context: ServiceContext,
        client: ExtructClient,
        targets: Callable[[], Targets],
        policy: StartPolicy,
    ) -> None:
        self._context = context
        self._targets = targets
        self._policy = policy
        self._excluded_tasks = ExcludedTasks(client)

    def run_once(self) -> StartResult:
        """Look at every due slot and every slot at work."""
        tally = _Tally()
        for job in self._jobs():
            if self._context.stopping():
                break
            try:
                elsewhere = self._excluded_tasks.domains(job.definition.exclude_task_ids)
            except Fault as fault:
                self._note(job, fault, tally)
                continue
            self._start(job, elsewhere, tally)
        return StartResult(
            planned=tuple(tally.planned), held=tuple(tally.held), ended=tuple(tally.ended)
        )

    def _jobs(self) -> list[_Job]:
        with self._context.store.reading(now=self._context.now()) as unit:
            slots = [
                *unit.slots.in_state(SlotState.ACTIVE),
                *unit.slots.in_state(SlotState.DUE),
            ]
            # Only what may start now is worth a question to the vendor.
            return [_job(unit, slot) for slot in slots if _waves_have_ended(unit, slot)]

    def _start(self, job: _Job, elsewhere: frozenset[str], tally: _Tally) -> None:
        now = self._context.now()
        with self._context.store.transaction("task.planned", now=now) as unit:
            if not _is_as_before(unit, job.slot):
                return
            if job.retired and job.slot.state is SlotState.DUE:
                self._skip(unit, job)
                return
            facts = unit.results.wave_facts(job.slot.id)
            policy = wave_policy(
                unit,
                job.slot.search_id,
                job.definition,
                max_exclusions=self._policy.max_exclusions,
                max_per_task=self._policy.max_results_per_task,
            )
            wave = plan_wave(policy, facts)
            if isinstance(wave, WavesEnd):
                self._end(unit, job, wave, tally)
                return
            allowed = self._check(unit, job, now) or self._check_spending(unit, job, wave)
            match allowed:
                case Allowed():
                    wave = replace(wave, desired=allowed.desired)
                    tally.planned.append(self._plan(unit, job, wave, elsewhere))
                case RunOver() if job.slot.state is SlotState.ACTIVE:
                    over = allowed.blocked
                    self._end(unit, job, WavesEnd(code=over.code, text=over.text), tally)
                case RunOver():  # it could not even begin: a greater limit helps
                    self._hold(unit, job, allowed.blocked, tally)
                case Blocked():
                    self._hold(unit, job, allowed, tally)

    def _check_spending(
        self, unit: Transaction, job: _Job, wave: Wave
    ) -> Allowed | Blocked | RunOver:
        return check_spending(
            unit,
            self._policy.budget,
            job.definition,
            search_id=job.slot.search_id,
            slot_id=job.slot.id,
            desired=wave.desired,
        )

    def _check(self, unit: Transaction, job: _Job, now: datetime) -> Blocked | None:
        """Why this slot may not start now, or None."""
        if job.paused:
            return Blocked(code="search_paused", text="a person has paused the search")
        for vendor in (EXTRUCT, EXTRUCT_STARTS):
            if is_paused(unit, vendor, now=now):
                reason = unit.vendors.get(vendor).reason
                text = f"Extruct is left alone for now: {reason}"
                return Blocked(code="extruct_paused", text=text)
        running = len(unit.tasks.live())
        if running >= self._policy.max_running_tasks:
            text = f"{running} tasks are running, and extruct.max_running_tasks allows no more"
            return Blocked(code="too_many_tasks", text=text)
        blocked = check_mirrors(unit, self._targets(), job.definition.push_to, now=now)
        if blocked is None and job.definition.push_to and not is_indexed(unit):
            text = "what the CRM holds is not indexed yet, and exclusions are chosen by the index"
            blocked = Blocked(code="index_unfinished", text=text)
        return blocked

    def _plan(self, unit: Transaction, job: _Job, wave: Wave, elsewhere: frozenset[str]) -> int:
        cap = max(0, self._policy.max_exclusions - len(elsewhere))
        planned = plan_task(
            unit,
            job.slot.search_id,
            job.definition,
            cap=cap,
            refused=elsewhere,
            segment=wave.segment,
        )
        onward = self._onward(unit, job, wave, planned)
        if onward is not None:
            planned = onward.planned
        plan = planned.plan
        request = request_for(
            job.definition, wave.segment, desired=wave.desired, exclude_domains=()
        )
        task_id = unit.tasks.add(
            search_id=job.slot.search_id,
            search_version=job.version,
            slot_id=job.slot.id,
            wave=wave.number,
            segment=wave.segment,
            state=TaskState.PLANNED,
            request=request.to_json(),
            desired=wave.desired,
            **_continuing(onward),
            considered=plan.considered,
            left_out=plan.left_out,
            counters={},
            created_at=unit.now,
        )
        unit.tasks.save_exclusions(task_id, plan.entries)
        unit.learning.save_samples(task_id, samples_of(planned))
        if job.slot.state is SlotState.DUE:
            unit.slots.move(job.slot, SlotEvent.STARTED, held_code="", held_text="")
        elif job.slot.held_code:
            unit.slots.hold(job.slot.id, code="", text="")
        unit.audit.write(
            "task.planned",
            subject=job.search,
            task=task_id,
            slot=job.slot.id,
            wave=wave.number,
            country=wave.segment or None,
            desired=wave.desired,
            continues=onward and onward.task_id,
            exclusions=len(plan.entries),
            considered=plan.considered,
            left_out=plan.left_out,
        )
        return task_id

    def _onward(
        self, unit: Transaction, job: _Job, wave: Wave, planned: Planned
    ) -> Continuation | None:
        if not self._policy.continue_tasks:
            return None
        return find_continuation(
            unit, job.slot.search_id, job.version, planned, segment=wave.segment
        )

    def _hold(self, unit: Transaction, job: _Job, blocked: Blocked, tally: _Tally) -> None:
        if job.slot.held_code != blocked.code:  # said once, however often it is looked at
            unit.slots.hold(job.slot.id, code=blocked.code, text=blocked.text)
            unit.audit.write(
                "slot.held",
                subject=job.search,
                slot=job.slot.id,
                code=blocked.code,
                reason=blocked.text,
            )
        tally.held.append(blocked)

    def _skip(self, unit: Transaction, job: _Job) -> None:
        reason = "the search was taken out of the configuration"
        unit.slots.move(job.slot, SlotEvent.SKIPPED, ended_at=unit.now, end_reason=reason)
        unit.audit.write("slot.skipped", subject=job.search, slot=job.slot.id, reason=reason)

    def _end(self, unit: Transaction, job: _Job, end: WavesEnd, tally: _Tally) -> None:
        unit.slots.move(job.slot, SlotEvent.FINISHED, ended_at=unit.now, end_reason=end.text)
        unit.audit.write(
            "slot.finished", subject=job.search, slot=job.slot.id, code=end.code, reason=end.text
        )
        tally.ended.append(job.search)

    def _note(self, job: _Job, fault: Fault, tally: _Tally) -> None:
        with self._context.store.transaction("task.fault", now=self._context.now()) as unit:
            if not isinstance(fault, Permanent):  # a task id that is wrong is this search's affair
                pause_vendor(unit, self._context, EXTRUCT, fault)
            self._hold(unit, job, Blocked(code=fault.code, text=fault.message), tally)


def _continuing(onward: Continuation | None) -> dict[str, int]:
    if onward is None:
        return {}
    return {
        "continues_id": onward.task_id,
        "results_before": onward.results,
        "desired_before": onward.desired,
    }


def _job(unit: Transaction, slot: SlotRow) -> _Job:
    row = unit.searches.by_id(slot.search_id)
    return _Job(
        slot=slot,
        search=row.name,
        version=row.version,
        definition=definition_from_json(row.definition),
        paused=row.paused,
        retired=row.retired,
    )


def _is_as_before(unit: Transaction, seen: SlotRow) -> bool:
    """Lock the slot; false when another replica has gone on with it."""
    slot = unit.slots.lock(seen.id)
    return slot is not None and slot.state is seen.state and _waves_have_ended(unit, slot)


def _waves_have_ended(unit: Transaction, slot: SlotRow) -> bool:
    tasks: Sequence[TaskState] = [task.state for task in unit.tasks.of_slot(slot.id)]
    ended = all(state in TASKS.terminal for state in tasks)
    return ended and not unit.results.any_to_match(slot.id)
