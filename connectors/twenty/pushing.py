"""Creating companies in Twenty: look first, create only, and halve a batch that is refused."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sdk.batches import BatchRun, halves
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
    progress: BatchRun = field(default_factory=BatchRun)
    """By record id."""

    def run(self, items: Sequence[PushItem]) -> list[Outcome]:
        """Push companies; one outcome for each, in order.

        Raises:
            Fault: nothing was written, and nothing can be.
        """
        found = self.finder.find_companies([item.company for item in items], with_bin=True)
        queue: dict[str, PushItem] = {}
        for item, records in zip(items, found, strict=True):
            record_id = record_id_of(item.company.key)
            if record_id not in queue and record_id not in self.progress.outcomes:
                self._settle(item, records, queue)
        payloads = [self.draft(item) for item in queue.values()]
        self.progress.send(payloads, insert=self._insert, read=self._read)
        return [self.progress.outcomes[record_id_of(item.company.key)] for item in items]

    def _settle(self, item: PushItem, found: list[Found], queue: dict[str, PushItem]) -> None:
        record_id = record_id_of(item.company.key)
        match decide(item.company, found, recreate=self.recreate):
            case None:
                queue[record_id] = item
            case Restore():
                self.progress.outcomes[record_id] = self._restore(item.company, record_id)
            case outcome:
                self.progress.outcomes[record_id] = outcome

    def _restore(self, company: CompanyRef, record_id: str) -> Outcome:
        try:
            self.api.restore(record_id)
        except Permanent as refused:
            return self._already_there(company, refused.message)
        except (NotProcessed, WaitUntil) as fault:
            # Also when in doubt: restoring it again does no harm.
            return Outcome.not_sent_after(fault)
        self.progress.written = True
        return Outcome.created(record_id, warnings=("restored out of Twenty's bin",))

    def _insert(self, payloads: Sequence[Payload]) -> Reply:
        try:
            return self.api.create([payload.body for payload in payloads])
        except Permanent as refused:
            # It has nothing to do with the companies, such as 404, and must not reject them.
            message = f"{refused.message}; no company can be created so: check base_url"
            raise NeedsPerson(refused.code, message, status=refused.status) from refused

    def _read(self, payloads: Sequence[Payload], reply: Reply) -> list[Sequence[Payload]]:
        """Note what became of them; gives what is to be sent again: halved, or with less in it."""
        if reply.status not in REFUSALS:
            self.progress.written = True
            self._note_created(payloads, reply)
            return []
        said = self.api.words(reply)
        if said == _IN_BIN:
            self.progress.written = True
            self._note_by_id(payloads)
            return []
        if len(payloads) > 1:
            return halves(payloads)
        step = self._after_refusal(payloads[0], said)
        if isinstance(step, Payload):
            return [[step]]
        self.progress.settle(payloads, step)
        return []

    def _note_created(self, payloads: Sequence[Payload], reply: Reply) -> None:
        try:
            shown = shown_ids(reply.json())
        except Ambiguous as doubt:
            self.progress.settle(payloads, Outcome.unknown(doubt.message))
            return
        for payload in payloads:
            outcome = Outcome.created(payload.record_id, warnings=payload.warnings)
            if payload.record_id not in shown:
                outcome = Outcome.unknown("Twenty's answer does not name the record with our id")
            self.progress.settle([payload], outcome)

    def _note_by_id(self, payloads: Sequence[Payload]) -> None:
        """A person deleted one of them after we looked: Twenty wrote all, then called it an error.

        The row in the bin was written over. What is live was made by this very request, or by
        another replica in the same moment.
        """
        try:
            found = self.finder.find_ids([each.record_id for each in payloads], with_bin=True)
        except Fault as fault:
            self.progress.settle(payloads, Outcome.unknown(fault.message))
            return
        for payload in payloads:
            one = found.get(payload.record_id)
            outcome = Outcome.unknown(f"Twenty says: {_IN_BIN}")
            if one is not None and one.in_bin:
                reason = f"{DELETED}; its values in the bin were replaced by ours"
                outcome = Outcome.existed(payload.record_id, reason=reason)
            elif one is not None:
                outcome = Outcome.created(payload.record_id, warnings=payload.warnings)
            self.progress.settle([payload], outcome)

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
            return Outcome.not_sent_after(fault)
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
