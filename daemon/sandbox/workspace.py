"""A simulated Extruct workspace: its tasks, its credits, and the contract's rules about both.

Where the contract is silent, this is a guess: tasks end as failed when the credits run out, only
done tasks can be resumed, and the list of tasks begins with the newest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

from connectors.sdk.clock import Clock
from daemon.sandbox.bodies import Refusal, TaskBody, problem, row_json
from daemon.sandbox.timeline import Pace, SimulatedTask, fail_midway, fail_now, plan_run
from daemon.sandbox.vendor_domains import registered_domain
from daemon.sandbox.worlds import World

_SHORTEST_CRITERION, _LONGEST_CRITERION = 10, 500


class Naming(StrEnum):
    """How a refused exclusion is told, which the contract leaves open."""

    INDEX = "index"  # ``loc`` ends with the entry's position
    QUOTED = "quoted"  # ``detail`` is a sentence that quotes the entry
    SILENT = "silent"  # it is not told which


@dataclass(slots=True, kw_only=True)
class ExtructSettings:
    """What the simulated vendor does; may be changed while it runs."""

    token: str = "sandbox-extruct-token"  # noqa: S105 - opens nothing but the sandbox
    max_results: int = 250
    max_exclusions: int = 1000
    page_limit: int = 50
    """The server gives no more rows than this, whatever ``limit`` says."""
    list_limit: int = 20
    newest_first: bool = True
    honours_offset: bool = True
    unscored_first: bool = False
    naming: Naming = Naming.INDEX
    credits: float = 10_000.0
    credits_per_result: float = 1.0
    refusal: str | None = None
    """``plan_required``, ``payment_failed`` or ``insufficient_credits``: answered with 402."""
    failing: int = 0
    """So many of the next tasks will fail."""
    quirks: bool = True
    """Send what real replies hold beside the published schema (``extruct_db``, ``SIZE_1_10``)."""
    pace: Pace = field(default_factory=Pace)


class Workspace:
    """The state behind one token. Every method may raise a :class:`Refusal`."""

    def __init__(
        self, *, world: World, clock: Clock, random: Random, settings: ExtructSettings
    ) -> None:
        self.world = world
        self.settings = settings
        self._clock = clock
        self._random = random
        self._tasks: dict[str, SimulatedTask] = {}
        self._unsettled: list[SimulatedTask] = []

    def now(self) -> datetime:
        """The simulated moment."""
        return self._clock.now()

    def tasks(self) -> list[SimulatedTask]:
        """The workspace's own tasks, as the list shows them."""
        own = [task for task in self._tasks.values() if not task.foreign]
        return own[::-1] if self.settings.newest_first else own

    def task(self, task_id: str) -> SimulatedTask:
        """The task with this id, if it is the workspace's own."""
        task = self._tasks.get(task_id)
        if task is None or task.foreign:
            raise Refusal(404, "Discovery task not found or unavailable in your workspace")
        return task

    def create(self, body: Mapping[str, Any]) -> SimulatedTask:
        """Resolve the exclusions once, freeze them, and start."""
        self._check_wanted(body["desired_num_results"], "desired_num_results")
        domains = self._resolve_exclusions(body)
        self._check_billing()
        task = self._add(body, domains)
        self._run(task, task.desired)
        if self.settings.failing > 0:
            self.settings.failing -= 1
            fail_midway(task)
        return task

    def resume(self, task_id: str, wanted: int) -> SimulatedTask:
        """Let a done task find more, with its frozen exclusions."""
        task = self.task(task_id)
        self._check_wanted(wanted, "desired_new_results")
        if task.is_exhausted(self.now()):
            raise Refusal(400, "The task is exhausted: there are no more candidates")
        if task.status(self.now()) != "done":
            raise Refusal(400, "Only a task that is done can be resumed")
        self._check_billing()
        task.desired += wanted
        self._run(task, wanted)
        return task

    def rows(
        self, task: SimulatedTask, offset: int = 0, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Visible rows as JSON, in the vendor's order; all of them without a limit."""
        rows = task.rows(self.now(), unscored_first=self.settings.unscored_first)
        stop = None if limit is None else offset + limit
        return [
            row_json(
                task, row, self.world.company(row.candidate.index), quirks=self.settings.quirks
            )
            for row in rows[offset:stop]
        ]

    def add_foreign_task(self) -> str:
        """A task of another organisation, which nobody here may use; gives its id."""
        task = self._add(TaskBody(query="somebody else's").model_dump(mode="json"), ())
        task.foreign = True
        return task.id

    def settle(self) -> None:
        """Charge what was returned by now; a task for which no credits are left fails."""
        now = self.now()
        for task in self._unsettled:
            due = task.billable(now) - task.billed
            cost = due * self.settings.credits_per_result
            if due > 0 and cost > self.settings.credits:
                fail_now(task, now)
            task.billed += due
            self.settings.credits = max(0.0, self.settings.credits - cost)
        self._unsettled = [
            task for task in self._unsettled if task.status(now) in {"created", "in_progress"}
        ]

    def _check_wanted(self, wanted: int, name: str) -> None:
        if wanted > self.settings.max_results:
            text = f"Input should be less than or equal to {self.settings.max_results}"
            raise Refusal(422, [problem(["body", name], text, "less_than_equal")])

    def _check_billing(self) -> None:
        code = self.settings.refusal
        if code is None and self.settings.credits <= 0:
            code = "insufficient_credits"
        if code is not None:
            message = f"The request was refused by billing: {code}"
            raise Refusal(402, {"error": code, "message": message})

    def _resolve_exclusions(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        excluded: set[str] = set()
        for position, entry in enumerate(body["exclude_domains"] or ()):
            domain = registered_domain(entry)
            if domain is None:
                raise self._bad_entry(position, entry)
            excluded.add(domain)
        for task_id in body["exclude_task_ids"] or ():
            excluded.update(self._visible_domains(task_id))
        if len(excluded) > self.settings.max_exclusions:
            text = (
                f"Value error, the exclusion set resolves to {len(excluded)} unique domains, "
                f"which exceeds the cap of {self.settings.max_exclusions}"
            )
            raise Refusal(422, [problem(["body", "exclude_domains"], text, "value_error")])
        return tuple(sorted(excluded))

    def _bad_entry(self, position: int, entry: str) -> Refusal:
        match self.settings.naming:
            case Naming.INDEX:
                loc: list[str | int] = ["body", "exclude_domains", position]
                return Refusal(422, [problem(loc, "Value error, not a domain", "value_error")])
            case Naming.QUOTED:
                return Refusal(422, f"Cannot parse '{entry}' in exclude_domains as a domain")
            case Naming.SILENT:
                return Refusal(422, {"error": "invalid_exclusions", "message": "Bad exclusions"})

    def _visible_domains(self, task_id: str) -> Iterable[str]:
        task = self._tasks.get(task_id)
        if task is None:
            raise Refusal(404, f"Discovery task {task_id} does not exist")
        if task.foreign:
            raise Refusal(403, f"Discovery task {task_id} is not owned by your organization")
        if task.status(self.now()) != "done":
            raise Refusal(400, f"Discovery task {task_id} is not done")
        websites = (row["company_website"] for row in self.rows(task))
        return (domain for website in websites if (domain := registered_domain(website)))

    def _add(self, body: Mapping[str, Any], domains: tuple[str, ...]) -> SimulatedTask:
        task = SimulatedTask(
            id=str(UUID(int=self._random.getrandbits(128), version=4)),
            request=body,
            created_at=self.now(),
            criteria=tuple(body["criteria"] or (_own_criterion(body["query"]),)),
            exclude_domains=domains,
            desired=body["desired_num_results"],
        )
        self._tasks[task.id] = task
        return task

    def _run(self, task: SimulatedTask, wanted: int) -> None:
        excluded = frozenset(task.exclude_domains)
        plan_run(
            task,
            self.world.search(task.request["query"]),
            wanted=wanted,
            at=self.now(),
            pace=self.settings.pace,
            excluded=lambda index: self._is_excluded(index, excluded),
        )
        self._unsettled.append(task)

    def _is_excluded(self, index: int, excluded: frozenset[str]) -> bool:
        company = self.world.company(index)
        return (company.domain or registered_domain(company.website)) in excluded


def _own_criterion(query: str) -> dict[str, str]:
    """What the vendor makes up where no criteria are given."""
    text = f"The company matches: {query}"[:_LONGEST_CRITERION].ljust(_SHORTEST_CRITERION, ".")
    return {"key": "matches_query", "name": "Matches the query", "criterion": text}
