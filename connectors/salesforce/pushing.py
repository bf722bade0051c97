"""Creating accounts in Salesforce, each once.

First a read by our key, in the recycle bin too: what is there is left alone, and what a person
deleted stays deleted. What is absent is created by ``POST /composite/sobjects``: a create, and not
the upsert by external ID, since an upsert would write over whatever came up in between. Both are
stopped by the same unique field; a create that meets it is told ``DUPLICATE_VALUE``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from connectors.salesforce.accounts import Json, stored_key
from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.drafts import Draft
from connectors.salesforce.faults import body_of
from connectors.salesforce.refusals import GONE, Refusal, read_refusals
from connectors.salesforce.verdicts import Again, Ask, Drop, Verdict, decide, held_outcome
from connectors.sdk.clock import Clock
from connectors.sdk.faults import Ambiguous, Fault, WaitUntil
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem

_MOST_ATTEMPTS = 4
_LOCK_PAUSE = 1.0


@dataclass(slots=True)
class _Run:
    """What became of one call of ``push`` so far, by folded key."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    written: bool = False
    """Something was carried out, or may have been; a fault may no longer stand for all."""


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
        run = _Run()
        fresh = []
        for key, each in first_of.items():
            outcome = held_outcome(held.get(key, ()), recreate=self.recreate)
            if outcome is None:
                fresh.append(each)
            else:
                run.outcomes[key] = outcome
        self._send(fresh, run)
        return [_outcome_of(each, first_of[each.key], run) for each in drafts]

    def _send(self, drafts: Sequence[Draft], run: _Run) -> None:
        """Send until every draft has an outcome; each round changes, halves or repeats a batch."""
        waiting = [list(drafts)] if drafts else []
        while waiting:
            batch = waiting.pop()
            if batch[0].attempts > 1:
                self.clock.sleep(_LOCK_PAUSE * batch[0].attempts)
            try:
                reply = self.api.insert([each.values for each in batch])
            except Ambiguous as doubt:
                run.written = True
                _settle(run, batch, Outcome.unknown(doubt.message))
                continue
            except Fault as fault:
                _hold([batch, *waiting], run, fault)
                return
            body = body_of(reply)
            if reply.status < HTTPStatus.BAD_REQUEST:
                run.written = True
                waiting += self._read_results(batch, body, run)
            else:
                waiting += self._split(batch, read_refusals(body), run)

    def _split(
        self, batch: Sequence[Draft], refusals: Sequence[Refusal], run: _Run
    ) -> list[list[Draft]]:
        """The whole request was refused, for one record or for a field of all of them."""
        written = {name for each in batch for name in each.values}
        named = {name for each in refusals if each.code == GONE for name in each.fields}
        if len(batch) > 1 and not written & named:
            middle = len(batch) // 2
            return [list(batch[:middle]), list(batch[middle:])]
        again = [self._after(each, refusals, run) for each in batch]
        return [[each for each in again if each is not None]] if any(again) else []

    def _read_results(self, batch: Sequence[Draft], body: object, run: _Run) -> list[list[Draft]]:
        """Note what was done; gives what is to be sent again. Results are in the records' order."""
        if not isinstance(body, list) or len(body) != len(batch):
            text = "Salesforce's reply does not have one result for each record"
            _settle(run, batch, Outcome.unknown(text))
            return []
        read = [self._read(each, result, run) for each, result in zip(batch, body, strict=True)]
        again = [each for each in read if each is not None]
        locked = [each for each in again if each.attempts > batch[0].attempts]
        changed = [each for each in again if each.attempts == batch[0].attempts]
        return [group for group in (locked, changed) if group]

    def _read(self, each: Draft, result: object, run: _Run) -> Draft | None:
        """Note the outcome of one record; or gives it as it is to be sent again."""
        found = result if isinstance(result, dict) else {}
        if found.get("success") is False:
            return self._after(each, read_refusals(found.get("errors")), run)
        if found.get("success") is True and isinstance(found.get("id"), str):
            _settle(run, [each], Outcome.created(found["id"], warnings=each.warnings))
        else:
            _settle(run, [each], Outcome.unknown("Salesforce's result has an unexpected shape"))
        return None

    def _after(self, each: Draft, refusals: Sequence[Refusal], run: _Run) -> Draft | None:
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
        _settle(run, [each], outcome)
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


def _outcome_of(each: Draft, first: Draft, run: _Run) -> Outcome:
    outcome = run.outcomes[each.key]
    if each is not first and outcome.kind is OutcomeKind.CREATED:
        return Outcome.existed(outcome.record_id, reason="it was in this batch already")
    return outcome


def _settle(run: _Run, drafts: Iterable[Draft], outcome: Outcome) -> None:
    run.outcomes |= {each.key: outcome for each in drafts}


def _hold(batches: Iterable[Sequence[Draft]], run: _Run, fault: Fault) -> None:
    """Nothing happened to these; the fault is raised where it can stand for the whole push."""
    if not run.written:
        raise fault
    retry_at = fault.until if isinstance(fault, WaitUntil) else None
    for batch in batches:
        _settle(run, batch, Outcome.not_sent(fault.message, retry_at=retry_at))
