"""Creating companies in Twenty: look first, create only, and halve a batch that is refused."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sdk.faults import (
    Ambiguous,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    WaitUntil,
)
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, PushItem
from connectors.sdk.replies import Reply
from connectors.twenty.api import REFUSALS, TwentyApi
from connectors.twenty.finding import Finder
from connectors.twenty.identity import record_id_of
from connectors.twenty.payloads import Payload, without_refused
from connectors.twenty.reading import Found

DELETED = "deleted by a person in Twenty, and left so"
_EXISTS = re.compile(r"already exists|already in use|duplicate", re.IGNORECASE)
_IN_BIN = "Created record not found"
_MOST_ATTEMPTS = 20
"""Each attempt but the last leaves out at least one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Take the company's own record back out of the bin."""

    record_id: str


def decide(
    company: CompanyRef, found: Sequence[Found], *, recreate: bool
) -> Outcome | Restore | None:
    """What to do with a company of which these records were found; None: create it.

    A live record counts before a deleted one. Nothing is written over a record in the bin: a
    create with its id would be answered with an error and would change it all the same.
    """
    own = record_id_of(company.key)
    live = [one.record for one in found if not one.in_bin]
    if live:
        chosen = next((record for record in live if record.record_id == own), live[0])
        reason = "" if chosen.record_id == own else f"held as {chosen.name!r}"
        return Outcome.existed(chosen.record_id, reason=reason)
    if not found:
        return None
    ours = any(one.record.record_id == own for one in found)
    if not recreate:
        return Outcome.existed(own if ours else found[0].record.record_id, reason=DELETED)
    return Restore(record_id=own) if ours else None


@dataclass(slots=True, kw_only=True)
class Push:
    """One push: its items' outcomes as they come to be known, and what is still to be sent."""

    api: TwentyApi
    finder: Finder
    draft: Callable[[PushItem], Payload]
    forget_schema: Callable[[], None]
    recreate: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By record id."""
    refusal: Fault | None = None
    """Why nothing more is sent."""
    wrote: bool = False

    def run(self, items: Sequence[PushItem]) -> list[Outcome]:
        """Push companies; one outcome for each, in order.

        Raises:
            Fault: nothing was written, and nothing can be.
        """
        found = self.finder.find_companies([item.company for item in items], with_bin=True)
        queue: dict[str, PushItem] = {}
        for item, records in zip(items, found, strict=True):
            record_id = record_id_of(item.company.key)
            if record_id not in queue and record_id not in self.outcomes:
                self._settle(item, records, queue)
        self._create([self.draft(item) for item in queue.values()])
        return [self.outcomes[record_id_of(item.company.key)] for item in items]

    def _settle(self, item: PushItem, found: list[Found], queue: dict[str, PushItem]) -> None:
        record_id = record_id_of(item.company.key)
        match decide(item.company, found, recreate=self.recreate):
            case None:
                queue[record_id] = item
            case Restore():
                self.outcomes[record_id] = self._restore(item.company, record_id)
            case outcome:
                self.outcomes[record_id] = outcome

    def _restore(self, company: CompanyRef, record_id: str) -> Outcome:
        try:
            self.api.restore(record_id)
        except Permanent as refused:
            return self._already_there(company, refused.message)
        except (NotProcessed, WaitUntil) as fault:
            return _not_sent(fault)  # also when in doubt: restoring it again does no harm
        self.wrote = True
        return Outcome.created(record_id, warnings=("restored out of Twenty's bin",))

    def _create(self, payloads: Sequence[Payload]) -> None:
        """Create these; a batch that is refused as a whole is halved until the culprit is alone."""
        if len(payloads) == 1:
            self._create_one(payloads[0])
            return
        reply = self._send(payloads) if payloads else None
        if reply is None or self._settled(payloads, reply):
            return
        middle = len(payloads) // 2
        self._create(payloads[:middle])
        self._create(payloads[middle:])

    def _create_one(self, payload: Payload) -> None:
        for _ in range(_MOST_ATTEMPTS):
            reply = self._send([payload])
            if reply is None or self._settled([payload], reply):
                return
            step = self._after_refusal(payload, self.api.words(reply))
            if isinstance(step, Outcome):
                self._note([payload], step)
                return
            payload = step
        self._note([payload], Outcome.rejected("Twenty refused one value after another"))

    def _send(self, payloads: Sequence[Payload]) -> Reply | None:
        """The reply, or None after noting what became of them without one."""
        if self.refusal is not None:
            self._note(payloads, _not_sent(self.refusal))
            return None
        try:
            return self.api.create([payload.body for payload in payloads])
        except Ambiguous as doubt:
            self.wrote = True
            self._note(payloads, Outcome.unknown(doubt.message))
        except Fault as fault:
            self.refusal = _for_everybody(fault)
            if not self.wrote and not isinstance(fault, NotProcessed | WaitUntil):
                raise self.refusal from fault
            self._note(payloads, _not_sent(fault))
        return None

    def _settled(self, payloads: Sequence[Payload], reply: Reply) -> bool:
        """Note what became of all of them, if the reply tells."""
        if reply.status not in REFUSALS:
            self.wrote = True
            self._note_created(payloads, reply)
        elif self.api.words(reply) == _IN_BIN:
            self.wrote = True
            self._note_by_id(payloads)
        else:
            return False
        return True

    def _note(self, payloads: Sequence[Payload], outcome: Outcome) -> None:
        self.outcomes |= {payload.record_id: outcome for payload in payloads}

    def _note_created(self, payloads: Sequence[Payload], reply: Reply) -> None:
        try:
            shown = shown_ids(reply.json())
        except Ambiguous as doubt:
            self._note(payloads, Outcome.unknown(doubt.message))
            return
        for payload in payloads:
            outcome = Outcome.created(payload.record_id, warnings=payload.warnings)
            if payload.record_id not in shown:
                outcome = Outcome.unknown("Twenty's answer does not name the record with our id")
            self._note([payload], outcome)

    def _note_by_id(self, payloads: Sequence[Payload]) -> None:
        """A person deleted one of them after we looked: Twenty wrote all, then called it an error.

        The row in the bin was written over. What is live was made by this very request, or by
        another replica in the same moment.
        """
        try:
            found = self.finder.find_ids([each.record_id for each in payloads], with_bin=True)
        except Fault as fault:
            self._note(payloads, Outcome.unknown(fault.message))
            return
        for payload in payloads:
            one = found.get(payload.record_id)
            outcome = Outcome.unknown(f"Twenty says: {_IN_BIN}")
            if one is not None and one.in_bin:
                reason = f"{DELETED}; its values in the bin were replaced by ours"
                outcome = Outcome.existed(payload.record_id, reason=reason)
            elif one is not None:
                outcome = Outcome.created(payload.record_id, warnings=payload.warnings)
            self._note([payload], outcome)

    def _after_refusal(self, payload: Payload, said: str) -> Outcome | Payload:
        """What a refusal of one company means: an outcome, or what to send instead."""
        if _EXISTS.search(said):
            return self._already_there(payload.company, said)
        if "is missing in object metadata" in said:
            self.forget_schema()
        smaller = without_refused(payload, said)
        return Outcome.rejected(f"Twenty says: {said}") if smaller is None else smaller

    def _already_there(self, company: CompanyRef, said: str) -> Outcome:
        """Somebody was faster: which record is it?"""
        try:
            (found,) = self.finder.find_companies([company], with_bin=False)
        except Fault as fault:
            return _not_sent(fault)
        outcome = decide(company, found, recreate=False)
        if isinstance(outcome, Outcome):
            return outcome
        reason = f"Twenty says: {said}; which record holds it was not found"
        return Outcome.existed(None, reason=reason)


def shown_ids(body: Any) -> set[str]:
    """The ids of the companies that a create answers; empty where it answers something else."""
    data = body.get("data") if isinstance(body, dict) else None
    made = data if isinstance(data, dict) else {}
    rows = [made.get("createCompany"), *(made.get("createCompanies") or ())]
    return {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}


def _for_everybody(fault: Fault) -> Fault:
    """A refusal that has nothing to do with the company, such as 404, must not reject it."""
    if isinstance(fault, Permanent):
        message = f"{fault.message}; no company can be created so: check base_url"
        return NeedsPerson(fault.code, message, status=fault.status)
    return fault


def _not_sent(fault: Fault) -> Outcome:
    until = fault.until if isinstance(fault, WaitUntil) else None
    return Outcome.not_sent(fault.message, retry_at=until)
