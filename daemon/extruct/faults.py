"""Extruct's errors as faults: what the common reading of a status would get wrong."""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from connectors.sdk.clock import Clock
from connectors.sdk.faults import Fault, NeedsPerson, Permanent, QuotaExhausted
from connectors.sdk.replies import (
    Reply,
    cut_message,
    judge_reply,
    parse_retry_after,
    redact,
    vendor_message,
)
from daemon.extruct.refusals import InvalidRequest, parse_problems

CREATE_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Statuses of the create call that are about ``exclude_task_ids``, if any were sent."""

_EXCLUDED_TASK_CODES = {
    HTTPStatus.BAD_REQUEST: "excluded_task_not_done",
    HTTPStatus.FORBIDDEN: "excluded_task_foreign",
    HTTPStatus.NOT_FOUND: "excluded_task_missing",
}
_TOP_UP = "insufficient_credits"
_BILLING = {
    "plan_required": "Extruct wants another plan for this; choose one in its billing settings",
    "payment_failed": "Extruct could not collect a payment; mend it in its billing settings",
    _TOP_UP: "Extruct's credits are used up; searches wait for a top-up or the next period",
}
_SHOWN_PROBLEMS = 3
_NO_ROUTE = "Not Found"  # what FastAPI answers, word for word, to a path that it does not serve


class ExcludedTaskRefused(Permanent):
    """The vendor refuses an entry of ``exclude_task_ids``; its code says why.

    ``task_ids`` are the entries that the vendor named; empty where it named none.
    """

    def __init__(self, code: str, message: str, *, task_ids: tuple[str, ...], status: int) -> None:
        super().__init__(code, message, status=status)
        self.task_ids = task_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReader:
    """Reads replies of one account; ``secrets`` never show in a message."""

    clock: Clock
    secrets: tuple[str, ...]

    def classify(self, reply: Reply) -> Fault | None:
        """The fault, where Extruct means something of its own; None: the common rules hold."""
        match reply.status:
            case HTTPStatus.PAYMENT_REQUIRED | HTTPStatus.TOO_MANY_REQUESTS:
                return self._billing(reply)
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                return self._invalid(reply)
            case HTTPStatus.NOT_FOUND if "/discovery_tasks/" in reply.where.path:
                return self._missing_task(reply)
            case HTTPStatus.BAD_REQUEST if reply.where.path.endswith("/resume"):
                exhausted = "exhaust" in self._words(reply).lower()
                code = "task_exhausted" if exhausted else "resume_refused"
                return Permanent(code, self._text(reply), status=reply.status)
        return None

    def refused_create(self, reply: Reply, task_ids: Collection[str]) -> Fault:
        """What a 400, 403 or 404 of the create call is: an excluded task, or token or address.

        403 and 404 mean an excluded task only where such were sent and the body speaks of a task;
        a wrong token or address answers the same statuses.
        """
        body = reply.body.decode(errors="replace")
        named = tuple(task_id for task_id in task_ids if task_id in body)
        status = HTTPStatus(reply.status)
        about_tasks = status is HTTPStatus.BAD_REQUEST or named or "task" in body.lower()
        if task_ids and about_tasks:
            code = _EXCLUDED_TASK_CODES[status]
            return ExcludedTaskRefused(code, self._text(reply), task_ids=named, status=reply.status)
        fault = judge_reply(reply, now=self.clock.now(), secrets=self.secrets)
        return fault or Permanent("refused", self._text(reply), status=reply.status)

    def _billing(self, reply: Reply) -> Fault | None:
        code = _billing_code(reply)
        if code is None:
            return None
        message = f"{_BILLING[code]} ({self._text(reply)})"
        if code != _TOP_UP:
            return NeedsPerson(code, message, status=reply.status)
        until = parse_retry_after(reply.headers.get("retry-after"), self.clock.now())
        return QuotaExhausted(code, message, until=until, status=reply.status)

    def _invalid(self, reply: Reply) -> InvalidRequest:
        problems = parse_problems(_detail(reply, self.secrets))
        shown = "; ".join(str(problem) for problem in problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        words = shown + (f"; and {more} more" if more > 0 else "")
        text = cut_message(f"{reply.where} answered {reply.status}: {words}", self.secrets)
        return InvalidRequest(text, problems=problems)

    def _missing_task(self, reply: Reply) -> Fault | None:
        if _detail(reply) is None or self._words(reply) in {"", _NO_ROUTE}:
            return None  # a wrong address or a proxy: the task may well be there
        text = f"{self._text(reply)}; the task is unknown, or belongs to another workspace"
        return Permanent("task_missing", text, status=reply.status)

    def _words(self, reply: Reply) -> str:
        return cut_message(vendor_message(reply), self.secrets)

    def _text(self, reply: Reply) -> str:
        words = self._words(reply)
        return f"{reply.where} answered {reply.status}" + (f": {words}" if words else "")


def _billing_code(reply: Reply) -> str | None:
    detail = _detail(reply)
    code = detail.get("error") if isinstance(detail, dict) else detail
    return code if isinstance(code, str) and code in _BILLING else None


def _detail(reply: Reply, secrets: tuple[str, ...] = ()) -> Any:
    """What stands under ``detail``, else the whole body; None where it is no JSON."""
    try:
        body = orjson.loads(redact(reply.body.decode(errors="replace"), secrets))
    except orjson.JSONDecodeError:
        return None
    return body.get("detail", body) if isinstance(body, dict) else body
