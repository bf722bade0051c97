"""Creating accounts in Salesforce, each once.

First a read by our key, in the recycle bin too: what is there is left alone, and what a person
deleted stays deleted. What is absent is created by ``POST /composite/sobjects``: a create, and not
the upsert by external ID, since an upsert would write over whatever came up in between. Both are
stopped by the same unique field; a create that meets it is told ``DUPLICATE_VALUE``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from connectors.salesforce.accounts import Json, stored_key
from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.drafts import Draft
from connectors.salesforce.faults import body_of
from connectors.salesforce.refusals import GONE, Refusal, read_refusals
from connectors.salesforce.verdicts import Again, Ask, Drop, Verdict, decide, held_outcome
from connectors.sdk.batches import BatchRun, halves, outcomes_in_order
from connectors.sdk.clock import Clock
from connectors.sdk.faults import Fault
from connectors.sdk.http import Reply
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem

_MOST_ATTEMPTS = 4
_LOCK_PAUSE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Sends companies and reads Salesforce's verdict on each.

    ``held`` gives the accounts that have any of these keys, deleted ones too, by folded key;
    ``at_domain`` the live records of one company; ``recreate``: deleted ones are made anew.
    """

    api: SalesforceApi
    clock: Clock
    draft: Callable[[PushItem], Draft]
    held: Callable[[Sequence[str]], Mapping[str, Sequence[Json]]]
    at_domain: Callable[[CompanyRef], Sequence[CrmRecord]]
    key_field: str
    recreate: bool

    def push(self, items: Sequence[PushItem]) -> list[Outcome]:
        """One outcome for each item, in order.

        Raises:
            Fault: nothing was carried out for any item.
        """
        drafts = [self.draft(item) for item in items]
        first_of: dict[str, Draft] = {}
        for each in drafts:
            first_of.setdefault(each.key, each)
        held = self.held([stored_key(each.item.company.key) for each in first_of.values()])
        run = BatchRun()
        fresh = []
        for key, each in first_of.items():
            outcome = held_outcome(held.get(key, ()), recreate=self.recreate)
            if outcome is None:
                fresh.append(each)
            else:
                run.outcomes[key] = outcome
        run.send(
            fresh, insert=self._insert, read=lambda batch, reply: self._read(batch, reply, run)
        )
        return outcomes_in_order([each.key for each in drafts], run.outcomes)

    def _insert(self, batch: Sequence[Draft]) -> Reply:
        if batch[0].attempts > 1:
            self.clock.sleep(_LOCK_PAUSE * batch[0].attempts)
        return self.api.insert([each.values for each in batch])

    def _read(self, batch: Sequence[Draft], reply: Reply, run: BatchRun) -> list[Sequence[Draft]]:
        """Note what was done; gives what is to be sent again: changed, halved or the same."""
        body = body_of(reply)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            return self._split(batch, read_refusals(body), run)
        run.written = True
        return self._read_results(batch, body, run)

    def _split(
        self, batch: Sequence[Draft], refusals: Sequence[Refusal], run: BatchRun
    ) -> list[Sequence[Draft]]:
        """The whole request was refused, for one record or for a field of all of them."""
        written = {name for each in batch for name in each.values}
        named = {name for each in refusals if each.code == GONE for name in each.fields}
        if len(batch) > 1 and not written & named:
            return halves(batch)
        again = [self._after(each, refusals, run) for each in batch]
        return [[each for each in again if each is not None]] if any(again) else []

    def _read_results(
        self, batch: Sequence[Draft], body: object, run: BatchRun
    ) -> list[Sequence[Draft]]:
        """Note what was done; gives what is to be sent again. Results are in the records' order."""
        if not isinstance(body, list) or len(body) != len(batch):
            text = "Salesforce's reply does not have one result for each record"
            run.settle(batch, Outcome.unknown(text))
            return []
        read = [
            self._read_result(each, result, run) for each, result in zip(batch, body, strict=True)
        ]
        again = [each for each in read if each is not None]
        locked = [each for each in again if each.attempts > batch[0].attempts]
        changed = [each for each in again if each.attempts == batch[0].attempts]
        return [group for group in (locked, changed) if group]

    def _read_result(self, each: Draft, result: object, run: BatchRun) -> Draft | None:
        """Note the outcome of one record; or gives it as it is to be sent again."""
        found = result if isinstance(result, dict) else {}
        if found.get("success") is False:
            return self._after(each, read_refusals(found.get("errors")), run)
        if found.get("success") is True and isinstance(found.get("id"), str):
            run.settle([each], Outcome.created(found["id"], warnings=each.warnings))
        else:
            run.settle([each], Outcome.unknown("Salesforce's result has an unexpected shape"))
        return None

    def _after(self, each: Draft, refusals: Sequence[Refusal], run: BatchRun) -> Draft | None:
        """Note the outcome of a refused record; or gives it as it is to be sent again."""
        verdict: Verdict = decide(each, refusals, key_field=self.key_field)
        match verdict:
            case Drop(names=names, why=why):
                return each.without(names, self.api.shown(why))
            case Again() if each.attempts < _MOST_ATTEMPTS:
                return each.once_more()
            case Again(why=why):
                outcome = Outcome.not_sent(self.api.shown(why))
            case Ask():
                outcome = self._ask(each, verdict)
            case _:
                outcome = replace(verdict, reason=self.api.shown(verdict.reason))
        run.settle([each], outcome)
        return None

    def _ask(self, each: Draft, verdict: Ask) -> Outcome:
        """Salesforce holds it already, it says: which record is it?"""
        company = each.item.company
        try:
            rows = self.held([stored_key(company.key)]).get(each.key, ())
            found = held_outcome(rows, recreate=True)
            if found is None and verdict.record_id is None and company.domain is not None:
                records = self.at_domain(company)
                found = Outcome.existed(records[0].record_id) if records else None
        except Fault as fault:
            return Outcome.unknown(f"{verdict.why}; and then: {fault.message}")
        if found is None and not verdict.certain:
            return Outcome.rejected(self.api.shown(f"Salesforce refuses it: {verdict.why}"))
        record_id = verdict.record_id if found is None else found.record_id
        return Outcome.existed(record_id, reason=self.api.shown(verdict.why))
