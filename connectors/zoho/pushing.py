"""Creating companies in Zoho, each once: plain inserts that the unique field of our key guards.

Never an upsert: it would write over what people changed, and without ``duplicate_check_fields`` it
takes the account of the same *name* for the record. An insert of a key that is there is answered
with ``DUPLICATE_DATA`` and the record's id, at once and without any index.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, NotProcessed, WaitUntil
from connectors.sdk.http import Reply
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from connectors.zoho.accounts import as_record, is_company
from connectors.zoho.api import ZohoApi
from connectors.zoho.fields import NAME, Draft, Fields, name_length, needed, new_draft
from connectors.zoho.verdicts import Verdict, VerdictKind, is_whole_refusal, read_verdicts

_UNTOUCHED = (NotProcessed, WaitUntil, NeedsPerson)


@dataclass(slots=True)
class _Run:
    """What became of one call of ``push`` so far."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    written: bool = False
    """Something was carried out, or may have been; a fault may no longer stand for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Sends companies and reads Zoho's verdict on each.

    ``fields`` are the organisation's definitions; ``find`` gives the record that holds our key.
    """

    api: ZohoApi
    mapping: FieldMapping
    key_field: str
    fields: Fields
    find: Callable[[CompanyRef], CrmRecord | None]

    def push(self, items: Sequence[PushItem]) -> list[Outcome]:
        """One outcome for each item, in order.

        Raises:
            Fault: nothing was carried out for any item.
        """
        first_of = {item.company.key.casefold(): item for item in reversed(items)}
        run = _Run()
        self._send([self._draft(item) for item in reversed(first_of.values())], run)
        return [_outcome_of(item, first_of[item.company.key.casefold()], run) for item in items]

    def _draft(self, item: PushItem) -> Draft:
        return new_draft(item, self.mapping, self.fields, self.key_field)

    def _send(self, drafts: list[Draft], run: _Run) -> None:
        """Send until every draft has an outcome; each round drops a field or halves a batch."""
        waiting = [drafts] if drafts else []
        while waiting:
            batch = waiting.pop()
            try:
                reply = self.api.insert([draft.values for draft in batch])
            except Ambiguous as doubt:
                run.written = True
                _settle(run, batch, Outcome.unknown(doubt.message))
                continue
            except _UNTOUCHED as fault:
                _hold([batch, *waiting], run, fault)
                return
            waiting += self._read(batch, reply, run)

    def _read(self, batch: list[Draft], reply: Reply, run: _Run) -> list[list[Draft]]:
        """Note what was done; gives what is to be sent again."""
        if is_whole_refusal(reply):
            return self._after_whole_refusal(batch, reply, run)
        run.written = True
        verdicts = read_verdicts(reply, len(batch))
        if verdicts is None:
            text = "Zoho's reply does not say of each company what became of it"
            _settle(run, batch, Outcome.unknown(text))
            return []
        again: list[Draft] = []
        for draft, verdict in zip(batch, verdicts, strict=True):
            step = self._decide(draft, verdict)
            if isinstance(step, Outcome):
                run.outcomes[draft.item.trace_id] = step
            else:
                again.append(step)
        return [again] if again else []

    def _after_whole_refusal(
        self, batch: list[Draft], reply: Reply, run: _Run
    ) -> list[list[Draft]]:
        """One company of the batch is to blame, hopefully: the rest goes out without it."""
        if len(batch) > 1:
            middle = len(batch) // 2
            return [batch[middle:], batch[:middle]]
        said = self.api.cut(reply.body.decode(errors="replace"))
        _settle(run, batch, Outcome.rejected(f"Zoho refuses it: {said}"))
        return []

    def _decide(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        match verdict.kind:
            case VerdictKind.CREATED if verdict.record_id is not None:
                return Outcome.created(verdict.record_id, warnings=draft.warnings)
            case VerdictKind.DUPLICATE:
                return self._after_duplicate(draft, verdict)
            case VerdictKind.MISSING:
                text = f'Zoho demands the field "{verdict.field}": map it in config.toml'
                return Outcome.rejected(text)
            case VerdictKind.REFUSED:
                return self._after_refusal(draft, verdict)
        return Outcome.unknown(f"Zoho answers: {self.api.cut(verdict.said)}")

    def _after_refusal(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        said = self.api.cut(verdict.said)
        if verdict.field in draft.values and verdict.field not in needed(self.key_field):
            return draft.without(verdict.field, f"Zoho says {said}")
        about = f'"{verdict.field}": ' if verdict.field else ""
        return Outcome.rejected(f"Zoho refuses it: {about}{said}")

    def _after_duplicate(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        """Our key is there; or a value that people keep unique, here or in another company."""
        company, name = draft.item.company, verdict.field
        try:
            if name in {self.key_field, ""}:
                return self._held(company, verdict)
            holder = self._read_holder(verdict)
        except Fault as fault:
            return Outcome.unknown(f"Zoho says it holds the company, and then: {fault.message}")
        if holder is not None and is_company(holder, company):
            return Outcome.existed(holder.record_id, reason=f"{name} is unique in Zoho")
        if name == NAME and not draft.renamed:
            return draft.named_apart(name_length(self.fields))
        if name == NAME or name not in draft.values:
            return Outcome.rejected(f'Zoho holds another account with the same "{name}"')
        return draft.without(name, "another account has the value, and it is unique in Zoho")

    def _held(self, company: CompanyRef, verdict: Verdict) -> Outcome:
        if verdict.record_id is not None:
            return Outcome.existed(verdict.record_id, reason="it has our key")
        found = self.find(company)
        record_id = None if found is None else found.record_id
        return Outcome.existed(record_id, reason="Zoho's unique field says so")

    def _read_holder(self, verdict: Verdict) -> CrmRecord | None:
        if verdict.record_id is None:
            return None
        rows = self.api.read_by_id([verdict.record_id])
        return as_record(rows[0], self.key_field) if rows else None


def _outcome_of(item: PushItem, first: PushItem, run: _Run) -> Outcome:
    outcome = run.outcomes[first.trace_id]
    if item is not first and outcome.kind is OutcomeKind.CREATED:
        return Outcome.existed(outcome.record_id, reason="it was in this batch already")
    return outcome


def _settle(run: _Run, drafts: Iterable[Draft], outcome: Outcome) -> None:
    run.outcomes |= {draft.item.trace_id: outcome for draft in drafts}


def _hold(batches: Iterable[Sequence[Draft]], run: _Run, fault: Fault) -> None:
    """Nothing happened to these; the fault is raised where it can stand for the whole push."""
    if not run.written:
        raise fault
    retry_at = fault.until if isinstance(fault, WaitUntil) else None
    for batch in batches:
        _settle(run, batch, Outcome.not_sent(fault.message, retry_at=retry_at))
