"""Extruct's Deep Search API: each call, and what its failures mean.

Source: the vendor's pages on creating tasks and reading results. The vendor documents no rate
limit, no idempotency key and no way to cancel.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from connectors.sdk.http import HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from daemon.extruct.faults import CREATE_REFUSALS, FaultReader
from daemon.extruct.payloads import Account, ResultsPage, TaskRequest, TaskSnapshot
from daemon.extruct.reading import (
    Unreadable,
    parse_account,
    parse_results,
    parse_task,
    strip_nul,
)

ParsedT = TypeVar("ParsedT")

TASKS = "/v1/discovery_tasks"
TASKS_PAGE = 20
RESULTS_PAGE = 50
TRY_ONCE_MORE = RetryPolicy(attempts=2, first_pause=timedelta(seconds=10))
"""The vendor's advice after a 5xx: wait 5 to 10 seconds, try once more."""
_NUL = b"\\u0000"


class ExtructClient:
    """One account of Extruct.

    Calls that only read repeat themselves once; ``create_task`` and ``resume_task`` are sent again
    only where they certainly did nothing. Every failure is a
    :class:`~connectors.sdk.faults.Fault`: ``BadCredentials`` (401), ``NeedsPerson`` with the code
    ``plan_required`` or ``payment_failed`` and ``QuotaExhausted`` with ``insufficient_credits``
    (402), ``RateLimited`` (429; ``until`` is None, since the vendor sends no Retry-After: a quota,
    so wait long), :class:`~daemon.extruct.refusals.InvalidRequest` (422), ``Permanent`` with
    ``task_missing`` (404), ``NotProcessed`` (5xx on a read).

    Args:
        base_url: ``https://api.extruct.ai``, or a sandbox.
        token: the API token; it appears in no fault and no exchange.
        context: clock, randomness, transport, observer and shared rate gate.
        timeout: for connecting, and for each read and write.
        retries: how a read is repeated.
        requests_per_second: our own ceiling.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        context: ConnectorContext,
        timeout: timedelta = timedelta(seconds=30),
        retries: RetryPolicy = TRY_ONCE_MORE,
        requests_per_second: float = 10.0,
    ) -> None:
        context = replace(context, secrets={**context.secrets, "token": token})
        self._faults = FaultReader(clock=context.clock, secrets=(token,))
        self._session = HttpSession(
            base_url=base_url,
            context=context,
            headers={"authorization": f"Bearer {token}"},
            timeout=timeout,
            limiter=RateLimiter(
                RateModel(limit=requests_per_second, per_seconds=1.0),
                vendor=context.name,
                clock=context.clock,
                gate=context.rates,
            ),
            classify=self._faults.classify,
            limits=HttpLimits(retries=retries),
        )

    def create_task(self, request: TaskRequest) -> TaskSnapshot:
        """Start a paid task; it exists as soon as this returns.

        Raises:
            Ambiguous: it may exist or not; look for it with
                :func:`~daemon.extruct.adoption.match_created_task` before creating again.
            ExcludedTaskRefused: one of ``exclude_task_ids`` is not done, foreign or unknown.
        """
        reply = self._session.send(
            "POST", TASKS, idempotent=False, json=request.to_json(), expect=CREATE_REFUSALS
        )
        if reply.status in CREATE_REFUSALS:
            raise self._faults.refused_create(reply, request.exclude_task_ids)
        return _parsed(reply, parse_task)

    def get_task(self, task_id: str) -> TaskSnapshot:
        """The task as it is now."""
        return self._read(_task_path(task_id), parse_task)

    def list_tasks(self) -> Iterator[TaskSnapshot]:
        """Every task of the account, each once; the order is undocumented.

        Entries that are no task are left out. Pages follow each other by the number received, since
        the server may clamp ``limit``.

        Raises:
            Permanent: the server repeats full pages, so that the end cannot be reached.
        """
        seen: set[str] = set()
        for page in follow(lambda offset: self._tasks_page(offset or 0, seen), 0, identify=_id_of):
            fresh = [task for task in page.items if task.id not in seen]
            seen.update(task.id for task in fresh)
            yield from fresh

    def results_page(self, task_id: str, offset: int, limit: int = RESULTS_PAGE) -> ResultsPage:
        """The visible results from ``offset`` on, by falling relevance; the server may clamp."""
        path = f"{_task_path(task_id)}/results"
        return self._read(path, parse_results, offset=offset, limit=limit)

    def resume_task(self, task_id: str, desired_new_results: int) -> TaskSnapshot:
        """Let a done task find more, with the exclusions that it was created with.

        Raises:
            Ambiguous: it may have been resumed; ``get_task`` shows ``desired_num_results``.
            Permanent: with the code ``task_exhausted`` when nothing is left to find.
        """
        path = f"{_task_path(task_id)}/resume"
        body = {"desired_new_results": desired_new_results}
        return _parsed(self._session.send("POST", path, idempotent=False, json=body), parse_task)

    def account(self) -> Account:
        """Whose token this is, and the credits left."""
        return self._read("/v1/user", parse_account)

    def healthcheck(self) -> None:
        """Return if the vendor says that it is well; needs no token."""
        self._session.send("GET", "/v1/healthcheck", idempotent=True)

    def close(self) -> None:
        """Give back connections; calling it twice is fine."""
        self._session.close()

    def _tasks_page(self, offset: int, seen: set[str]) -> Page[TaskSnapshot, int]:
        entries = self._read(TASKS, _parse_list, offset=offset, limit=TASKS_PAGE)
        tasks = tuple(task for entry in entries if (task := _task_or_none(entry)) is not None)
        # A server without offsets sends the same again; a page not full is then all there is.
        repeated = bool(tasks) and all(task.id in seen for task in tasks)
        ended = not entries or (repeated and len(entries) != TASKS_PAGE)
        return Page(items=tasks, next_cursor=None if ended else offset + len(entries))

    def _read(self, path: str, parse: Callable[[Any], ParsedT], **params: int) -> ParsedT:
        return _parsed(self._session.send("GET", path, idempotent=True, params=params), parse)


def _parsed(reply: Reply, parse: Callable[[Any], ParsedT]) -> ParsedT:
    value = reply.json()
    if _NUL in reply.body:
        value = strip_nul(value)
    try:
        return parse(value)
    except Unreadable as error:
        message = f"{reply.where} answered {reply.status} with something unknown: {error}"
        raise reply.where.doubt("unreadable", message, status=reply.status) from error


def _parse_list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Unreadable("the list of tasks is no list")
    return value


def _task_or_none(entry: object) -> TaskSnapshot | None:
    try:
        return parse_task(entry)
    except Unreadable:
        return None


def _id_of(task: TaskSnapshot) -> str:
    return task.id


def _task_path(task_id: str) -> str:
    return f"{TASKS}/{quote(task_id, safe='')}"
